"""The forms of one key of the mapping: what it holds, and who takes it when."""

import re
from decimal import Decimal
from typing import Any

from django import forms

from accounts.choices import offer
from integrations.forms.mapping_grid import is_period
from integrations.models import RuleKind
from integrations.pipeline.mapping_changes import Parts
from integrations.pipeline.rule_texts import parts_from_text
from integrations.pipeline.rules import WHOLE, RuleKey
from integrations.selectors.mapping_rule import RuleView
from integrations.selectors.mappings import DIMENSIONS
from integrations.services.mapping_rules import Between

PARTS_AT_MOST = 20
_PERCENT = re.compile(r"(\d{1,3})(?:[.,](\d{1,10}))?\s*%?", re.ASCII)
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class RuleKeyForm(forms.Form):
    """Which codes a rule holds; spaces at either end of a code are part of it."""

    dimension = forms.ChoiceField(choices=DIMENSIONS)
    kind = forms.ChoiceField(
        label="Holds",
        required=False,
        choices=[
            (RuleKind.EXACT, "One code"),
            (RuleKind.PREFIX, "Codes that begin with"),
            (RuleKind.RANGE, "Codes from … to …"),
            (RuleKind.DEFAULT, "All other codes"),
        ],
    )
    code = forms.CharField(
        label="QAD code", required=False, max_length=80, strip=False, widget=forms.TextInput(_PLAIN)
    )
    code_to = forms.CharField(
        label="Last code",
        required=False,
        max_length=80,
        strip=False,
        widget=forms.TextInput(_PLAIN),
    )
    domain = forms.CharField(required=False, max_length=20, widget=forms.TextInput(_PLAIN))

    def clean(self) -> dict[str, Any]:
        """Ask for the codes that the kind needs, and forget those that it has no use for."""
        found = super().clean() or self.cleaned_data
        kind = found["kind"] = found.get("kind") or RuleKind.EXACT
        if kind in (RuleKind.PREFIX, RuleKind.RANGE) and not found.get("code"):
            self.add_error("code", "Write the code.")
        if kind == RuleKind.RANGE and not found.get("code_to"):
            self.add_error("code_to", "Write the last code of the range.")
        if kind == RuleKind.DEFAULT:
            found["code"] = ""
        if kind != RuleKind.RANGE:
            found["code_to"] = ""
        return found

    @property
    def key(self) -> RuleKey:
        """The key that the form names."""
        return RuleKey(*(self.cleaned_data[name] for name in RuleKey._fields))


class RulePartsForm(forms.Form):
    """Who takes a key, by which parts and in which periods; `rows` members can be named."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    scope = forms.ChoiceField(label="Counts for", widget=forms.RadioSelect)
    valid_from = forms.CharField(
        label="First period",
        required=False,
        validators=[is_period],
        help_text="Year and period, such as 202607.",
        widget=forms.TextInput({"list": "loaded-periods", "inputmode": "numeric", **_PLAIN}),
    )
    valid_to = forms.CharField(
        label="Last period",
        required=False,
        validators=[is_period],
        help_text="Empty for no end.",
        widget=forms.TextInput({"list": "loaded-periods", "inputmode": "numeric", **_PLAIN}),
    )

    def __init__(
        self, rule: RuleView, rows: int, members_url: str, *arguments: Any, **keywords: Any
    ) -> None:
        super().__init__(*arguments, **keywords)
        offer(self, "scope", _scopes(len(rule.preview.periods)))
        wanted = {**_PLAIN, "data-members": members_url, "data-dimension": rule.key.dimension}
        self.rows = range(1, rows + 1)
        for at in self.rows:
            self.fields[f"member_{at}"] = forms.CharField(
                label=f"Member {at}", required=False, max_length=200, widget=forms.TextInput(wanted)
            )
            self.fields[f"percent_{at}"] = forms.CharField(
                label="Percent", required=False, max_length=16, widget=forms.TextInput(_PLAIN)
            )

    @property
    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The fields of each member."""
        return [(self[f"member_{at}"], self[f"percent_{at}"]) for at in self.rows]

    def clean(self) -> dict[str, Any]:
        """Work the shares out: one that is left empty takes the rest."""
        found = super().clean() or self.cleaned_data
        if found.get("scope") == "from" and not (found.get("valid_from") or found.get("valid_to")):
            self.add_error("valid_from", "Write the first period, or the last one.")
        shares: list[tuple[str, Decimal | None]] = []
        for at in self.rows:
            member, percent = found.get(f"member_{at}", ""), found.get(f"percent_{at}", "")
            if not member:
                if percent:
                    self.add_error(f"member_{at}", "Name the member that takes this part.")
                continue
            shares.append((member, self._weight(at, percent)))
        found["members"] = self._with_rest(shares)
        if not found["members"] and not self.errors:
            self.add_error("member_1", "Name a member, or remove the rule.")
        return found

    def _weight(self, at: int, percent: str) -> Decimal | None:
        """Return a percentage as a weight, every digit kept; None for the rest."""
        said = _PERCENT.fullmatch(percent)
        if said:
            return Decimal(f"{said[1]}.{said[2] or 0}").scaleb(-2)
        if percent:
            self.add_error(f"percent_{at}", "Write a number with up to ten decimals, such as 33.3.")
        return None

    def _with_rest(self, shares: list[tuple[str, Decimal | None]]) -> list[tuple[str, Decimal]]:
        told = sum((weight for _, weight in shares if weight is not None), Decimal(0))
        open_ones = [member for member, weight in shares if weight is None]
        if len(open_ones) > 1 and not self.errors:
            self.add_error(None, "Only one member can take the rest: write the percent of others.")
        rest = WHOLE - told
        if open_ones and rest <= 0 and not self.errors:
            self.add_error(None, "Nothing is left for the member without a percent.")
        return [(member, rest if weight is None else weight) for member, weight in shares]

    @property
    def seen_parts(self) -> Parts | None:
        """What the key had when the form was shown."""
        return parts_from_text(self.cleaned_data["seen"])

    @property
    def between(self) -> Between | None:
        """The periods that change; None for all."""
        if self.cleaned_data["scope"] == "all":
            return None
        found = (self.cleaned_data[name] for name in ("valid_from", "valid_to"))
        return Between(*(int(period) if period else None for period in found))


class RemoveKeyForm(forms.Form):
    """The removal of a key as it was seen."""

    seen = forms.CharField(required=False)

    @property
    def seen_parts(self) -> Parts | None:
        """What the key had when the page was shown."""
        return parts_from_text(self.cleaned_data["seen"]) if self.is_valid() else None


def initial_of(rule: RuleView) -> dict[str, str]:
    """Return what the form of a key begins with: who takes it last."""
    initial = {"seen": rule.seen_text, "scope": "" if rule.preview.periods else "all"}
    for at, part in enumerate(rule.newest, 1):
        percent = "" if part.weight == WHOLE else f"{part.weight.scaleb(2).normalize():f}"
        initial |= {f"member_{at}": part.member, f"percent_{at}": percent}
    return initial


def _scopes(loaded: int) -> list[tuple[str, str]]:
    periods = "1 loaded period" if loaded == 1 else f"{loaded} loaded periods"
    effect = f"restates what was loaded, {periods}" if loaded else "nothing was loaded yet"
    return [
        ("all", f"All periods: {effect}"),
        ("from", "Some periods only: all others stay as posted"),
    ]
