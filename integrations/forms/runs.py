"""The forms on runs: starting one, filtering the list, choosing records, signing off."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.choices import offer

ALL_PERIODS = ""


class StartRunForm(forms.Form):
    """Which sync to run, and over which period of the books; all of them where none is given."""

    sync = forms.TypedChoiceField(coerce=int, empty_value=None)
    period = forms.CharField(
        required=False,
        max_length=7,
        widget=forms.TextInput(
            attrs={"list": "known-periods", "placeholder": "all", "autocomplete": "off"}
        ),
    )

    def __init__(self, syncs: Sequence[tuple[int, str]], *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.syncs = syncs
        offer(self, "sync", syncs)

    def clean_period(self) -> list[int] | None:
        """Read 2026/11, 2026-11 or 202611 as a fiscal period; nothing as all of them."""
        text = self.cleaned_data["period"].strip().replace("/", "").replace("-", "")
        if text in (ALL_PERIODS, "all"):
            return None
        if len(text) != 6 or not text.isdecimal() or text[4:] == "00":
            raise forms.ValidationError(
                "Write a fiscal period as year and number, for example 2026/11."
            )
        return [int(text)]


class RunFilterForm(forms.Form):
    """What the run list shows."""

    state = forms.ChoiceField(required=False)
    sync = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)

    def __init__(
        self,
        states: Sequence[tuple[str, str]],
        syncs: Sequence[tuple[int, str]],
        *arguments: Any,
        **keywords: Any,
    ) -> None:
        super().__init__(*arguments, **keywords)
        offer(self, "state", [("", "All states"), *states])
        offer(self, "sync", [("", "All syncs"), *syncs])


class RecordsForm(forms.Form):
    """Which records of one reason to replay: those chosen, or all that are still open."""

    verdict = forms.CharField(max_length=10)
    code = forms.CharField(max_length=60)
    scope = forms.ChoiceField(choices=[("chosen", "chosen"), ("all", "all")])
    record = forms.TypedMultipleChoiceField(required=False, coerce=int)

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        chosen = self.data.getlist("record") if hasattr(self.data, "getlist") else []
        numbers = [text for text in chosen if text.isdecimal()]
        offer(self, "record", ((text, text) for text in numbers))

    def clean(self) -> dict[str, Any]:
        """Refuse an empty choice."""
        cleaned = self.cleaned_data
        if cleaned.get("scope") == "chosen" and not cleaned.get("record"):
            raise forms.ValidationError("Choose at least one record.")
        return cleaned


class SignOffForm(forms.Form):
    """What whoever signs wants to have beside their name."""

    note = forms.CharField(
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept beside your name. It may be empty.",
    )
