"""Reads of records that did not arrive: by reason, and one by one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, Q

from audit.catalogue import CATALOGUE, ErrorCode
from integrations.models import ExceptionState, RecordException, Run, Verdict
from integrations.selectors.figures import QUANTITY, rank
from integrations.selectors.progress import add_group, amount_sums, currency_of_parts

RECORDS_SHOWN = 25


@dataclass(frozen=True, slots=True)
class ExceptionGroup:
    """All records of a run with one verdict and one reason.

    `entry` is the reason in the catalogue's words, `message` what all of them say alike, ""
    where they do not. `amounts` maps (currency, measure) to exact
    sums. `unmapped` lists the codes without a member, each with its dimension.
    """

    verdict: str
    code: str
    entry: ErrorCode
    message: str
    records: int
    still_open: int
    first_seen: datetime
    amounts: Mapping[tuple[str, str], Decimal]
    unmapped: tuple[tuple[str, str], ...]

    @property
    def verdict_word(self) -> str:
        """Return the verdict as people read it."""
        return str(Verdict(self.verdict).label)


def list_groups(run: Run) -> list[ExceptionGroup]:
    """Return a run's exceptions by verdict and reason, the largest groups first."""
    records = RecordException.objects.filter(organization_id=run.organization_id, run=run)
    parts: Any = records.values("verdict", "code", "part").annotate(
        records=Count("pk"),
        still_open=Count("pk", filter=Q(state=ExceptionState.OPEN)),
        first_seen=Min("created_at"),
        first_message=Min("message"),
        last_message=Max("message"),
        **amount_sums(),
    )
    currencies = currency_of_parts(run)
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for part in parts.order_by("part"):
        found.setdefault((part["verdict"], part["code"]), []).append(part)
    unmapped = _unmapped(run)
    groups = [
        _group(key, parts_of, currencies, unmapped.get(key[1], ()))
        for key, parts_of in found.items()
    ]
    return sorted(groups, key=lambda group: (-group.records, group.verdict, group.code))


def _group(
    key: tuple[str, str],
    parts: list[dict[str, Any]],
    currencies: Mapping[str, str],
    unmapped: tuple[tuple[str, str], ...],
) -> ExceptionGroup:
    verdict, code = key
    amounts: dict[tuple[str, str], Decimal] = {}
    for part in parts:
        add_group(amounts, currencies.get(part["part"], ""), part)
    return ExceptionGroup(
        verdict=verdict,
        code=code,
        entry=CATALOGUE.get(code, CATALOGUE["internal"]),
        message=_only({text for part in parts for text in _messages(part)}),
        records=sum(part["records"] for part in parts),
        still_open=sum(part["still_open"] for part in parts),
        first_seen=min(part["first_seen"] for part in parts),
        amounts=dict(sorted(amounts.items(), key=_order)),
        unmapped=unmapped,
    )


def _messages(part: Mapping[str, str]) -> tuple[str, str]:
    return part["first_message"], part["last_message"]


def _only(messages: set[str]) -> str:
    """Return the message that all records share, "" where they have several."""
    return messages.pop() if len(messages) == 1 else ""


def _order(item: tuple[tuple[str, str], Decimal]) -> tuple[bool, str, int]:
    currency, measure = item[0]
    return measure == QUANTITY, currency, rank(measure)


def _unmapped(run: Run) -> dict[str, tuple[tuple[str, str], ...]]:
    records = RecordException.objects.filter(
        organization_id=run.organization_id, run=run, state=ExceptionState.OPEN
    ).exclude(dimension="")
    codes = records.values_list("code", "dimension", "member_code").distinct()
    found: dict[str, list[tuple[str, str]]] = {}
    for code, dimension, member_code in codes.order_by("dimension", "member_code")[:200]:
        if code.startswith("unmapped_"):
            found.setdefault(code, []).append((dimension, member_code))
    return {code: tuple(pairs) for code, pairs in found.items()}


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A stretch of one group's records; `after` is where the next begins, None at the end."""

    records: list[RecordException]
    after: int | None


def list_records(run: Run, *, verdict: str, code: str, after: int = 0) -> RecordPage:
    """Return the records of one group in the order in which they were met."""
    records = RecordException.objects.select_related("ended_by").filter(
        organization_id=run.organization_id, run=run, verdict=verdict, code=code, pk__gt=after
    )
    found = list(records.order_by("pk")[: RECORDS_SHOWN + 1])
    shown = found[:RECORDS_SHOWN]
    return RecordPage(shown, shown[-1].pk if len(found) > len(shown) else None)


def open_record_ids(run: Run, *, verdict: str, code: str) -> list[int]:
    """Return the ids of a group's records that still ask for something."""
    records = RecordException.objects.filter(
        organization_id=run.organization_id,
        run=run,
        verdict=verdict,
        code=code,
        state=ExceptionState.OPEN,
    )
    return list(records.order_by("pk").values_list("pk", flat=True))
