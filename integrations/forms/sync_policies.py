"""The questions of the sync editor on policies: what is read, and what stops or holds a run."""

import re
from typing import Any

import msgspec
from django import forms

from integrations.pipeline.policies import Policies
from integrations.selectors.syncs import GATES
from integrations.transport.errors import IntegrationError

_CLOSED_CHANGES = (
    ("load", "Load it, with a warning that names it"),
    ("approve", "Hold it until a second person has approved it"),
)
_MARK = "closed_changes"
"""Comes with every form in which the questions were put."""
_MAY_BE_EMPTY = ("final_only", "closed_periods", "retry_failed", "quiet_from", "quiet_to")
_BOUND = re.compile(r"Expected `int` ([<>])= (\d+)")


def _number(label: str, help_text: str, **keywords: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        required=False,
        widget=forms.NumberInput(attrs={"min": 0, "autocomplete": "off"}),
        **keywords,
    )


def _clock(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=5,
        help_text="By the organization's clock, such as 22:30. Empty: at any time.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "22:30"}),
    )


class PolicyFields(forms.Form):
    """The policies of a sync, each as a question of the name that it has there."""

    final_only = forms.BooleanField(
        label="Load closed periods only",
        required=False,
        help_text="Figures of a period that QAD has not closed are preliminary. With this they "
        "are not read.",
    )
    closed_periods = _number(
        "How many closed periods are read again",
        "The last ones. Empty stands for all; with 0 none is, but those whose state has changed.",
    )
    closed_hours = _number(
        "How many hours apart",
        "With 24 a closed period is read once a day, with 168 once a week, with 0 by each run.",
        initial=0,
    )
    closed_changes = forms.ChoiceField(
        label="When a closed period has changed",
        choices=_CLOSED_CHANGES,
        required=False,
        initial="load",
        help_text="Nobody approves what a run of their own has found.",
    )
    volume_gate = forms.ChoiceField(
        label="When there are far more or fewer rows than usual",
        choices=GATES,
        required=False,
        initial="warn",
        help_text="An entity's period is compared with its last reading, a new one with the "
        "three periods before it.",
    )
    volume_share = _number("How far from the usual, in percent", "", initial=50)
    empty_gate = forms.ChoiceField(
        label="When a period that had rows has none",
        choices=GATES,
        required=False,
        initial="block",
        help_text="Loading it would send zeros to all its cells.",
    )

    read_back_hours = _number(
        "For how many hours an unchanged period needs no new reading back",
        "With 0 every run reads back. With more, a run that has nothing to send is green by the "
        "last reading back, and says how old that is.",
        initial=0,
    )
    retry_failed = forms.BooleanField(
        label="Try again what Anaplan has refused",
        required=False,
        initial=True,
        help_text="By each run. Without it such cells wait until somebody replays them.",
    )

    quiet_from = _clock("No load begins from")
    quiet_to = _clock("… until")

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        if not self.is_bound or _MARK in self.data:
            for name in PolicyFields.base_fields.keys() - set(_MAY_BE_EMPTY):
                self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        """Refuse answers that are no policies, each at its question."""
        super().clean()
        answers = {
            name: value
            for name in PolicyFields.base_fields
            if (value := self.cleaned_data.get(name)) not in (None, "")
        }
        try:
            self.cleaned_data["policies"] = Policies.parse(answers)
        except IntegrationError as error:
            place, reason = str(error.facts["place"]), str(error.facts["reason"])
            self.add_error(place if place in self.fields else None, _words(reason))
        return self.cleaned_data

    def policies(self) -> Policies | None:
        """Return what was answered; None where the questions were not put."""
        return self.cleaned_data["policies"] if _MARK in self.data else None


def policy_answers(policies: dict[str, Any]) -> dict[str, Any]:
    """Return a sync's policies as the questions show them; as they stand where they are faulty."""
    try:
        return msgspec.structs.asdict(Policies.parse(policies))
    except IntegrationError:
        return policies


def _words(reason: str) -> str:
    if "regex" in reason:
        return "Write a time such as 22:30."
    bound = _BOUND.fullmatch(reason)
    if bound is None:
        return f"{reason}."
    return f"Write a number of {'at least' if bound[1] == '>' else 'at most'} {bound[2]}."
