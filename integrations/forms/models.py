"""The forms on models: finding one in the list, and pasting one."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.choices import offer


class ModelFilterForm(forms.Form):
    """Which of the models are shown."""

    workspace = forms.ChoiceField(required=False)
    text = forms.CharField(
        label="Name or id", required=False, max_length=80, widget=forms.SearchInput()
    )

    def __init__(
        self, workspaces: Sequence[tuple[str, str]], *arguments: Any, **keywords: Any
    ) -> None:
        super().__init__(*arguments, **keywords)
        offer(self, "workspace", [("", "All workspaces"), *workspaces])


class ChooseModelForm(forms.Form):
    """The model that was pressed in the list, or what was pasted."""

    given = forms.CharField(
        label="Address or id of the model",
        max_length=2_000,
        help_text="Open the model in Anaplan and copy the browser's address.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
