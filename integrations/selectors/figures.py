"""What QAD, the files and Anaplan say of one place, summed in SQL so that no digit is lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
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
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from integrations.fields import AmountField
from integrations.models import Run, TieOutLine

MEASURES = ("debit", "credit", "net", "quantity")
QUANTITY = "quantity"

# What Anaplan has no member for, it holds as nothing: that is known without reading it.
_TARGET = Case(
    When(is_mapped=False, then=Coalesce(F("target"), Value(Decimal(0), AmountField()))),
    default=F("target"),
    output_field=AmountField(),
)


def _less(one: str, other: str) -> Combinable:
    return ExpressionWrapper(F(one) - F(other), output_field=AmountField())


Lines = Any
"""A queryset of lines with the annotations of `lines_of`, which type checkers do not follow."""


def _when(condition: Q) -> Case:
    """Return true where it holds; an unknown amount makes it false, never unknown."""
    return Case(When(condition, then=True), default=False, output_field=BooleanField())


@dataclass(frozen=True, slots=True)
class Figures:
    """QAD, last sent and Anaplan for one place; `target` is None where it was not read back.

    `not_sent` is QAD less last sent, `not_arrived` last sent less Anaplan, and `difference` QAD
    less Anaplan; `listed` is the part of it that `records` listed records carry. `state` is
    equal, explained, unread or differs, and `differing` counts the lines that are not equal.
    """

    currency: str
    measure: str
    source: Decimal
    sent: Decimal
    target: Decimal | None
    not_sent: Decimal
    not_arrived: Decimal | None
    difference: Decimal | None
    listed: Decimal
    records: int
    state: str
    differing: int

    @property
    def is_void(self) -> bool:
        """Whether all of it is zero, so that it can be left out of a table."""
        return self.state == "equal" and not self.source


def lines_of(run: Run) -> Lines:
    """Return a run's lines, each with its difference and what is true of it."""
    lines = TieOutLine.objects.filter(organization_id=run.organization_id, run=run)
    return (
        lines.annotate(known_target=_TARGET)
        .annotate(difference=_less("source", "known_target"))
        .annotate(
            is_equal=_when(Q(source=F("sent"), known_target=F("source"))),
            is_explained=_when(
                Q(sent=F("known_target"), difference=F("listed")) & ~Q(source=F("known_target"))
            ),
            is_unread=_when(Q(known_target__isnull=True)),
        )
    )


def sums() -> dict[str, Any]:
    """Return the aggregates that `figures_of` and `state_of` read."""
    return {
        "sum_source": Sum("source"),
        "sum_sent": Sum("sent"),
        "sum_target": Sum("known_target"),
        "sum_not_sent": Sum(_less("source", "sent")),
        "sum_not_arrived": Sum(_less("sent", "known_target")),
        "sum_difference": Sum("difference"),
        "sum_listed": Sum("listed"),
        "sum_records": Sum("records"),
        "lines": Count("pk"),
        "equal": Count("pk", filter=Q(is_equal=True)),
        "explained": Count("pk", filter=Q(is_explained=True)),
        "unread": Count("pk", filter=Q(is_unread=True)),
    }


def figures_of(group: Mapping[str, Any], currency: str) -> Figures:
    """Return the figures of one group; what was read only in part counts as not read."""
    is_read = not group["unread"]
    return Figures(
        currency=currency,
        measure=group["measure"],
        source=group["sum_source"],
        sent=group["sum_sent"],
        target=group["sum_target"] if is_read else None,
        not_sent=group["sum_not_sent"],
        not_arrived=group["sum_not_arrived"] if is_read else None,
        difference=group["sum_difference"] if is_read else None,
        listed=group["sum_listed"],
        records=group["sum_records"],
        state=state_of(group),
        differing=group["lines"] - group["equal"],
    )


def state_of(group: Mapping[str, Any]) -> str:
    """Return equal only where every line is, and the worst reason why it is not."""
    equal, explained, unread = group["equal"], group["explained"], group["unread"]
    if equal == group["lines"]:
        return "equal"
    if equal + explained == group["lines"]:
        return "explained"
    return "unread" if equal + explained + unread == group["lines"] else "differs"


def rank(measure: str) -> int:
    """Return where a measure stands in a table."""
    return MEASURES.index(measure) if measure in MEASURES else len(MEASURES)
