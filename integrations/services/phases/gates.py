"""The gates behind phase 2: what stops a mapped run before anything is uploaded."""

from typing import Any

from django.conf import settings

from integrations.models import BalanceGate, Load, Phase, Run, RunGroup, RunState, UnmappedPolicy
from integrations.pipeline.amounts import add, is_zero, same, to_text
from integrations.pipeline.streams import DATA_SETS
from integrations.services.judgement import supersede_exceptions
from integrations.services.lacks import HELD, SUSPENSE, add_lacks, in_words
from integrations.services.parts import count_lines
from integrations.services.phases.steps import End, Next, Step
from integrations.services.sign_offs import find_reopened, reopen
from integrations.services.states import Slice
from integrations.transport.errors import IntegrationError


def pass_gates(work: Slice, run: Run, policy: str) -> Step:
    """Check codes without a member and the books' balance; say what comes next.

    Where nothing is to be sent, the proof does.
    """
    contradicted = find_reopened(run)
    with work.commit() as fresh:
        reopen(fresh, contradicted)
    with work.read():
        groups = list(run.groups.all())
        is_balanced = DATA_SETS[run.sync.data_set].is_balanced
    unmapped = add_lacks(groups, HELD)
    if unmapped and policy == UnmappedPolicy.BLOCK:
        rows = sum(code.rows for code in unmapped)
        error = IntegrationError("unmapped_blocked", rows=rows, codes=in_words(unmapped))
        return _block(work, groups, error)
    warnings: list[dict[str, Any]] = []
    unbalanced = [group.name for group in groups if is_balanced and not _is_balanced(group)]
    if unbalanced and run.sync.balance_gate != BalanceGate.OFF:
        error = IntegrationError(
            "books_not_balanced", groups=len(unbalanced), first=unbalanced[0].replace("|", " ")
        )
        if run.sync.balance_gate == BalanceGate.BLOCK:
            return End(RunState.FAILED, error=error)
        warnings.append({"code": error.code, "message": error.message})
    suspended = add_lacks(groups, SUSPENSE)
    if suspended:
        rows = sum(code.rows for code in suspended)
        error = IntegrationError("rows_in_suspense", rows=rows, codes=in_words(suspended))
        warnings.append({"code": error.code, "message": error.message})
    return _go_on(work, groups, warnings)


def _go_on(work: Slice, groups: list[RunGroup], warnings: list[dict[str, Any]]) -> Step:
    lines = count_lines(groups)
    with work.commit() as fresh:
        Run.objects.filter(pk=fresh.pk).update(
            warnings=[*fresh.warnings, *(w for w in warnings if w not in fresh.warnings)],
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


def _block(work: Slice, groups: list[RunGroup], error: IntegrationError) -> Step:
    """End the run before anything is uploaded; its list takes the place of earlier ones."""
    counts = {
        name: sum(group.counts[name] for group in groups)
        for name in ("rows", "repeats", "left_out", "held")
    }
    with work.commit() as fresh:
        Run.objects.filter(pk=fresh.pk).update(counts={**fresh.counts, **counts})
        supersede_exceptions(fresh)
    return End(RunState.FAILED, error=error)


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
