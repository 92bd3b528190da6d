"""The filter of the list of rules."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.choices import offer


class RuleFilterForm(forms.Form):
    """What the mapping list shows."""

    dimension = forms.ChoiceField(required=False)
    text = forms.CharField(
        label="Code or member", required=False, max_length=80, widget=forms.SearchInput()
    )

    def __init__(
        self, dimensions: Sequence[tuple[str, str]], *arguments: Any, **keywords: Any
    ) -> None:
        super().__init__(*arguments, **keywords)
        offer(self, "dimension", [("", "All dimensions"), *dimensions])
