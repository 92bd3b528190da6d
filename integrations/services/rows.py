"""The source rows of a unit, read from kept pages, and those among them that did not arrive."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import compress, groupby
from operator import attrgetter, not_
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone

from integrations.models import (
    ExceptionState,
    RecordException,
    Run,
    RunKind,
    RunUnit,
    Verdict,
)
from integrations.pipeline.amounts import Values, add
from integrations.pipeline.duplicates import RepeatFilter, find_repeats
from integrations.pipeline.lists import Members
from integrations.pipeline.policies import Policies
from integrations.pipeline.rules import LAST_PERIOD
from integrations.pipeline.streams import read_column, read_measure
from integrations.pipeline.units import Totals
from integrations.qad.profile import Profile
from integrations.qad.rows import RowReader
from integrations.selectors.mappings import read_rules
from integrations.services.bulk import copy_rows
from integrations.services.evidence import iter_pages, spool_folder
from integrations.services.states import Slice
from integrations.services.targets import Target

EXCEPTIONS_A_COMMIT = 5_000
NO_ROW = "no row: "
"""Begins the key of an exception that stands for a cell without a row in QAD."""


class UnitRows:
    """The rows of one unit that are part of the data set, each once, as they were read.

    `repeats` counts the dropped ones, `left_out` those that are no part of it.
    """

    def __init__(self, unit: RunUnit, target: Target) -> None:
        self.unit = unit
        self.data_set = target.data_set
        profile = json.dumps(target.profile, sort_keys=True)
        self.reader = _reader(profile, self.data_set.document, target.fields)
        self.repeats = 0
        self.left_out = 0
        self._left_out_sums = Totals(len(self.data_set.totals))
        self._left_out_rules, self._kept_only = target.left_out(unit), target.kept_only()

    def _read(self) -> Iterator[Sequence[Any]]:
        return (self.reader.rows(body) for body in iter_pages(self.unit))

    def left_out_control(self) -> dict[str, str]:
        """Return the sums of the rows that were left out, per total of the data set."""
        return dict(zip(self.data_set.totals, self._left_out_sums.values(), strict=True))

    def pages(self) -> Iterator[Sequence[Any]]:
        """Yield the unit's rows page by page, without identical repeats."""
        if not self._left_out_rules and not self._kept_only:
            return self._distinct()
        return map(self._leave_out, self._distinct())

    def _leave_out(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Drop the rows that are no part of the data set, and add them up."""
        is_out = [False] * len(rows)
        for field, values in self._left_out_rules.items():
            column = read_column(rows, field)
            texts = (v if isinstance(v, str) else str(v).lower() for v in column)
            is_out = [out or text in values for out, text in zip(is_out, texts, strict=True)]
        for field, values in self._kept_only.items():
            column = read_column(rows, field)
            is_out = [out or value not in values for out, value in zip(is_out, column, strict=True)]
        dropped = list(compress(rows, is_out))
        if not dropped:
            return rows
        self.left_out += len(dropped)
        self._left_out_sums.add_columns(
            read_measure(self.data_set, dropped, total) for total in self.data_set.totals
        )
        return list(compress(rows, map(not_, is_out)))

    def _distinct(self) -> Iterator[Sequence[Any]]:
        if self.unit.is_ascending:
            yield from self._read()
            return
        suspects = find_repeats(self._read, self.data_set, spool_folder())
        distinct = RepeatFilter(self.data_set, suspects)
        for rows in self._read():
            yield distinct.distinct(rows) if suspects else rows
            self.repeats = distinct.dropped


@lru_cache(maxsize=16)
def _reader(profile: str, document: str, fields: tuple[str, ...]) -> RowReader:
    return RowReader(Profile.parse(json.loads(profile)), document, fields)


def target_of(work: Slice, run: Run) -> Target:
    """Return the run's target, built once a slice; inside an open scope."""
    if "target" not in work.cache:
        work.cache["target"] = build_target(run)
    found: Target = work.cache["target"]
    return found


def build_target(run: Run) -> Target:
    """Build a run's target; inside an open scope."""
    rules = read_rules(run.mapping_version) if run.mapping_version else []
    target = Target.of(run, rules)
    return _with_members(run, target) if target.data_set.is_list else target


def _with_members(run: Run, target: Target) -> Target:
    rules = target.table.in_force("", LAST_PERIOD)
    members = Members(target.layout, rules, target.data_set, target.conventions)
    for unit in run.units.filter(is_read=True):
        for rows in UnitRows(unit, target).pages():
            members.add(unit.part, rows)
    return replace(target, members=members)


class RowBehind(NamedTuple):
    """A source row and a cell that it falls on, with what it brings there.

    A row whose codes are split has several cells, one after the other.
    """

    source_key: str
    cell_key: str
    values: Values


def iter_rows_with_cells(unit: RunUnit, target: Target) -> Iterator[RowBehind]:
    """Yield every mapped row of a unit with each of its cells."""
    mapper = target.mapper(unit)
    row_key = target.data_set.row_key
    for rows in UnitRows(unit, target).pages():
        placed = mapper.map_rows(rows)
        behind = rows if placed.places is None else map(rows.__getitem__, placed.places)
        values = zip(*placed.columns, strict=True)
        yield from map(RowBehind, map(row_key, behind), placed.keys, values)


def rows_behind(unit: RunUnit, target: Target, cells: Collection[str]) -> Iterator[RowBehind]:
    """Yield the rows of a unit that fall on the given cells."""
    return (row for row in iter_rows_with_cells(unit, target) if row.cell_key in cells)


def cells_of_records(
    work: Slice, run: Run, units: Sequence[RunUnit], target: Target
) -> frozenset[str] | None:
    """Return the cells that a replay's chosen records fall on today; None where all are due.

    All are where the target is emptied first: what is not sent would be gone.
    """
    if run.selection is None or run.sync.sends_all:
        return None
    with work.read():
        chosen = RecordException.objects.filter(pk__in=run.selection)
        keys = set(chosen.values_list("part", "source_key"))
    return frozenset(_cells_of(keys, units, target))


def cells_of_listed(
    work: Slice, run: Run, units: Sequence[RunUnit], target: Target
) -> frozenset[str]:
    """Return the cells that records of the run which have one fall on.

    A record names one of its cells; those of a split row are found again in the kept pages.
    """
    parts = [unit.part for unit in units]
    with work.read():
        records = RecordException.objects.filter(run=run, part__in=parts).exclude(cell_key="")
        listed = list(records.values_list("part", "source_key", "cell_key"))
    cells = frozenset(cell for _, _, cell in listed)
    split = [unit for unit in units if target.rules(unit).has_splits()]
    return cells | _cells_of({(part, key) for part, key, _ in listed}, split, target)


def _cells_of(
    keys: Collection[tuple[str, str]], units: Iterable[RunUnit], target: Target
) -> set[str]:
    """Return the cells of records that are given by part and key."""
    cells: set[str] = set()
    for unit in units:
        wanted = {key for part, key in keys if part == unit.part}
        if wanted:
            rows = iter_rows_with_cells(unit, target)
            cells |= {row.cell_key for row in rows if row.source_key in wanted}
    return cells


def refused_cells(
    work: Slice, run: Run, units: Sequence[RunUnit]
) -> dict[str, tuple[int | None, str]]:
    """Return the cells that Anaplan has refused or ignored and that are not to be tried again,
    each with Anaplan's words; none where the sync tries again, and none for a replay."""
    if Policies.parse(run.sync.policies).retry_failed or run.kind == RunKind.REPLAY:
        return {}
    with work.read():
        refused = RecordException.objects.filter(
            Q(verdict__in=(Verdict.REJECTED, Verdict.IGNORED)) | Q(code="not_retried"),
            organization_id=run.organization_id,
            sync_id=run.sync_id,
            part__in=[unit.part for unit in units],
            state=ExceptionState.OPEN,
        )
        found = refused.exclude(cell_key="").values_list("cell_key", "message")
        return {key: (None, message) for key, message in found}


def insert_exceptions(run: Run, part: str, records: Iterable[Mapping[str, Any]]) -> int:
    """Insert exception rows in the open transaction; a row that is there already stays."""
    now = timezone.now()
    columns = (
        "organization_id", "run_id", "sync_id", "part", "source_key", "verdict", "code",
        "dimension", "member_code", "message", "cell_key", "line", "values", "codes", "state",
        "tries", "created_at",
    )  # fmt: skip
    rows = (
        (
            run.organization_id, run.pk, run.sync_id, part, record["source_key"],
            str(record["verdict"]), record["code"], record.get("dimension", ""),
            record.get("member_code", ""), record.get("message", ""), record.get("cell_key", ""),
            record.get("line"), json.dumps(record["values"]), json.dumps(record.get("codes", {})),
            str(ExceptionState.OPEN), 0, now,
        )
        for record in records
    )  # fmt: skip
    return copy_rows(RecordException, columns, rows)


def keep_exceptions(
    work: Slice,
    unit: RunUnit,
    rows: Iterable[RowBehind],
    *,
    verdict: str,
    code: str,
    measures: Sequence[str],
    messages: Mapping[str, tuple[int | None, str]],
) -> int:
    """Keep rows that did not arrive, with the file line and Anaplan's words of their cells.

    A row with several such cells is kept once: by the first, with all that it brings to them.
    """
    count = 0
    batch: list[dict[str, Any]] = []
    for row in _once(rows):
        line, message = messages.get(row.cell_key, (None, ""))
        batch.append(
            {
                "source_key": row.source_key,
                "verdict": verdict,
                "code": code,
                "cell_key": row.cell_key,
                "line": line,
                "message": message,
                "values": dict(zip(measures, row.values, strict=True)),
            }
        )
        if len(batch) >= EXCEPTIONS_A_COMMIT:
            count += _flush(work, unit, batch)
    return count + _flush(work, unit, batch)


def _once(rows: Iterable[RowBehind]) -> Iterator[RowBehind]:
    """Put the cells of each row together; they follow each other."""
    for _, same in groupby(rows, key=attrgetter("source_key")):
        first, *others = same
        for other in others:
            first = first._replace(values=tuple(map(add, first.values, other.values)))
        yield first


def _flush(work: Slice, unit: RunUnit, batch: list[dict[str, Any]]) -> int:
    if not batch:
        return 0
    with work.commit() as run:
        count = insert_exceptions(run, unit.part, batch)
    batch.clear()
    return count
