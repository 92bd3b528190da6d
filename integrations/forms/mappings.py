"""The forms on the mapping: one rule, its removal, the filter of the list."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.choices import offer


class RuleForm(forms.Form):
    """One QAD code and the Anaplan member that stands for it."""

    dimension = forms.ChoiceField()
    code = forms.CharField(
        label="QAD code", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    member = forms.CharField(
        label="Anaplan member",
        max_length=200,
        help_text="As the import expects it: the member's code or name.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self, dimensions: Sequence[tuple[str, str]], *arguments: Any, **keywords: Any
    ) -> None:
        super().__init__(*arguments, **keywords)
        offer(self, "dimension", dimensions)


class RemoveRuleForm(forms.Form):
    """The rules to remove: all that hold the same codes, whatever their dates."""

    dimension = forms.CharField(max_length=30)
    code = forms.CharField(max_length=80, required=False)
    kind = forms.CharField(max_length=10, required=False, empty_value="exact")
    code_to = forms.CharField(max_length=80, required=False)
    domain = forms.CharField(max_length=20, required=False)


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
