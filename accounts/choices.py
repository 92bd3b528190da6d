"""Choice fields whose choices depend on who is asked, or on what is there."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms


def offer(form: forms.Form, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
    """Give a choice field of a form its choices."""
    cast(forms.ChoiceField, form.fields[name]).choices = list(choices)
