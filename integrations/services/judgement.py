"""The end of a run: its state is computed from what was counted and compared."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from integrations.models import ExceptionState, Load, RecordException, Run, RunGroup, RunState
from integrations.pipeline.amounts import add, same, to_text
from integrations.pipeline.streams import DATA_SETS
from integrations.services.parts import count_lines
from integrations.transport.errors import IntegrationError

VERDICTS = ("loaded", "unchanged", "held", "rejected", "ignored", "failed")


@dataclass(frozen=True, slots=True)
class Judgement:
    """The state that the evidence gives, its reason, and the counts it rests on."""

    state: RunState
    counts: dict[str, int]
    error: IntegrationError | None = None


def judge(run: Run) -> Judgement:
    """Compute a run's end state; green only where every cell and every row is accounted for."""
    groups = list(run.groups.all())
    load = Load.objects.filter(run=run).first()
    outcome = load.outcome if load else ""
    counts = _count(run, groups, load)
    error = _trouble(run, groups, counts, outcome)
    if error is not None:
        wished = outcome == "cancelled" and run.cancel_requested
        return Judgement(RunState.CANCELLED if wished else RunState.FAILED, counts, error)
    is_read = run.plan.get("read_back") is not None
    if not is_read and outcome == "unknown":
        return Judgement(RunState.UNKNOWN, counts, IntegrationError("import_unclear"))
    listed = any(counts[name] for name in ("held", "held_cells", "rejected", "ignored"))
    if counts["unexplained"] or (counts["differences"] and not listed):
        return Judgement(RunState.FAILED, counts, _difference(run, counts))
    if not is_read:
        return _unverified(run, counts)
    if listed:
        return Judgement(RunState.PARTIAL, counts, _missing(counts))
    return Judgement(RunState.RECONCILED, counts)


def _unverified(run: Run, counts: dict[str, int]) -> Judgement:
    """Judge a run whose file was taken and that was not read back: never green."""
    trouble = run.plan.get("read_back_error", {"code": "read_back_missing", "facts": {}})
    error = IntegrationError(trouble["code"], **trouble["facts"])
    return Judgement(RunState.UNVERIFIED, counts, error)


def _count(run: Run, groups: list[RunGroup], load: Load | None) -> dict[str, int]:
    counts = {
        name: sum(group.counts.get(name, 0) for group in groups)
        for name in (
            "rows", "repeats", "left_out", "held", "suspense", "unchanged", "sent", "cells",
            "cells_changed", "zero_sends", "vanished", "held_cells", "rejected", "ignored",
            "differences", "unexplained",
        )
    }  # fmt: skip
    sent = counts.pop("sent")
    outcome = load.outcome if load else ""
    undone = outcome in ("failed", "cancelled") or (outcome == "unknown" and counts["differences"])
    counts["failed"] = sent - counts["rejected"] - counts["ignored"] if undone else 0
    counts["loaded"] = sent - counts["rejected"] - counts["ignored"] - counts["failed"]
    counts["lines"] = count_lines(groups)
    counts["chunks"] = load.chunks if load else 0
    counts["pages"] = sum(unit.pages for unit in run.units.all())
    counts["units"] = run.units.count()
    return counts


def _trouble(
    run: Run, groups: list[RunGroup], counts: dict[str, int], outcome: str
) -> IntegrationError | None:
    if counts["rows"] != sum(counts[verdict] for verdict in VERDICTS):
        return IntegrationError("verdicts_do_not_add_up", rows=counts["rows"])
    if not _control_totals_agree(run, groups):
        return IntegrationError("control_totals_differ")
    if outcome in ("failed", "cancelled"):
        reason = run.load.result.get("reason", "")
        return IntegrationError(f"anaplan_import_{outcome}", reason, reason=reason)
    return None


def _control_totals_agree(run: Run, groups: list[RunGroup]) -> bool:
    """Compare one total of all rows as read with that of what was mapped, held and left out.

    Statistical rows carry their amount as a quantity; what was turned is turned back. Repeated
    rows count once in what was mapped, so a run with repeats is compared by its row counts
    alone; one whose file has no such measure has no total to be compared.
    """
    if run.units.filter(repeats__gt=0).exists():
        return True
    data_set = DATA_SETS[run.sync.data_set]
    control = data_set.control
    if any(control not in group.control for group in groups):
        return True
    read, made = "0", "0"
    for unit in run.units.all():
        read = add(read, unit.control.get(control, "0"))
        made = add(made, unit.left_out_control.get(control, "0"))
    for group in groups:
        turned = to_text(group.turned)
        made = add(made, add(turned, turned))
        for sums in (group.control, group.held):
            for name in (control, data_set.statistical_measure):
                made = add(made, sums.get(name, "0"))
    return same(read, made)


def _difference(run: Run, counts: dict[str, int]) -> IntegrationError:
    first = run.differences.order_by("is_explained", "pk").first()
    return IntegrationError(
        "tie_out_difference",
        cells=counts["unexplained"] or counts["differences"],
        first=first.cell_key if first else "?",
    )


def _missing(counts: dict[str, int]) -> IntegrationError:
    return IntegrationError(
        "records_missing",
        held=counts["held"] + counts["held_cells"],
        rejected=counts["rejected"],
        ignored=counts["ignored"],
    )


def close_old_exceptions(run: Run) -> None:
    """End the open exceptions of earlier runs in this run's units, in the open scope.

    A record that arrived is released; one that is listed again is superseded by its new line.
    """
    supersede_exceptions(run)
    _open_before(run).update(state=ExceptionState.RELEASED, ended_by=run)


def supersede_exceptions(run: Run) -> None:
    """End the open exceptions of earlier runs whose records this run lists again."""
    again = RecordException.objects.filter(
        run=run, part=OuterRef("part"), source_key=OuterRef("source_key")
    )
    _open_before(run).filter(Exists(again)).update(state=ExceptionState.SUPERSEDED, ended_by=run)


def _open_before(run: Run) -> Any:
    return RecordException.objects.filter(
        organization=run.organization,
        sync_id=run.sync_id,
        part__in=[unit.part for unit in run.units.all()],
        state=ExceptionState.OPEN,
        run_id__lt=run.pk,
    )
