"""What QAD, the files and Anaplan say of one place: summed in SQL, added up exactly."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    ExpressionWrapper,
    F,
    Q,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from integrations.fields import AmountField
from integrations.models import Run, TieOutLine
from integrations.pipeline.amounts import EXACT

MEASURES = ("debit", "credit", "net", "quantity", "amount", "members")
QUANTITY = "quantity"
ZERO = Decimal(0)

Lines = Any
"""A queryset of lines with the annotations of `lines_of`, which type checkers do not follow."""

# What Anaplan has no member for, it holds as nothing: that is known without reading it.
_TARGET = Case(
    When(is_mapped=False, then=Coalesce(F("target"), Value(ZERO, AmountField()))),
    default=F("target"),
    output_field=AmountField(),
)
_DIFFERENCE = ExpressionWrapper(F("source") - F("known_target"), output_field=AmountField())


@dataclass(frozen=True, slots=True)
class Figures:
    """QAD, last sent and Anaplan for one place; `target` is None where it was not read back.

    `listed` is the part of the difference that `records` listed records carry. `lines` counts
    lines of the tie-out; `equal`, `explained`, `unread`, `sent_whole` and `arrived` count those
    that are so.
    """

    source: Decimal
    sent: Decimal
    target: Decimal | None
    listed: Decimal
    records: int
    lines: int
    equal: int
    explained: int
    unread: int
    sent_whole: int
    arrived: int

    @property
    def state(self) -> str:
        """Equal only where every line is; else explained, unread or differs, the worst."""
        if self.equal == self.lines:
            return "equal"
        if self.equal + self.explained == self.lines:
            return "explained"
        known = self.equal + self.explained + self.unread
        return "unread" if known == self.lines else "differs"

    @property
    def differing(self) -> int:
        """How many lines are not equal."""
        return self.lines - self.equal

    @property
    def is_void(self) -> bool:
        """Whether all of it is zero, so that it can be left out of a table."""
        return self.state == "equal" and not self.source

    @property
    def not_sent(self) -> Decimal:
        """QAD less last sent."""
        return EXACT.subtract(self.source, self.sent)

    @property
    def not_arrived(self) -> Decimal | None:
        """Last sent less Anaplan."""
        return None if self.target is None else EXACT.subtract(self.sent, self.target)

    @property
    def difference(self) -> Decimal | None:
        """QAD less Anaplan."""
        return None if self.target is None else EXACT.subtract(self.source, self.target)


def lines_of(run: Run) -> Lines:
    """Return a run's lines, each with what is true of it."""
    lines = TieOutLine.objects.filter(organization_id=run.organization_id, run=run)
    return lines.annotate(known_target=_TARGET).annotate(
        is_equal=_when(Q(source=F("sent"), known_target=F("source")))
    )


def _when(condition: Q) -> Case:
    """Return true where it holds; an unknown amount makes it false, never unknown."""
    return Case(When(condition, then=True), default=False, output_field=BooleanField())


def sums() -> dict[str, Any]:
    """Return the aggregates over lines that `figures_of` reads."""
    explained = Q(sent=F("known_target"), listed=_DIFFERENCE) & ~Q(source=F("known_target"))
    return {
        "sum_source": Sum("source"),
        "sum_sent": Sum("sent"),
        "sum_target": Sum("known_target"),
        "sum_listed": Sum("listed"),
        "sum_records": Sum("records"),
        "lines": Count("pk"),
        "equal": Count("pk", filter=Q(is_equal=True)),
        "explained": Count("pk", filter=explained),
        "unread": Count("pk", filter=Q(known_target__isnull=True)),
        "sent_whole": Count("pk", filter=Q(source=F("sent"))),
        "arrived": Count("pk", filter=Q(sent=F("known_target"))),
    }


def figures_of(row: dict[str, Any]) -> Figures:
    """Return the figures of one group of lines; what was read in part counts as not read."""
    return Figures(
        source=row["sum_source"],
        sent=row["sum_sent"],
        target=None if row["unread"] else row["sum_target"],
        listed=row["sum_listed"],
        records=row["sum_records"],
        lines=row["lines"],
        equal=row["equal"],
        explained=row["explained"],
        unread=row["unread"],
        sent_whole=row["sent_whole"],
        arrived=row["arrived"],
    )


def add_up(parts: Iterable[Figures]) -> Figures:
    """Add figures exactly."""
    found = list(parts)
    is_read = all(part.target is not None for part in found)
    with localcontext(EXACT):
        return Figures(
            source=sum((part.source for part in found), ZERO),
            sent=sum((part.sent for part in found), ZERO),
            target=sum((part.target or ZERO for part in found), ZERO) if is_read else None,
            listed=sum((part.listed for part in found), ZERO),
            records=sum(part.records for part in found),
            lines=sum(part.lines for part in found),
            equal=sum(part.equal for part in found),
            explained=sum(part.explained for part in found),
            unread=sum(part.unread for part in found),
            sent_whole=sum(part.sent_whole for part in found),
            arrived=sum(part.arrived for part in found),
        )


def rank(measure: str) -> int:
    """Return where a measure stands in a table."""
    return MEASURES.index(measure) if measure in MEASURES else len(MEASURES)
