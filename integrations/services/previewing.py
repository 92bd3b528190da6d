"""What a sync would load: one page of one unit as lines of the file; nothing is kept or sent."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.models import Organization
from audit.catalogue import CATALOGUE
from audit.tenancy import tenant
from integrations.models import Position, Run, RunUnit, Sync
from integrations.pipeline.cells import CellStore
from integrations.pipeline.conventions import Conventions
from integrations.pipeline.frames import Frame
from integrations.pipeline.lists import Members
from integrations.pipeline.mapping import Held
from integrations.pipeline.rules import LAST_PERIOD
from integrations.pipeline.streams import DataSet
from integrations.qad.client import QadClient
from integrations.qad.types import Filter, Workspace
from integrations.selectors.mappings import current_version, read_rules
from integrations.services.asking import refusing
from integrations.services.clients import build_qad
from integrations.services.evidence import iter_pages, spool_folder
from integrations.services.phases.planning import (
    currencies_of,
    places_of,
    sort_accounts,
    unit_of,
    units_of,
)
from integrations.services.rows import UnitRows
from integrations.services.targets import Target, fitted, read_fields, resolve_target
from integrations.transport.errors import IntegrationError

LINES = 10
UNITS_TRIED = 3
CODES_NAMED = 5
_SAME = ("data_set", "source_id", "entities", "conventions")


class HeldReason(NamedTuple):
    """Why rows are held, how many, and some of the codes that have no member."""

    code: str
    title: str
    dimension: str
    rows: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What one page comes to; `lines` stand exactly as they would in the file.

    `part` names the unit; `is_kept` tells that its page was read by an earlier run. `sums` are
    those of the rows that have a cell, per measure.
    """

    part: str
    is_kept: bool
    header: str
    lines: tuple[str, ...]
    cells: int
    rows: int
    repeats: int
    left_out: int
    held_rows: int
    held: tuple[HeldReason, ...]
    sums: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """The header and the lines."""
        return "\n".join([self.header, *self.lines])


class _Sample(NamedTuple):
    """A unit with one page of its rows, and what its accounts are."""

    unit: RunUnit
    body: bytes
    accounts: dict[str, Any]
    is_kept: bool


class _PageRows(UnitRows):
    """The rows of one page, in the place of those of a whole unit."""

    def __init__(self, unit: RunUnit, target: Target, body: bytes) -> None:
        super().__init__(unit, target)
        self._body = body

    def _read(self) -> Iterator[Sequence[Any]]:
        return iter([self.reader.rows(self._body)])


def preview_sync(
    *,
    organization: Organization,
    sync: Sync,
    found: Mapping[str, Any],
    until: float | None = None,
    lines: int = LINES,
) -> Preview:
    """Map one page under today's mapping, and return the first lines that it would give.

    `sync` may be a draft that is not saved, `found` is the catalogue of its model. The page is
    the last one that a run has kept for the very same question, or else is read from the newest
    open unit. Nothing is asked past `until`, a moment of `time.monotonic()`.
    Raises Refused: what `resolve_target` and the client name, qad_nothing_read.
    """
    with refusing():
        plan = resolve_target(found, sync)
        with tenant(organization.pk):
            version = current_version(organization)
            rules = read_rules(version) if version else []
            kept = _kept_sample(sync)
        sample = kept or _ask(organization, sync, until)
        run = sample.unit.run
        run.sync, run.plan = sync, {**plan, "accounts": sample.accounts}
        run.periods = [sample.unit.year_period]
        return _mapped(sample, Target.of(run, rules), lines)


def _kept_sample(sync: Sync) -> _Sample | None:
    """Return the newest page that still answers the sync's question; inside an open scope."""
    stored = Sync.objects.filter(organization=sync.organization, pk=sync.pk or 0).first()
    if stored is None or any(getattr(stored, name) != getattr(sync, name) for name in _SAME):
        return None
    # What was loaded before a change of its meaning has no position any more.
    runs = Position.objects.filter(organization=sync.organization, sync=stored).values("run")
    units = RunUnit.objects.select_related("run").filter(run__in=runs, rows__gt=0, is_read=True)
    unit = (
        units.filter(organization=sync.organization).order_by("-year_period", "-run", "pk").first()
    )
    if unit is None:
        return None
    body = next(iter_pages(unit), None)
    return _Sample(unit, body, unit.run.plan["accounts"], is_kept=True) if body else None


def _ask(organization: Organization, sync: Sync, until: float | None) -> _Sample:
    qad = build_qad(sync.source, limits={"concurrency": 1}, until=until)
    data_set, conventions = fitted(sync), Conventions.parse(sync.conventions)
    currencies = currencies_of(qad, data_set, conventions)
    tried = 0
    for place in places_of(sync, data_set):
        workspace = Workspace(place["domain"], place["entity"])
        run = Run(organization=organization, sync=sync)
        units = [unit_of(run, workspace)]
        if not data_set.is_list:
            units = _newest_open(qad, run, workspace, conventions, currencies)
        for unit in units[: UNITS_TRIED - tried]:
            tried += 1
            body = _first_page(qad, unit, sync, data_set)
            if body is not None:
                return _Sample(
                    unit, body, _accounts(qad, workspace, data_set, conventions), is_kept=False
                )
    raise IntegrationError("qad_nothing_read", units=tried)


def _newest_open(
    qad: QadClient,
    run: Run,
    workspace: Workspace,
    conventions: Conventions,
    currencies: dict[tuple[str, str], str],
) -> list[RunUnit]:
    """Return the units that have begun, the newest open one first, the closed ones last."""
    today = timezone.localdate().isoformat()
    periods = qad.read_all("gl_period", workspace=workspace)
    begun = [row for row in periods if str(getattr(row, "start_date", None) or "") <= today]
    units = units_of(run, workspace, begun, conventions, currencies)
    units.sort(key=lambda unit: (unit.period_status == "OPEN", unit.year_period), reverse=True)
    return units


def _first_page(qad: QadClient, unit: RunUnit, sync: Sync, data_set: DataSet) -> bytes | None:
    """Return a unit's first page; None where it has no rows."""
    conventions = Conventions.parse(sync.conventions)
    pages = qad.iter_pages(
        data_set.document,
        workspace=Workspace(unit.domain, unit.entity),
        filters=[Filter("year_period", "eq", str(unit.year_period))] if unit.year_period else [],
        fields=read_fields(sync),
        unfiltered=("layer_type",) if conventions.asks_all_layers else (),
    )
    page = next(pages)
    if not page.items:
        return None
    if not unit.currency:
        field = data_set.row_field("currency")
        unit.currency = str(getattr(page.items[0], field, "") or "")
    return page.body


def _accounts(
    qad: QadClient, workspace: Workspace, data_set: DataSet, conventions: Conventions
) -> dict[str, Any]:
    if not data_set.has_accounts:
        return {}
    rows = qad.read_all("gl_account", workspace=workspace)
    return {workspace.domain: sort_accounts(rows, data_set, conventions)}


def _mapped(sample: _Sample, target: Target, lines: int) -> Preview:
    unit = sample.unit
    if target.data_set.is_list:
        rules = target.table.in_force("", LAST_PERIOD)
        members = Members(target.layout, rules, target.data_set, target.conventions)
        for rows in _PageRows(unit, target, sample.body).pages():
            members.add(unit.part, rows)
        target = replace(target, members=members)
    source = _PageRows(unit, target, sample.body)
    held: list[Held] = []
    with CellStore(spool_folder()) as store:
        mapper = target.mapper(unit)
        for rows in source.pages():
            placed = mapper.map_rows(rows)
            store.add_batch(placed.keys, placed.columns)
            held += placed.held
        frames = list(store.frames())
    return Preview(
        part=unit.part if unit.year_period else unit.domain,
        is_kept=sample.is_kept,
        header=target.layout.header_line(),
        lines=tuple(islice(_lines(frames, target), lines)),
        cells=sum(len(frame.keys) for frame in frames),
        rows=mapper.rows,
        repeats=source.repeats,
        left_out=source.left_out,
        held_rows=len(held),
        held=_reasons(held),
        sums=tuple(zip(target.layout.measures, mapper.totals(), strict=True)),
    )


def _lines(frames: Sequence[Frame], target: Target) -> Iterator[str]:
    for frame in frames:
        yield from target.layout.lines(frame.keys, frame.columns)


def _reasons(held: Sequence[Held]) -> tuple[HeldReason, ...]:
    counts = Counter((item.reason_code, item.dimension) for item in held)
    return tuple(
        HeldReason(code, CATALOGUE[code].title, dimension, rows, _codes(held, code, dimension))
        for (code, dimension), rows in counts.most_common()
    )


def _codes(held: Sequence[Held], code: str, dimension: str) -> tuple[str, ...]:
    found = {item.code for item in held if (item.reason_code, item.dimension) == (code, dimension)}
    return tuple(sorted(found)[:CODES_NAMED])
