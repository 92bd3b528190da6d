"""The page of one run: live while it moves, complete when it has ended."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import Refused
from accounts.gate import require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import tell_refusal
from integrations.selectors.closed_changes import find_movement, list_changes_of
from integrations.selectors.exceptions import (
    ExceptionSum,
    list_groups,
    list_outcomes,
    list_records,
    sum_exceptions,
)
from integrations.selectors.grids import Grid, get_grid
from integrations.selectors.plans import version_of_run
from integrations.selectors.progress import Progress, account_word, get_progress
from integrations.selectors.proofs import get_proof, get_read_back
from integrations.selectors.runs import get_run
from integrations.selectors.tieouts import (
    PlaceSum,
    list_accounts,
    list_differences,
    list_totals,
    sum_places,
)
from integrations.services import syncs
from integrations.views.bridge import draw_bridge
from integrations.views.plan_stages import plan_counts, plan_headline, plan_stages
from integrations.views.sentences import headline
from integrations.views.stages import announcement, counted, stages


@require_safe
def run_page(request: OrganizationRequest, run_id: int) -> HttpResponse:
    """Show a run whole; an HTMX call for the unit gets that part alone."""
    run = get_run(request.organization, run_id)
    proof = _Proof.read(run)
    if request.htmx.target == "unit":
        return render(request, "integrations/run/unit.html", _unit(request, run, proof.grid))
    context = {**_top(get_progress(run, proof.exceptions)), **_results(request, run, proof)}
    return render(request, "integrations/run_page.html", context)


@require_safe
def run_progress(request: OrganizationRequest, run_id: int) -> HttpResponse:
    """Answer the live part, or 304 where nothing has changed since the last one."""
    progress = get_progress(get_run(request.organization, run_id))
    context = {"is_part": True, **_top(progress)}
    if request.headers.get("If-None-Match") == context["etag"]:
        return HttpResponseNotModified(headers={"ETag": context["etag"]})
    answer = render(request, "integrations/run/progress.html", context)
    answer["ETag"] = context["etag"]
    if not progress.is_active:
        answer["HX-Trigger"] = "run-ended"
    return answer


@require_safe
def run_results(request: OrganizationRequest, run_id: int) -> HttpResponse:
    """Answer everything below the live part, for a run that has just ended."""
    run = get_run(request.organization, run_id)
    proof = _Proof.read(run)
    context = {
        "is_part": True,
        **_top(get_progress(run, proof.exceptions)),
        **_results(request, run, proof),
    }
    return render(request, "integrations/run/results.html", context)


@require_POST
def cancel_run(request: OrganizationRequest, run_id: int) -> HttpResponse:
    """Ask a run to stop."""
    require(request, Right.RUN)
    get_run(request.organization, run_id)
    try:
        syncs.cancel_run(
            organization=request.organization, run_id=run_id, requested_by=request.user.email
        )
    except Refused as refused:
        tell_refusal(request, refused)
    return redirect("run_page", request.organization.slug, run_id)


@dataclass(frozen=True, slots=True)
class _Proof:
    """What several parts of the page are drawn from, read once."""

    sums: list[PlaceSum]
    exceptions: list[ExceptionSum]
    grid: Grid

    @classmethod
    def read(cls, run: Any) -> "_Proof":
        sums, exceptions = sum_places(run), sum_exceptions(run)
        return cls(sums, exceptions, get_grid(run, sums, exceptions))


def _top(progress: Progress) -> dict[str, Any]:
    is_plan = progress.run.sync.brings_plan
    return {
        "run": progress.run,
        "progress": progress,
        "headline": plan_headline(progress) if is_plan else headline(progress),
        "stages": plan_stages(progress) if is_plan else stages(progress),
        "announcement": announcement(progress),
        "counts": plan_counts(progress) if is_plan else counted(progress),
        "etag": f'"{hashlib.sha256(repr(progress).encode()).hexdigest()[:32]}"',
    }


def _results(request: OrganizationRequest, run: Any, proof: _Proof) -> dict[str, Any]:
    totals = list_totals(proof.sums)
    groups = list_groups(run, proof.exceptions)
    first = groups[0] if groups else None
    return {
        "totals": totals,
        "pictures": draw_bridge(totals),
        "grid": proof.grid,
        "differences": list_differences(run),
        "groups": groups,
        "outcomes": [] if run.is_active else list_outcomes(run),
        "group": first,
        "records": list_records(run, verdict=first.verdict, code=first.code) if first else None,
        "changes": list_changes_of(run),
        "proof": get_proof(run),
        "plan_version": version_of_run(run),
        "read_back": get_read_back(run),
        **_unit(request, run, proof.grid),
    }


def _unit(request: OrganizationRequest, run: Any, grid: Grid) -> dict[str, Any]:
    """Return the accounts of the unit that the address asks for, else of the first that differs."""
    asked = request.GET.get("entity"), request.GET.get("period")
    unit = grid.unit(asked[0] or "", asked[1] or "") if any(asked) else grid.first
    if unit is None:
        return {"run": run, "unit": None, "word": account_word(run)}
    only_differing = request.GET.get("only") == "differing"
    page = list_accounts(
        run,
        entity=unit.entity,
        period=unit.period,
        only_differing=only_differing,
        after=request.GET.get("after", ""),
    )
    return {
        "run": run,
        "unit": unit,
        "accounts": page,
        "only_differing": only_differing,
        "movement": find_movement(run, unit.entity, unit.period),
        "word": account_word(run),
    }
