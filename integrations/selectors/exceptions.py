"""Reads of records that did not arrive: summed, by reason, and one by one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, OuterRef, Q, Subquery, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from accounts.models import Organization
from audit.catalogue import CATALOGUE, ErrorCode
from integrations.fields import AmountField
from integrations.models import (
    ExceptionState,
    RecordException,
    Run,
    RunState,
    RunUnit,
    Verdict,
)
from integrations.pipeline.amounts import EXACT
from integrations.pipeline.streams import MEMBERS
from integrations.selectors.figures import MEASURES, QUANTITY, ZERO, rank

RECORDS_SHOWN = 25
CODES_SHOWN = 200

Amounts = Mapping[tuple[str, str], Decimal]
"""Exact sums by (currency, measure), in the order of a table; quantities have no currency."""


@dataclass(frozen=True, slots=True)
class ExceptionSum:
    """The records of one verdict, reason and unit: how many, and what they carry."""

    verdict: str
    code: str
    part: str
    currency: str
    records: int
    still_open: int
    first_seen: datetime
    messages: tuple[str, str]
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class ExceptionGroup:
    """All records of a run with one verdict and one reason.

    `entry` is the reason in the catalogue's words, `message` what all of them say alike, ""
    where they do not. `unmapped` lists the codes without a member, each with its dimension.
    """

    verdict: str
    code: str
    entry: ErrorCode
    message: str
    records: int
    still_open: int
    first_seen: datetime
    amounts: Amounts
    unmapped: tuple[tuple[str, str], ...]

    @property
    def verdict_word(self) -> str:
        """Return the verdict as people read it."""
        return str(Verdict(self.verdict).label)


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A stretch of one group's records, each with what other runs have listed of its source row.

    `after` is where the next begins, None at the end. `measures` are those that its records
    carry, in the order of a table; members of a list carry none.
    """

    lines: list[tuple[RecordException, list[RecordException]]]
    after: int | None
    measures: tuple[str, ...]


def sum_exceptions(run: Run) -> list[ExceptionSum]:
    """Add a run's exceptions up per verdict, reason and unit, in one query."""
    rows: Any = _of(run).values("verdict", "code", "part")
    rows = rows.annotate(
        records=Count("pk"),
        still_open=Count("pk", filter=Q(state=ExceptionState.OPEN)),
        first_seen=Min("created_at"),
        first_message=Min("message"),
        last_message=Max("message"),
        **{
            f"sum_{name}": Sum(Cast(KeyTextTransform(name, "values"), AmountField()))
            for name in MEASURES
        },
    ).order_by()
    units = RunUnit.objects.filter(organization_id=run.organization_id, run=run)
    currencies = {unit.part: unit.currency for unit in units} if rows else {}
    found = [_sum(row, currencies.get(row["part"], "")) for row in rows]
    return sorted(found, key=lambda part: (part.verdict, part.code, part.part))


def _of(run: Run) -> Any:
    return RecordException.objects.filter(organization_id=run.organization_id, run=run)


def _sum(row: Mapping[str, Any], currency: str) -> ExceptionSum:
    amounts = {
        ("" if name == QUANTITY else currency, name): row[f"sum_{name}"]
        for name in MEASURES
        if row[f"sum_{name}"]
    }
    return ExceptionSum(
        verdict=row["verdict"],
        code=row["code"],
        part=row["part"],
        currency=currency,
        records=row["records"],
        still_open=row["still_open"],
        first_seen=row["first_seen"],
        messages=(row["first_message"], row["last_message"]),
        amounts=amounts,
    )


def add_amounts(parts: Sequence[ExceptionSum]) -> Amounts:
    """Add what several groups of records carry, exactly."""
    sums: dict[tuple[str, str], Decimal] = {}
    for part in parts:
        for place, amount in part.amounts.items():
            sums[place] = EXACT.add(sums.get(place, ZERO), amount)
    return dict(sorted(sums.items(), key=_order))


def _order(item: tuple[tuple[str, str], Decimal]) -> tuple[bool, str, int]:
    currency, measure = item[0]
    return measure == QUANTITY, currency, rank(measure)


def list_groups(run: Run, sums: Sequence[ExceptionSum]) -> list[ExceptionGroup]:
    """Return a run's exceptions by verdict and reason, the largest groups first."""
    found: dict[tuple[str, str], list[ExceptionSum]] = {}
    for part in sums:
        found.setdefault((part.verdict, part.code), []).append(part)
    unmapped = _unmapped(run) if any(code.startswith("unmapped_") for _, code in found) else {}
    groups = [_group(parts, unmapped.get(key[1], ())) for key, parts in found.items()]
    return sorted(groups, key=lambda group: (-group.records, group.verdict, group.code))


def _group(parts: Sequence[ExceptionSum], unmapped: tuple[tuple[str, str], ...]) -> ExceptionGroup:
    messages = {message for part in parts for message in part.messages}
    return ExceptionGroup(
        verdict=parts[0].verdict,
        code=parts[0].code,
        entry=_entry(parts[0].code),
        message=messages.pop() if len(messages) == 1 else "",
        records=sum(part.records for part in parts),
        still_open=sum(part.still_open for part in parts),
        first_seen=min(part.first_seen for part in parts),
        amounts=add_amounts(parts),
        unmapped=unmapped,
    )


def _unmapped(run: Run) -> dict[str, tuple[tuple[str, str], ...]]:
    records = _of(run).filter(state=ExceptionState.OPEN, code__startswith="unmapped_")
    codes = records.values_list("code", "dimension", "member_code").distinct()
    found: dict[str, list[tuple[str, str]]] = {}
    for code, dimension, member_code in codes.order_by("dimension", "member_code")[:CODES_SHOWN]:
        found.setdefault(code, []).append((dimension, member_code))
    return {code: tuple(pairs) for code, pairs in found.items()}


def list_records(run: Run, *, verdict: str, code: str, after: int = 0) -> RecordPage:
    """Return the records of one group in the order in which they were met."""
    records = _of(run).filter(verdict=verdict, code=code, pk__gt=after)
    found = list(records.select_related("ended_by").order_by("pk")[: RECORDS_SHOWN + 1])
    shown = found[:RECORDS_SHOWN]
    carried = {measure for record in shown for measure in record.values}
    measures = tuple(m for m in MEASURES if m in carried and m != MEMBERS)
    history = _history(run, shown)
    lines = [(record, history.get((record.part, record.source_key), [])) for record in shown]
    return RecordPage(lines, shown[-1].pk if len(found) > len(shown) else None, measures)


def open_record_ids(
    run: Run, *, verdict: str = "", code: str = "", dimension: str = "", member_code: str = ""
) -> list[int]:
    """Return the ids of a run's records that still ask for something, narrowed by what is given."""
    wanted = {"verdict": verdict, "code": code, "dimension": dimension}
    given = {name: text for name, text in wanted.items() if text}
    if dimension:
        given["member_code"] = member_code
    records = _of(run).filter(state=ExceptionState.OPEN, **given)
    return list(records.order_by("pk").values_list("pk", flat=True))


def list_open_of_sync(
    organization: Organization, sync_id: int, units: Collection[tuple[str, str, str]] | None = None
) -> list[tuple[int, int, str]]:
    """Return (id, run, unit) of every record of a sync that still asks for something.

    With `units` only records that lacked a member for one of these (dimension, code, unit).
    """
    records = RecordException.objects.filter(
        organization=organization, sync_id=sync_id, state=ExceptionState.OPEN
    )
    if units is not None:
        records = records.filter(code__startswith="unmapped_")
    rows = records.order_by("pk").values_list("pk", "run_id", "dimension", "member_code", "part")
    return [(row[0], row[1], row[4]) for row in rows if units is None or row[2:] in units]


def _history(
    run: Run, records: Sequence[RecordException]
) -> dict[tuple[str, str], list[RecordException]]:
    """Return what other runs have listed of the same source rows, newest first."""
    found: dict[tuple[str, str], list[RecordException]] = {}
    others = RecordException.objects.filter(
        organization_id=run.organization_id,
        sync_id=run.sync_id,
        part__in={record.part for record in records},
        source_key__in={record.source_key for record in records},
    ).exclude(run=run)
    for other in others.order_by("-run_id"):
        found.setdefault((other.part, other.source_key), []).append(other)
    return found


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of replayed records: what was said before and what is said after.

    `after` is None where they have arrived, and `is_known` false where the replay has not ended
    in a comparison.
    """

    before: ErrorCode
    after: ErrorCode | None
    records: int
    is_known: bool


def list_outcomes(run: Run) -> list[Outcome]:
    """Return what became of the records that a replay was asked for; none for other runs."""
    if run.parent_id is None:
        return []
    before = RecordException.objects.filter(organization_id=run.organization_id)
    if run.selection is not None:
        before = before.filter(pk__in=run.selection)
    else:
        before = before.filter(run_id=run.parent_id)
    after = _of(run).filter(part=OuterRef("part"), source_key=OuterRef("source_key"))
    rows = before.annotate(after=Subquery(after.values("code")[:1])).values("code", "after")
    is_known = run.state in (RunState.RECONCILED, RunState.PARTIAL)
    counted = rows.annotate(records=Count("pk")).order_by("-records", "code", "after")
    return [
        Outcome(
            _entry(row["code"]),
            _entry(row["after"]) if row["after"] else None,
            row["records"],
            is_known or bool(row["after"]),
        )
        for row in counted
    ]


def _entry(code: str) -> ErrorCode:
    return CATALOGUE.get(code, CATALOGUE["internal"])
