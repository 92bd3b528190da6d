"""Behind a line of the tie-out: its cells, and behind a cell its source rows, as they were kept."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from accounts.errors import Refused
from accounts.models import Organization
from audit.tenancy import reading
from integrations.models import EvidenceKind, Run, RunGroup, RunUnit
from integrations.pipeline.amounts import Values, same_values, subtract
from integrations.pipeline.csvfile import read_lines
from integrations.pipeline.frames import Frame, aligned
from integrations.pipeline.overlay import overlay
from integrations.services.evidence import Place, iter_cells, iter_segments
from integrations.services.parts import group_units
from integrations.services.reports import plain
from integrations.services.rows import build_target, rows_behind
from integrations.services.targets import Target

CELLS_A_PAGE = 100
ROWS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cells: an entity and a period, and members of further dimensions.

    Members are named as the file writes them or by their QAD codes.
    """

    entity: str
    period: str
    account: str = ""
    currency: str = ""
    cost_center: str = ""


@dataclass(frozen=True, slots=True)
class DrilledCell:
    """One cell as QAD, the files and Anaplan have it; None where one of them has no such cell.

    `is_equal` is None where the cell was not read back.
    """

    key: str
    members: tuple[str, ...]
    qad: Values | None
    sent: Values | None
    anaplan: Values | None
    difference: Values | None
    is_equal: bool | None


@dataclass(frozen=True, slots=True)
class CellPage:
    """Some cells in the order of their keys; `after` is where the next begin, "" at the end."""

    group: str
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    cells: list[DrilledCell]
    after: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of QAD: the unit it was read in, the fields that name it, its amounts."""

    part: str
    source_key: str
    fields: tuple[str, ...]
    values: Values


@dataclass(frozen=True, slots=True)
class RowPage:
    """The first rows that fall on a cell; `is_cut` where there are more."""

    names: tuple[str, ...]
    measures: tuple[str, ...]
    rows: list[SourceRow]
    is_cut: bool


def find_cells(
    organization: Organization,
    run_id: int,
    wanted: Wanted,
    *,
    after: str = "",
    limit: int = CELLS_A_PAGE,
) -> CellPage:
    """Return cells of one line of a run's tie-out, streamed from what the run has kept.

    Raises Refused: run_unknown, tie_out_place_unknown.
    """
    with reading(organization.pk):
        run, group, target = _open(organization, run_id, wanted)
        matches = _matcher(target, wanted, group_units(group))
        found = list(islice(_compare(run, group, target, matches, after), limit + 1))
        return CellPage(
            group=group.name,
            dimensions=target.layout.dimensions,
            measures=target.layout.measures,
            cells=found[:limit],
            after=found[limit - 1].key if len(found) > limit else "",
        )


def find_rows(organization: Organization, run_id: int, wanted: Wanted, cell_key: str) -> RowPage:
    """Return the source rows that fall on a cell under the mapping version of the run.

    Raises Refused: run_unknown, tie_out_place_unknown.
    """
    with reading(organization.pk):
        _, group, target = _open(organization, run_id, wanted)
        data_set = target.data_set
        behind = (
            SourceRow(unit.part, row.source_key, data_set.key_fields(row.source_key), row.values)
            for unit in group_units(group)
            for row in rows_behind(unit, target, frozenset({cell_key}))
        )
        rows = list(islice(behind, ROWS_SHOWN + 1))
        return RowPage(
            data_set.key, target.layout.measures, rows[:ROWS_SHOWN], len(rows) > ROWS_SHOWN
        )


def _open(organization: Organization, run_id: int, wanted: Wanted) -> tuple[Run, RunGroup, Target]:
    runs = Run.objects.select_related("sync", "sync__source", "mapping_version", "organization")
    run = runs.filter(organization=organization, pk=run_id).first()
    if run is None:
        raise Refused("run_unknown", run=run_id)
    for group in RunGroup.objects.filter(organization=organization, run=run, is_mapped=True):
        if "accounts" in run.plan and _is_of(group, wanted):
            return run, group, build_target(run)
    raise Refused("tie_out_place_unknown", run=run_id, entity=wanted.entity, period=wanted.period)


def _is_of(group: RunGroup, wanted: Wanted) -> bool:
    if (group.entity, group.period) == (wanted.entity, wanted.period):
        return True
    return any(
        wanted.entity in (group.entity, unit.entity)
        and wanted.period in (group.period, str(unit.year_period))
        for unit in group_units(group)
    )


def _matcher(target: Target, wanted: Wanted, units: Sequence[RunUnit]) -> Callable[[str], bool]:
    """Return a test for keys; what is looked for is searched as text before a key is parted."""
    layout = target.layout
    asked = {
        target.data_set.account: wanted.account,
        "currency": wanted.currency,
        "cost_center": wanted.cost_center,
    }
    places: list[tuple[int, str]] = []
    for dimension, text in asked.items():
        if text and dimension in layout.dimensions:
            found = (target.rules(unit).member(dimension, text) for unit in units)
            member = next(filter(None, found), text)
            places.append((layout.dimensions.index(dimension), member))
    texts = [layout.quote(member) for _, member in places]
    known = target.members.owners if target.members is not None else None

    def matches(key: str) -> bool:
        if known is not None and key not in known:
            return False
        if not all(text in key for text in texts):
            return False
        members = layout.members(key) if places else ()
        return all(members[at] == member for at, member in places)

    return matches


def _compare(
    run: Run, group: RunGroup, target: Target, matches: Callable[[str], bool], after: str
) -> Iterator[DrilledCell]:
    """Merge the three streams as the proof does, for the cells that are asked for."""
    is_read = run.plan.get("read_back") is not None
    place = Place(run.organization_id, run.pk, EvidenceKind.CELLS, group.name)
    streams = (
        iter_cells(place),
        _last_sent(run, group, target),
        iter_cells(_at(place, EvidenceKind.READ_BACK)) if is_read else iter(()),
    )
    chosen = [_pick(stream, matches, after) for stream in streams]
    for stretch in aligned(*chosen):
        qad, sent, anaplan = ({key: values for key, values, _ in f.cells()} for f in stretch)
        for key in sorted({*qad, *sent, *anaplan}):
            yield _cell(target, key, (qad.get(key), sent.get(key), anaplan.get(key)), is_read)


def _last_sent(run: Run, group: RunGroup, target: Target) -> Iterator[Frame]:
    """What the files have said last: this run's lines over what was believed before it."""
    place = Place(run.organization_id, run.pk, EvidenceKind.SEGMENT, group.name)
    lines = (
        frame
        for segment in iter_segments(place)
        for _, frame in read_lines(segment.raw, segment.first_line, target.layout)
    )
    before = (
        RunGroup.objects.filter(
            organization_id=run.organization_id,
            run__sync_id=run.sync_id,
            run_id__lt=run.pk,
            name=group.name,
            is_tied_out=True,
        )
        .order_by("-run_id")
        .values_list("run_id", flat=True)
        .first()
    )
    if before is None:
        return lines
    held = Place(run.organization_id, before, EvidenceKind.POSITION, group.name)
    return overlay(iter_cells(held), lines)


def _at(place: Place, kind: EvidenceKind) -> Place:
    return Place(place.organization_id, place.run_id, kind, place.part)


def _pick(frames: Iterator[Frame], matches: Callable[[str], bool], after: str) -> Iterator[Frame]:
    for frame in frames:
        if after and frame.keys and frame.keys[-1] <= after:
            continue
        places = [at for at, key in enumerate(frame.keys) if key > after and matches(key)]
        if places:
            yield frame.pick(places)


def _cell(target: Target, key: str, three: tuple[Values | None, ...], is_read: bool) -> DrilledCell:
    zeros = ("0",) * len(target.layout.measures)
    qad, sent, anaplan = three
    left, right = qad or zeros, anaplan or zeros
    is_equal = same_values(left, right) and same_values(left, sent or zeros)
    return DrilledCell(
        key=key,
        members=target.layout.members(key),
        qad=qad,
        sent=sent,
        anaplan=anaplan,
        difference=tuple(map(subtract, left, right)) if is_read else None,
        is_equal=is_equal if is_read else None,
    )


def cells_report(page: CellPage) -> list[dict[str, Any]]:
    """Return cells in the JSON shape of docs/commands.md: one entry a cell and measure."""
    return [
        {
            "cell": cell.key,
            "members": dict(zip(page.dimensions, cell.members, strict=True)),
            "measure": measure,
            "qad": _at_place(cell.qad, at),
            "sent": _at_place(cell.sent, at),
            "anaplan": _at_place(cell.anaplan, at),
            "difference": _at_place(cell.difference, at),
        }
        for cell in page.cells
        for at, measure in enumerate(page.measures)
    ]


def rows_report(page: RowPage) -> list[dict[str, Any]]:
    """Return source rows in the JSON shape of docs/commands.md."""
    return [
        {
            "unit": row.part,
            "source_key": row.source_key,
            "fields": dict(zip(page.names, row.fields, strict=True)),
            "values": {
                measure: plain(Decimal(text))
                for measure, text in zip(page.measures, row.values, strict=True)
            },
        }
        for row in page.rows
    ]


def _at_place(values: Values | None, at: int) -> str | None:
    return plain(Decimal(values[at])) if values is not None else None
