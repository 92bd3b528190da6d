"""Plan, map: each cell of the export with its place in QAD's codes, or held with its reason."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any

from audit.actions import Action
from audit.trail import record_event
from integrations.models import Phase, RecordException, Run, Verdict
from integrations.pipeline.blocks import pack_cells
from integrations.pipeline.cells import CellStore
from integrations.pipeline.exports import ExportReader
from integrations.pipeline.frames import Frame
from integrations.pipeline.plans import CURRENCY, PERIOD, VERSION, PlanSums, Refusal
from integrations.pipeline.streams import PLAN
from integrations.selectors.mappings import read_rules
from integrations.services import clients
from integrations.services.evidence import forget, iter_blocks, keep, kept_cells, spool_folder
from integrations.services.phases.steps import Next, Step
from integrations.services.plans.naming import check_name
from integrations.services.plans.reading import PlanSource, cells_place, export_place
from integrations.services.rows import EXCEPTIONS_A_COMMIT, insert_exceptions
from integrations.services.states import Slice
from integrations.transport.errors import IntegrationError

BATCHES_A_HEARTBEAT = 64
LONGEST_PART = 40


def advance(work: Slice) -> Step:
    """Read the whole export; what has no place in QAD is held, and nothing is added to guess."""
    with work.commit() as run:
        rules = read_rules(run.mapping_version) if run.mapping_version else []
        forget(cells_place(run))
        RecordException.objects.filter(run=run).delete()
    source = PlanSource(run, rules, clients.anaplan_of(work, run))
    reader = source.reader()
    with CellStore(spool_folder()) as mapped, CellStore(spool_folder()) as held:
        sorter = _Sorter(source, mapped, held)
        for count, batch in enumerate(reader.read(iter_blocks(export_place(run))), start=1):
            sorter.take(batch.keys, batch.columns)
            if count % BATCHES_A_HEARTBEAT == 0:
                with work.commit():
                    pass
        if not reader.rows - reader.skipped:
            raise IntegrationError("plan_empty", name=run.sync.export_name)
        name = check_name(run.sync.plan_name or sorter.version or "")
        cells = _keep_cells(work, run, mapped.frames())
        records = _keep_held(work, sorter, held.frames())
    _note(work, sorter, reader, name, cells, records)
    return Next(Phase.LOAD)


class _Sorter:
    """Parts cells into those with a place in QAD and those without, and adds up both."""

    def __init__(self, source: PlanSource, mapped: CellStore, held: CellStore) -> None:
        self.source, self._mapped, self._held = source, mapped, held
        self.totals = PlanSums()
        self.places: set[tuple[str, str, int, str]] = set()
        self.version: str | None = None

    def take(self, keys: Sequence[str], columns: Sequence[Sequence[str]]) -> None:
        """Take a batch of cells, each with its one amount."""
        good: tuple[list[str], list[str]] = [], []
        bad: tuple[list[str], list[str]] = [], []
        for key, amount in zip(keys, columns[0], strict=True):
            members = self.source.members(key)
            self._check_version(members.get(VERSION, ""))
            period, currency = members[PERIOD], members.get(CURRENCY, "")
            self.totals.add(period, currency, amount)
            place = self.source.table.key(members)
            if isinstance(place, Refusal):
                bad[0].append(key)
                bad[1].append(amount)
            else:
                self.places.add((period, currency, place.year_period, place.currency))
                good[0].append(PLAN.row_key(place))
                good[1].append(amount)
        self._mapped.add_batch(good[0], [good[1]])
        self._held.add_batch(bad[0], [bad[1]])

    def refusal(self, key: str) -> Refusal:
        """Return why a held cell has no place."""
        found = self.source.table.key(self.source.members(key))
        if not isinstance(found, Refusal):
            raise ValueError(f"{key} is not held")
        return found

    def _check_version(self, version: str) -> None:
        if self.version is None:
            self.version = version
        if version != self.version:
            raise IntegrationError("plan_versions_mixed", first=self.version, second=version)


def _keep_cells(work: Slice, run: Run, frames: Iterable[Frame]) -> int:
    cells = 0
    for number, packed in enumerate(pack_cells(frames), start=1):
        with work.commit():
            keep(cells_place(run), [kept_cells(number, packed)])
        cells += packed.count
    return cells


def _keep_held(work: Slice, sorter: _Sorter, frames: Iterable[Frame]) -> int:
    """Keep a record for each cell without a place, under the period that the export shows."""
    records, stream = 0, _held_records(sorter, frames)
    while batch := list(islice(stream, EXCEPTIONS_A_COMMIT)):
        with work.commit() as run:
            for part, group in groupby(sorted(batch, key=_part), key=_part):
                records += insert_exceptions(run, part, (record for _, record in group))
            record_event(Action.RECORD_HELD, subject=("run", run.pk), data={"records": len(batch)})
    return records


def _part(record: tuple[str, dict[str, Any]]) -> str:
    return record[0]


def _held_records(sorter: _Sorter, frames: Iterable[Frame]) -> Iterator[tuple[str, dict[str, Any]]]:
    for frame in frames:
        for key, values, _ in frame.cells():
            refusal = sorter.refusal(key)
            record = {
                "source_key": key,
                "verdict": Verdict.HELD,
                "code": refusal.code,
                "dimension": refusal.dimension,
                "member_code": refusal.member[:80],
                "message": f"{refusal.dimension.replace('_', ' ')} {refusal.member}",
                "cell_key": key,
                "values": {"amount": values[0]},
            }
            yield sorter.source.members(key)[PERIOD][:LONGEST_PART], record


def _note(
    work: Slice, sorter: _Sorter, reader: ExportReader, name: str, cells: int, records: int
) -> None:
    with work.commit() as run:
        plan = {
            **run.plan,
            "name": name,
            "totals": sorter.totals.as_rows(),
            "places": sorted(sorter.places),
        }
        counts = {
            "rows": cells + records,
            "export_rows": reader.rows,
            "left_out": reader.skipped,
            "loaded": cells,
            "held": records,
        }
        counts |= dict.fromkeys(("unchanged", "rejected", "ignored", "failed"), 0)
        Run.objects.filter(pk=run.pk).update(plan=plan, counts=counts)
        record_event(
            Action.BLOCK_MAPPED,
            subject=("plan", name),
            data={"cells": cells, "held": records, "version": run.mapping_version_id},
        )
