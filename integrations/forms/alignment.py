"""The forms on the lists of both systems: the filter, the choice of a list, what was seen."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.choices import offer
from integrations.models import MemberCarries
from integrations.pipeline.code_lists import LISTED
from integrations.selectors.alignment import CHANGED_AT, KINDS
from integrations.services.list_choices import ListChoice

LAST_PAGE = 100_000
BY_CODE = MemberCarries.CODE
_DIMENSIONS = [(name, name) for name in LISTED]


class AlignmentFilterForm(forms.Form):
    """What the page of lists shows: a dimension, a kind of difference, and a text in them."""

    dimension = forms.ChoiceField(choices=_DIMENSIONS, required=False, widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        choices=[(name, name) for name in KINDS], required=False, widget=forms.HiddenInput
    )
    text = forms.CharField(
        label="Code or name", required=False, max_length=80, widget=forms.SearchInput()
    )
    seen = forms.BooleanField(label="Seen ones too", required=False)
    page = forms.IntegerField(
        required=False, min_value=1, max_value=LAST_PAGE, widget=forms.HiddenInput
    )


class ChooseListForm(forms.Form):
    """The Anaplan list that a dimension is mapped to."""

    dimension = forms.ChoiceField(choices=_DIMENSIONS, widget=forms.HiddenInput)
    chosen = forms.ChoiceField(label="Anaplan list")
    carries = forms.ChoiceField(
        label="The import knows its members by",
        choices=MemberCarries.choices,
        widget=forms.RadioSelect,
        initial=BY_CODE,
    )

    def __init__(self, offers: Sequence[tuple[str, str]], *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        offer(self, "chosen", [("", "Choose a list"), *offers])

    def choice(self) -> ListChoice:
        """Return what was chosen."""
        target_id, model_id, name = self.cleaned_data["chosen"].split("|", 2)
        return ListChoice(int(target_id), model_id, name, self.cleaned_data["carries"])


class DimensionForm(forms.Form):
    """The dimension that something is done for."""

    dimension = forms.ChoiceField(choices=_DIMENSIONS)


class MarkSeenForm(DimensionForm):
    """Differences that were seen: all of a kind up to a moment, or those of one code."""

    kind = forms.ChoiceField(choices=[(name, name) for name in CHANGED_AT])
    code = forms.CharField(max_length=80, required=False, strip=False)
    source = forms.IntegerField(required=False, min_value=1)
    until = forms.DateTimeField(required=False)
