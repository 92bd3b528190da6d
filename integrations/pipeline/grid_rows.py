"""The rows of the mapping grid: what is known of each code, narrowed and sorted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from integrations.pipeline.mapping_changes import Part, Parts, parts_in_words
from integrations.pipeline.rule_texts import key_to_text, parts_to_text
from integrations.pipeline.rules import WHOLE, RuleKey


class RowState(StrEnum):
    """How a code is mapped in a period, in a word; `MARKS` may be so besides."""

    UNMAPPED = "unmapped"
    MAPPED = "mapped"
    BY_RULE = "by rule"
    SPLIT = "split"
    DATED = "dated"
    IN_DRAFT = "in draft"
    MEMBER_GONE = "member gone"
    NOT_IN_QAD = "not in QAD"


MARKS = (RowState.IN_DRAFT, RowState.MEMBER_GONE, RowState.NOT_IN_QAD)


@dataclass(frozen=True, slots=True)
class Money:
    """What a code comes to in one currency; `stake` adds up its units whatever their signs."""

    currency: str
    net: Decimal
    stake: Decimal


@dataclass(frozen=True, slots=True)
class GridRow:
    """One code of one or all domains: its key, the rule that holds it, and who takes it.

    `parts` is all that the own key has, `held_by` the key that wins in the period, if any, and
    `members` what that key has in it.
    """

    key: RuleKey
    name: str
    money: tuple[Money, ...]
    parts: Parts
    held_by: RuleKey | None
    members: Parts
    state: RowState
    marks: tuple[RowState, ...] = ()
    changed_by: str = ""
    changed_at: datetime | None = None

    @property
    def stake(self) -> Decimal:
        """The largest amount at stake in any currency."""
        return max((money.stake for money in self.money), default=Decimal(0))

    @property
    def is_unmapped(self) -> bool:
        """Whether nobody takes the code."""
        return self.state == RowState.UNMAPPED

    @property
    def is_plain(self) -> bool:
        """Whether its own rule, if any, is one member at all times."""
        return not self.parts or self.parts == (Part(self.parts[0].member),)

    @property
    def key_text(self) -> str:
        """The key as the page carries it."""
        return key_to_text(self.key)

    @property
    def seen_text(self) -> str:
        """What the key has, as the page carries it."""
        return parts_to_text(self.parts)

    @property
    def member_words(self) -> str:
        """Who takes the code in the period, in one line; "" for nobody."""
        taken = tuple(part._replace(valid_from=None, valid_to=None) for part in self.members)
        return parts_in_words(taken) if any(part.member for part in taken) else ""


@dataclass(frozen=True, slots=True)
class GridFilter:
    """Which rows are shown, and in which order; "todo" puts those without a member first."""

    state: str = ""
    text: str = ""
    has_amount: bool = False
    sort: str = "todo"


def state_of(parts: Parts, members: Parts, *, is_own: bool) -> RowState:
    """Say how a code is mapped: by which parts at any time, by which members in a period."""
    if not any(part.member for part in members):
        return RowState.UNMAPPED
    if not is_own:
        return RowState.BY_RULE
    if any(part.weight != WHOLE for part in parts):
        return RowState.SPLIT
    if any(part.valid_from or part.valid_to for part in parts):
        return RowState.DATED
    return RowState.MAPPED


def arrange(rows: Sequence[GridRow], chosen: GridFilter) -> list[GridRow]:
    """Return the rows that fit a filter, sorted."""
    text = chosen.text.casefold()
    fitting = [
        row
        for row in rows
        if (not chosen.state or chosen.state in (row.state, *row.marks))
        and (not chosen.has_amount or row.stake)
        and (not text or text in _searched(row))
    ]
    return sorted(fitting, key=_ORDERS.get(chosen.sort, _by_need))


def _searched(row: GridRow) -> str:
    return "\n".join((row.key.code, row.name, row.member_words)).casefold()


def _by_code(row: GridRow) -> tuple[Any, ...]:
    return row.key.code, row.key.domain


def _by_stake(row: GridRow) -> tuple[Any, ...]:
    return -row.stake, *_by_code(row)


def _by_need(row: GridRow) -> tuple[Any, ...]:
    return row.state != RowState.UNMAPPED, *_by_stake(row)


_ORDERS: dict[str, Callable[[GridRow], tuple[Any, ...]]] = {
    "todo": _by_need,
    "stake": _by_stake,
    "code": _by_code,
    "name": lambda row: (row.name.casefold(), *_by_code(row)),
    "member": lambda row: (row.member_words.casefold(), *_by_code(row)),
    "state": lambda row: (row.state, *_by_code(row)),
}
