"""What the form of one key shows: who takes it when, which codes it holds, and what it touches."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Organization
from integrations.pipeline.grid_rows import Money
from integrations.pipeline.mapping_changes import KeyChange, Part, Parts, parts_in_words
from integrations.pipeline.rule_checks import describe
from integrations.pipeline.rule_texts import parts_to_text
from integrations.pipeline.rule_times import Stretch, newest_parts, stretches
from integrations.pipeline.rule_winners import FindKey, find_winners
from integrations.pipeline.rules import LAST_PERIOD, RuleKey
from integrations.selectors.drafts import read_standing
from integrations.selectors.known_codes import (
    CodeFacts,
    loaded_periods,
    loaded_periods_of,
    read_codes,
)

SHOWN = 10


@dataclass(frozen=True, slots=True)
class RulePreview:
    """The known codes that a key takes, what they come to, and the rules that take some first."""

    codes: list[str]
    money: list[Money]
    above: list[tuple[RuleKey, int]]
    periods: list[int]

    @property
    def first(self) -> list[str]:
        """Some of the codes, to be shown."""
        return self.codes[:SHOWN]

    @property
    def above_first(self) -> list[tuple[RuleKey, int]]:
        """Some of the rules that stand above, to be shown."""
        return self.above[:SHOWN]

    @property
    def touched(self) -> list[tuple[int, int]]:
        """Each loaded period, and how many are touched by a change from it on."""
        return [(period, at) for at, period in enumerate(self.periods, 1)]


@dataclass(frozen=True, slots=True)
class RuleView:
    """One key: its parts with the draft and without, its name, and its preview."""

    key: RuleKey
    name: str
    parts: Parts
    approved: Parts
    changed_by: str
    preview: RulePreview

    @property
    def seen_text(self) -> str:
        """What the key has, as the page carries it."""
        return parts_to_text(self.parts)

    @property
    def words(self) -> str:
        """Who takes the key, in one line."""
        return parts_in_words(self.parts)

    @property
    def approved_words(self) -> str:
        """Who takes the key in the approved version, in one line."""
        return parts_in_words(self.approved)

    @property
    def times(self) -> list[Stretch]:
        """The stretches of time in which the same members take it."""
        return stretches(self.parts) if self.parts else []

    @property
    def newest(self) -> Parts:
        """Who takes it last."""
        return newest_parts(self.parts) if self.parts else ()


def read_rule(organization: Organization, key: RuleKey) -> RuleView:
    """Return what the form of a key shows, inside an open scope."""
    standing = read_standing(organization)
    change = standing.changes.get(key)
    codes = read_codes(organization, key.dimension, [key.code] if key.kind == "exact" else None)
    rules = [*standing.rules_with_draft(), *KeyChange(key, (Part(""),)).rules()]
    newest = max(loaded_periods(organization, key.dimension), default=LAST_PERIOD)
    preview = _preview(organization, key, codes, find_winners(rules, key.dimension, newest))
    known = codes.get(key.code) if key.kind == "exact" else None
    return RuleView(
        key=key,
        name=known.name if known else "",
        parts=standing.parts(key),
        approved=standing.approved.get(key, ()),
        changed_by=change.changed_by[-1] if change and change.changed_by else "",
        preview=preview,
    )


def name_key(key: RuleKey) -> str:
    """Name a key for people."""
    return describe(key)


def _preview(
    organization: Organization, key: RuleKey, codes: dict[str, CodeFacts], find: FindKey
) -> RulePreview:
    taken: list[str] = []
    above: Counter[RuleKey] = Counter()
    totals: dict[str, Money] = {}
    for code, known in sorted(codes.items()):
        domains = {key.domain} if key.domain else (known.domains or {""})
        if not key.fits(code):
            continue
        winners = {domain: find(domain, code) for domain in domains}
        mine = {domain for domain, winner in winners.items() if winner == key}
        if mine:
            taken.append(code)
            _add(totals, known.money_in(mine))
        above.update({winner for winner in winners.values() if winner and winner != key})
    periods = loaded_periods_of(organization, key.dimension, taken, key.domain)
    return RulePreview(taken, list(totals.values()), above.most_common(), periods)


def _add(totals: dict[str, Money], found: tuple[Money, ...]) -> None:
    for money in found:
        had = totals.get(money.currency, Money(money.currency, Decimal(0), Decimal(0)))
        totals[money.currency] = Money(money.currency, had.net + money.net, had.stake + money.stake)
