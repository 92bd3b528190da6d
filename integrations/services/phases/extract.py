"""Phase 1, extract: plan the units, then keep every page as QAD sent it."""

from concurrent.futures import Future
from typing import NamedTuple

from django.conf import settings

from audit.actions import Action
from audit.trail import record_event
from integrations.models import EvidenceKind, Phase, Run, RunKind, RunUnit
from integrations.pipeline.blocks import Block
from integrations.pipeline.conventions import Conventions
from integrations.pipeline.duplicates import SourceKeys
from integrations.pipeline.streams import DataSet, read_measure
from integrations.pipeline.units import Totals
from integrations.qad.client import Page
from integrations.qad.types import Filter, Workspace
from integrations.services import clients
from integrations.services.crashpoints import crashpoint
from integrations.services.evidence import Kept, Place, keep, start_packing
from integrations.services.phases.comparing import compare_unit, next_to_compare
from integrations.services.phases.planning import plan_run
from integrations.services.phases.steps import Again, Next, Step
from integrations.services.phases.volumes import check_volumes
from integrations.services.states import Slice
from integrations.services.stillness import Stillness
from integrations.services.targets import fitted, read_fields


def advance(work: Slice) -> Step:
    """Plan the run, or read its next unit; the gate on what was read comes last."""
    with work.read() as run:
        planned = bool(run.plan)
        unit = run.units.filter(is_read=False).first()
        uncompared = next_to_compare(run) if planned and unit is None else None
    if not planned:
        plan_run(work, run)
        return Again()
    if unit is not None:
        _read_unit(work, run, unit)
        crashpoint("extract.after_unit")
        return Again()
    if uncompared is not None:
        compare_unit(work, run, uncompared)
        return Again()
    if run.kind == RunKind.LOAD:
        check_volumes(work, run)
    return Next(Phase.MAP)


def _read_unit(work: Slice, run: Run, unit: RunUnit) -> None:
    data_set, conventions = fitted(run.sync), Conventions.parse(run.sync.conventions)
    qad = clients.qad_of(work, run)
    reading = _Reading(work, unit, data_set)
    fields = read_fields(run.sync)
    still = Stillness(work, unit, data_set, qad.reader(data_set.document, fields))
    pages = qad.iter_pages(
        data_set.document,
        workspace=Workspace(unit.domain, unit.entity),
        filters=[Filter("year_period", "eq", str(unit.year_period))] if unit.year_period else [],
        first_page=unit.pages + 1,
        fields=fields,
        unfiltered=("layer_type",) if conventions.asks_all_layers else (),
    )
    for page in pages:
        reading.take(page)
        still.check(page, is_ascending=reading.is_ascending)
        if len(reading.waiting) >= settings.PAGES_A_COMMIT:
            reading.commit()
            crashpoint("extract.after_page")
            if work.is_over:
                return
    reading.commit(is_last=True)


class _Packing(NamedTuple):
    """A page on its way to be kept."""

    number: int
    block: Future[Block]
    rows: int
    first_key: str
    last_key: str

    def finish(self) -> Kept:
        """Wait until the page is packed."""
        return Kept(self.number, self.block.result(), self.rows, self.first_key, self.last_key)


class _Reading:
    """The pages of one unit that wait for their commit, with their control totals."""

    def __init__(self, work: Slice, unit: RunUnit, data_set: DataSet) -> None:
        self.work, self.unit, self.data_set = work, unit, data_set
        self.waiting: list[_Packing] = []
        self.rows = 0
        self.keys = SourceKeys(data_set)
        self.is_ascending = unit.pages == 0
        self.sums = Totals(len(data_set.totals))
        self.sums.add_columns([unit.control.get(name, "0")] for name in data_set.totals)

    def take(self, page: Page) -> None:
        """Add a page's amounts up exactly and put it with those to keep."""
        unit, rows = self.unit, page.items
        if not rows:
            return
        self.sums.add_columns(
            read_measure(self.data_set, rows, name) for name in self.data_set.totals
        )
        if self.is_ascending:
            self.keys.add(rows)
            self.is_ascending = self.keys.is_ascending
        key = self.data_set.row_key
        self.waiting.append(
            _Packing(page.number, start_packing(page.body), len(rows), key(rows[0]), key(rows[-1]))
        )
        self.rows += len(rows)
        if not unit.currency:
            unit.currency = str(getattr(rows[0], self.data_set.row_field("currency"), "") or "")

    def commit(self, *, is_last: bool = False) -> None:
        """Keep the pages, the unit's progress and one event with their digests, together."""
        kept = [packing.finish() for packing in self.waiting]
        with self.work.commit() as run:
            place = Place(run.organization_id, run.pk, EvidenceKind.PAGE, self.unit.part)
            keep(place, kept)
            unit = self.unit
            unit.pages = max([unit.pages, *(item.number for item in kept)])
            unit.rows += self.rows
            unit.control = dict(zip(self.data_set.totals, self.sums.values(), strict=True))
            unit.is_read, unit.is_ascending = is_last, is_last and self.is_ascending
            unit.save(
                update_fields=[
                    "pages",
                    "rows",
                    "control",
                    "is_read",
                    "is_ascending",
                    "currency",
                ]
            )
            if kept:
                record_event(
                    Action.BLOCK_EXTRACTED,
                    subject=("unit", unit.part),
                    data={
                        "rows": self.rows,
                        "pages": [[item.number, item.block.sha256] for item in kept],
                    },
                )
        self.waiting, self.rows = [], 0
