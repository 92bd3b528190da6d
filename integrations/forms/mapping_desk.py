"""The forms of the mapping desk: one click, all suggestions, the draft and its approval."""

from collections.abc import Collection
from typing import Any

from django import forms

from accounts.choices import offer

LEAST = ((95, "95 % or more"), (90, "90 % or more"), (70, "70 % or more"))


class MapCodeForm(forms.Form):
    """A code and the member that takes it."""

    dimension = forms.CharField(max_length=30, widget=forms.HiddenInput)
    code = forms.CharField(max_length=80, required=False, strip=False, widget=forms.HiddenInput)
    member = forms.CharField(
        label="Anaplan member",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    anyway = forms.BooleanField(label="The member comes later", required=False)


class DeskFilterForm(forms.Form):
    """Which codes the desk shows, as its address says it."""

    dimension = forms.ChoiceField(required=False)
    text = forms.CharField(label="Find", required=False, max_length=80, widget=forms.SearchInput())
    page = forms.CharField(required=False, max_length=9, widget=forms.HiddenInput)

    def __init__(self, dimensions: Collection[Any], *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        offer(self, "dimension", [("", "All dimensions"), *dimensions])

    @property
    def chosen(self) -> dict[str, str]:
        """What was chosen, as far as it can be understood."""
        self.is_valid()
        return {
            name: self.cleaned_data[name] for name in self.fields if self.cleaned_data.get(name)
        }


class RefusedEntryForm(forms.Form):
    """A member that was refused for a code, as the desk's address keeps it."""

    dimension = forms.CharField(max_length=30)
    code = forms.CharField(max_length=80, required=False, strip=False)
    member = forms.CharField(max_length=200, required=False)
    unknown = forms.BooleanField(required=False)


class AcceptForm(forms.Form):
    """From which score on suggestions are taken; `seen` is the digest of those that were shown."""

    least = forms.TypedChoiceField(
        label="Suggestions from", choices=LEAST, coerce=int, required=False, initial=90
    )
    dimension = forms.CharField(max_length=30, required=False, widget=forms.HiddenInput)
    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)


class ApproveDraftForm(forms.Form):
    """A word on the version, whether what was held is let go, and the digest of what was seen."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    note = forms.CharField(
        label="What has changed",
        max_length=200,
        required=False,
        help_text="One line for the list of versions.",
    )
    release = forms.BooleanField(
        label="Replay the records that waited for these codes", required=False, initial=True
    )


class StartForm(forms.Form):
    """The period from which the changes of a draft count."""

    period = forms.TypedChoiceField(label="Count from", coerce=int, choices=())

    def __init__(self, periods: Collection[Any], *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        offer(self, "period", list(periods))
