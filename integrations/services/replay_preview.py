"""What a replay would be: how many records, which amounts, what the mapping makes of them now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.errors import Refused
from accounts.models import Organization
from audit.tenancy import reading
from integrations.models import RecordException, Run, RunUnit
from integrations.pipeline.amounts import EXACT
from integrations.selectors.exceptions import list_open_of_sync
from integrations.selectors.figures import QUANTITY, ZERO
from integrations.selectors.mappings import current_version
from integrations.services.replay import units_to_replay
from integrations.services.reports import plain
from integrations.services.rows import build_target, iter_rows_with_cells

ROWS_LOOKED_AT = 200_000


@dataclass(frozen=True, slots=True)
class Preview:
    """A replay before it starts.

    `amounts` are the sums by currency and measure, `units` the QAD units with how many records
    each. `mapped` have a cell under today's mapping, `still_held` have none, `unseen` lie in
    units that are too many to be mapped for a preview.
    """

    records: int
    amounts: Mapping[tuple[str, str], Decimal]
    units: Mapping[str, int]
    mapped: int
    still_held: int
    unseen: int
    mapping_version: int


def preview_records(
    *, organization: Organization, run_id: int, exception_ids: Sequence[int]
) -> Preview:
    """Look at the replay of chosen records of a run; nothing is started or changed.

    Raises Refused: run_unknown.
    """
    with reading(organization.pk):
        run = _run(organization, run_id)
        records = RecordException.objects.filter(
            organization=organization, run=run, pk__in=exception_ids
        )
        return _preview(run, list(records.order_by("pk")), of_all_runs=False)


def preview_held(*, organization: Organization, sync_id: int) -> Preview:
    """Look at the replay of all records of a sync that are open now.

    Raises Refused: replay_nothing_open.
    """
    with reading(organization.pk):
        found = list_open_of_sync(organization, sync_id)
        if not found:
            raise Refused("replay_nothing_open")
        run = _run(organization, max(run_id for _, run_id, _ in found))
        records = RecordException.objects.filter(
            organization=organization, pk__in=[pk for pk, _, _ in found]
        )
        return _preview(run, list(records.order_by("pk")), of_all_runs=True)


def _run(organization: Organization, run_id: int) -> Run:
    runs = Run.objects.select_related("sync", "sync__source", "organization")
    run = runs.filter(organization=organization, pk=run_id).first()
    if run is None:
        raise Refused("run_unknown", run=run_id)
    return run


def _preview(run: Run, records: list[RecordException], *, of_all_runs: bool) -> Preview:
    wanted: dict[str, set[str]] = {}
    for record in records:
        wanted.setdefault(record.part, set()).add(record.source_key)
    units = units_to_replay(run, wanted.keys(), of_all_runs=of_all_runs)
    version = current_version(run.organization)
    mapped, seen = 0, 0
    can_map = "accounts" in run.plan and not run.sync.brings_plan
    if version is not None and records and can_map:
        run.mapping_version = version
        mapped, seen = _map(run, [unit for unit in units if unit.part in wanted], wanted)
    return Preview(
        records=len(records),
        amounts=_add_up(records, {unit.part: unit.currency for unit in units}),
        units={part: len(keys) for part, keys in sorted(wanted.items())},
        mapped=mapped,
        still_held=seen - mapped,
        unseen=len(records) - seen,
        mapping_version=version.number if version else 0,
    )


def _map(run: Run, units: list[RunUnit], wanted: Mapping[str, set[str]]) -> tuple[int, int]:
    """Map the kept rows as a replay would; return how many have a cell, and were looked at."""
    target = build_target(run)
    mapped, seen, rows = 0, 0, 0
    for unit in units:
        rows += unit.rows
        if rows > ROWS_LOOKED_AT:
            break
        found = {row.source_key for row in iter_rows_with_cells(unit, target)}
        mapped += len(found & wanted[unit.part])
        seen += len(wanted[unit.part])
    return mapped, seen


def _add_up(
    records: Sequence[RecordException], currencies: Mapping[str, str]
) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = {}
    for record in records:
        currency = record.codes.get("currency") or currencies.get(record.part, "")
        for measure, text in record.values.items():
            place = ("" if measure == QUANTITY else currency, measure)
            sums[place] = EXACT.add(sums.get(place, ZERO), Decimal(text))
    return {place: amount for place, amount in sorted(sums.items()) if amount}


def preview_report(preview: Preview) -> dict[str, Any]:
    """Return a preview in the JSON shape of docs/commands.md."""
    return {
        "records": preview.records,
        "amounts": [
            {"currency": currency, "measure": measure, "amount": plain(amount)}
            for (currency, measure), amount in preview.amounts.items()
        ],
        "units": dict(preview.units),
        "mapped": preview.mapped,
        "still_held": preview.still_held,
        "unseen": preview.unseen,
        "mapping": preview.mapping_version,
    }
