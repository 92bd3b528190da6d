"""Phase 2, map: one value per target cell, what has changed, and the lines to send."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from audit.actions import Action
from audit.trail import record_event
from integrations.models import EvidenceKind, Position, Run, RunGroup, RunUnit
from integrations.pipeline.amounts import add
from integrations.pipeline.cells import CellStore
from integrations.pipeline.changes import compare
from integrations.pipeline.lists import LIST_GROUP
from integrations.pipeline.mapping import UnitMapper
from integrations.pipeline.period_states import is_closed
from integrations.pipeline.tally import Tally
from integrations.services.closed_changes import (
    find_position,
    is_approved,
    needs_approval,
    note_waiting,
    settle,
    warn_of_change,
)
from integrations.services.code_amounts import keep_code_sums
from integrations.services.crashpoints import crashpoint
from integrations.services.evidence import iter_cells, iter_held_before, spool_folder
from integrations.services.lacks import Lacks, list_lacks
from integrations.services.parts import (
    GroupFiles,
    begin_group,
    group_units,
    keep_held,
)
from integrations.services.phases.gates import pass_gates
from integrations.services.phases.steps import Again, Step
from integrations.services.rows import (
    NO_ROW,
    RowBehind,
    UnitRows,
    cells_of_records,
    keep_exceptions,
    refused_cells,
    rows_behind,
    target_of,
)
from integrations.services.states import Slice
from integrations.services.targets import Target
from integrations.transport.errors import IntegrationError


def advance(work: Slice) -> Step:
    """Lay out the groups, or map the next one; the gates come after the last."""
    with work.read() as run:
        groups = run.groups.exists()
        group = run.groups.filter(is_mapped=False).first()
        rows = sum(unit.rows for unit in group_units(group)) if group else 0
        target = target_of(work, run)
    if not groups:
        _lay_out_groups(work, target)
        return Again()
    if group is not None:
        with work.together(rows=rows):
            _map_group(work, run, group, target)
        crashpoint("map.after_group")
        return Again()
    return pass_gates(work, run, target.policy)


def _lay_out_groups(work: Slice, target: Target) -> None:
    with work.commit() as fresh:
        units = list(fresh.units.all())
        groups: dict[str, RunGroup] = {}
        for unit in units:
            rules = target.rules(unit)
            entity = rules.member("entity", unit.entity) or ""
            period = rules.member("period", str(unit.year_period)) or ""
            name = f"{entity}|{period}" if entity and period else f"?{unit.part}"
            if target.data_set.is_list:
                name = LIST_GROUP
            unit.group = name
            groups.setdefault(
                name,
                RunGroup(
                    organization=fresh.organization,
                    run=fresh,
                    number=len(groups) + 1,
                    name=name,
                    entity=entity,
                    period=period,
                ),
            )
            groups[name].is_closed |= is_closed(unit.period_status)
        RunUnit.objects.bulk_update(units, ["group"])
        RunGroup.objects.bulk_create(groups.values())


def _map_group(work: Slice, run: Run, group: RunGroup, target: Target) -> None:
    files = begin_group(work, group)
    with work.read():
        units = group_units(group)
        position = find_position(run, group)
    chosen = cells_of_records(work, run, units, target)
    refused = refused_cells(work, run, units)
    reason = "not_retried" if refused else "replay_not_chosen"
    with CellStore(spool_folder()) as store:
        mapped = _map_units(work, run, units, target, store)
        tally = Tally(target.layout.measures, mapped.split)
        wanted = files.keep_cells(store.frames())
        if needs_approval(run, group, position):
            deque(wanted, maxlen=0)
            wanted = iter_cells(files.place(EvidenceKind.CELLS))
            with work.read():
                if not is_approved(run, group, files.digest()):
                    chosen, reason = frozenset(), "closed_change_held"
        changes = compare(wanted, iter_held_before(run, group.name))
        if target.data_set.is_list:
            changes = tally.keep_members(changes)
        elif position is not None and not run.sync.sends_all:
            changes = tally.measure(changes)
        files.keep_segments(tally.watch(changes, chosen, refused), target.layout)
    tally.settle_split_rows()
    if tally.kept_back:
        mapped.held_rows += _hold_back(work, units, target, tally, reason, refused)
    crashpoint("map.before_group_done")
    group.moved = _movement(tally, position)
    _note_group(work, run, group, files, mapped, tally, reason)
    if group.moved and group.is_closed:
        warn_of_change(work, group)


def _movement(tally: Tally, position: Position | None) -> dict[str, Any]:
    """Return how what QAD says differs from what was held; {} where nothing does."""
    if position is None or not tally.shown():
        return {}
    return {
        "cells": tally.due_cells,
        "by": tally.moved(),
        "since": (position.run.finished_at or position.run.created_at).isoformat(),
        "run": position.run_id,
        "first": tally.shown(),
    }


def _note_group(
    work: Slice,
    run: Run,
    group: RunGroup,
    files: GroupFiles,
    mapped: "_Mapped",
    tally: Tally,
    reason: str,
) -> None:
    """Note what the group came to, with one event that carries its digests."""
    digest = files.digest()
    with work.commit():
        if reason == "closed_change_held" and tally.kept_back:
            note_waiting(run, group, digest)
        elif group.is_closed:
            settle(run, group)
        group.digest = digest
        group.first_line, group.lines = files.first_line, files.lines
        group.control, group.held = mapped.totals, mapped.held_totals
        group.turned, group.lacking = Decimal(mapped.turned), mapped.lacking
        group.counts = {
            "rows": mapped.rows,
            "repeats": mapped.repeats,
            "left_out": mapped.left_out,
            "held": mapped.held_rows,
            "suspense": mapped.suspense_rows,
            "unchanged": tally.same_rows,
            "sent": tally.sent_rows,
            "cells": tally.cells,
            "cells_changed": tally.sent_cells,
            "zero_sends": tally.zero_sends,
            "vanished": tally.vanished,
            "held_cells": len(tally.lost),
        }
        group.is_mapped = True
        group.save()
        record_event(
            Action.BLOCK_MAPPED,
            subject=("group", group.name),
            data={
                "digest": digest,
                "counts": group.counts,
                "totals": group.control,
                "mapping": run.mapping_version.number if run.mapping_version else None,
                "segments": files.segment_digests,
            },
        )


@dataclass(slots=True)
class _Mapped:
    """What the units of a group came to; `split` counts split rows by their cells."""

    rows: int = 0
    repeats: int = 0
    left_out: int = 0
    held_rows: int = 0
    suspense_rows: int = 0
    split: Counter[tuple[str, ...]] = field(default_factory=Counter)
    lacking: list[Lacks] = field(default_factory=list)
    turned: str = "0"
    totals: dict[str, str] = field(default_factory=dict)
    held_totals: dict[str, str] = field(default_factory=dict)


def _map_units(
    work: Slice, run: Run, units: list[RunUnit], target: Target, store: CellStore
) -> _Mapped:
    mapped = _Mapped()
    for unit in units:
        source = UnitRows(unit, target)
        mapper = target.mapper(unit)
        for rows in source.pages():
            placed = mapper.map_rows(rows)
            store.add_batch(placed.keys, placed.columns)
            mapped.split.update(placed.split)
            if placed.held:
                keep_held(work, unit, placed.held, target)
        with work.commit():
            if isinstance(mapper, UnitMapper):
                keep_code_sums(run, unit, mapper.code_sums)
            RunUnit.objects.filter(pk=unit.pk).update(
                repeats=source.repeats,
                left_out=source.left_out,
                left_out_control=source.left_out_control(),
            )
        mapped.rows += mapper.rows
        mapped.repeats += source.repeats
        mapped.held_rows += mapper.held_rows
        mapped.suspense_rows += mapper.suspense.rows
        mapped.lacking += list_lacks(mapper, target.layout.measures)
        _add_up(mapped.totals, target.layout.measures, mapper.totals())
        _add_up(mapped.held_totals, target.layout.measures, mapper.held_totals())
        mapped.turned = add(mapped.turned, mapper.turned_total())
        mapped.left_out += source.left_out
        if mapper.rows + source.repeats + source.left_out != unit.rows:
            raise IntegrationError("rows_do_not_add_up", part=unit.part)
    return mapped


def _add_up(sums: dict[str, str], measures: tuple[str, ...], values: tuple[str, ...]) -> None:
    for measure, value in zip(measures, values, strict=True):
        sums[measure] = add(sums.get(measure, "0"), value)


def _hold_back(
    work: Slice,
    units: list[RunUnit],
    target: Target,
    tally: Tally,
    reason: str,
    refused: Mapping[str, tuple[int | None, str]],
) -> int:
    """List the rows whose cells are due and not sent; return how many there are.

    A cell that no row falls on any more is listed by itself and counts as no row. What Anaplan
    has refused before keeps Anaplan's words.
    """
    zeros = ("0",) * len(target.layout.measures)
    lost = [RowBehind(f"{NO_ROW}{key}", key, zeros) for key in sorted(tally.lost)]
    listing = partial(
        keep_exceptions,
        work,
        verdict="held",
        code=reason,
        measures=target.layout.measures,
        messages=refused,
    )
    if lost:
        listing(units[0], lost)
    return sum(listing(unit, rows_behind(unit, target, tally.kept_back)) for unit in units)
