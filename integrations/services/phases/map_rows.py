"""Phase 2, map: one value per target cell, what has changed, and the lines to send."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings

from audit.actions import Action
from audit.trail import record_event
from integrations.models import BalanceGate, Load, Phase, Run, RunGroup, RunState, RunUnit
from integrations.pipeline.amounts import add, is_zero, same, to_text
from integrations.pipeline.cells import CellStore
from integrations.pipeline.changes import compare
from integrations.pipeline.lists import LIST_GROUP
from integrations.pipeline.streams import DATA_SETS
from integrations.pipeline.tally import Tally
from integrations.services.crashpoints import crashpoint
from integrations.services.evidence import iter_position, spool_folder
from integrations.services.parts import (
    GroupFiles,
    begin_group,
    count_lines,
    group_units,
    keep_held,
)
from integrations.services.phases.steps import Again, End, Next, Step
from integrations.services.rows import (
    UnitRows,
    cells_of_records,
    keep_exceptions,
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
    return _gate(work, run)


def _lay_out_groups(work: Slice, target: Target) -> None:
    with work.commit() as fresh:
        units = list(fresh.units.all())
        groups: dict[str, RunGroup] = {}
        for unit in units:
            entity = target.table.member("entity", unit.entity) or ""
            period = target.table.member("period", str(unit.year_period)) or ""
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
        RunUnit.objects.bulk_update(units, ["group"])
        RunGroup.objects.bulk_create(groups.values())


def _map_group(work: Slice, run: Run, group: RunGroup, target: Target) -> None:
    files = begin_group(work, group)
    with work.read():
        units = group_units(group)
    chosen = cells_of_records(work, run, units, target)
    tally = Tally()
    with CellStore(spool_folder()) as store:
        mapped = _map_units(work, units, target, store)
        changes = compare(
            files.keep_cells(store.frames()),
            iter(())
            if run.sync.sends_all
            else iter_position(run.organization_id, run.sync_id, group.name),
        )
        if target.data_set.is_list:
            changes = tally.keep_members(changes)
        files.keep_segments(tally.watch(changes, chosen), target.layout)
    if tally.kept_back:
        mapped.held_rows += _hold_back(work, units, target, tally.kept_back)
    crashpoint("map.before_group_done")
    _note_group(work, run, group, files, mapped, tally)


def _note_group(
    work: Slice, run: Run, group: RunGroup, files: GroupFiles, mapped: "_Mapped", tally: Tally
) -> None:
    """Note what the group came to, with one event that carries its digests."""
    digest = files.digest()
    with work.commit():
        group.digest = digest
        group.first_line, group.lines = files.first_line, files.lines
        group.control, group.held = mapped.totals, mapped.held_totals
        group.turned = Decimal(mapped.turned)
        group.counts = {
            "rows": mapped.rows,
            "repeats": mapped.repeats,
            "left_out": mapped.left_out,
            "held": mapped.held_rows,
            "unchanged": tally.same_rows,
            "sent": tally.sent_rows,
            "cells": tally.cells,
            "cells_changed": tally.sent_cells,
            "zero_sends": tally.zero_sends,
            "vanished": tally.vanished,
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
    """What the units of a group came to."""

    rows: int = 0
    repeats: int = 0
    left_out: int = 0
    held_rows: int = 0
    turned: str = "0"
    totals: dict[str, str] = field(default_factory=dict)
    held_totals: dict[str, str] = field(default_factory=dict)


def _map_units(work: Slice, units: list[RunUnit], target: Target, store: CellStore) -> _Mapped:
    mapped = _Mapped()
    for unit in units:
        source = UnitRows(unit, target)
        mapper = target.mapper(unit, store)
        for rows in source.pages():
            held = mapper.map_rows(rows)
            if held:
                keep_held(work, unit, held, target)
        with work.commit():
            RunUnit.objects.filter(pk=unit.pk).update(
                repeats=source.repeats,
                left_out=source.left_out,
                left_out_control=source.left_out_control(),
            )
        mapped.rows += mapper.rows
        mapped.repeats += source.repeats
        mapped.held_rows += mapper.held_rows
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


def _hold_back(work: Slice, units: list[RunUnit], target: Target, cells: set[str]) -> int:
    """List the rows whose cells differ but were not chosen for this replay."""
    count = 0
    for unit in units:
        rows = rows_behind(unit, target, cells)
        count += keep_exceptions(
            work,
            unit,
            rows,
            verdict="held",
            code="replay_not_chosen",
            measures=target.layout.measures,
            messages={},
        )
    return count


def _gate(work: Slice, run: Run) -> Step:
    """Check the books' balance and end early where nothing is to be sent."""
    with work.read():
        groups = list(run.groups.all())
        is_balanced = DATA_SETS[run.sync.data_set].is_balanced
    unbalanced = [group.name for group in groups if is_balanced and not _is_balanced(group)]
    warnings: list[dict[str, Any]] = []
    if unbalanced and run.sync.balance_gate != BalanceGate.OFF:
        error = IntegrationError(
            "books_not_balanced", groups=len(unbalanced), first=unbalanced[0].replace("|", " ")
        )
        if run.sync.balance_gate == BalanceGate.BLOCK:
            return End(RunState.FAILED, error=error)
        warnings.append({"code": error.code, "message": error.message})
    lines = count_lines(groups)
    with work.commit() as fresh:
        Run.objects.filter(pk=fresh.pk).update(
            warnings=[*fresh.warnings, *warnings],
            counts={**fresh.counts, **_sum_counts(groups), "lines": lines},
        )
        if lines:
            Load.objects.get_or_create(
                organization=fresh.organization,
                run=fresh,
                defaults={
                    "file_id": fresh.plan["file_id"],
                    "import_id": fresh.plan["import_id"],
                    "process_id": fresh.plan["process_id"],
                    "lines": lines,
                    "chunk_bytes": settings.CHUNK_BYTES,
                },
            )
    return Next(Phase.LOAD if lines else Phase.RECONCILE)


def _is_balanced(group: RunGroup) -> bool:
    """Tell whether money adds up to zero; a file of quantities alone has none to check.

    A layout with one side of money has the other or the net as well.
    """
    sums = {name: add(group.control[name], group.held[name]) for name in group.control}
    if "net" in sums:
        turned = to_text(group.turned)
        return is_zero(add(sums["net"], add(turned, turned)))
    return same(sums.get("debit", "0"), sums.get("credit", "0"))


def _sum_counts(groups: list[RunGroup]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for group in groups:
        for name, count in group.counts.items():
            sums[name] = sums.get(name, 0) + count
    return sums
