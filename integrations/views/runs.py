"""The run list, and asking for a run."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import Refused
from accounts.gate import require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import tell_refusal
from integrations.forms.runs import RunFilterForm, StartRunForm
from integrations.selectors.runs import (
    RunFilter,
    known_periods,
    list_runs,
    list_syncs,
    state_choices,
)
from integrations.services import syncs
from integrations.views.sections import run_sections


@require_safe
def run_list(request: OrganizationRequest) -> HttpResponse:
    """Show the runs, newest first, and the form that starts one."""
    return _list_page(request, StartRunForm(_sync_choices(request)))


@require_POST
def start_run(request: OrganizationRequest) -> HttpResponse:
    """Queue a run and lead to its page."""
    require(request, Right.RUN)
    form = StartRunForm(_sync_choices(request), request.POST)
    if not form.is_valid():
        return _list_page(request, form, status=422)
    asked_at = timezone.now()
    try:
        run = syncs.start_run(
            organization=request.organization,
            sync_id=form.cleaned_data["sync"],
            periods=form.cleaned_data["period"],
            requested_by=request.user.email,
        )
    except Refused as refused:
        tell_refusal(request, refused)
        return redirect("run_list", request.organization.slug)
    if run.created_at < asked_at:
        messages.info(request, f"Run {run.pk} was under way already, so no second one was started.")
    return redirect("run_page", request.organization.slug, run.pk)


def _list_page(
    request: OrganizationRequest, form: StartRunForm, *, status: int = 200
) -> HttpResponse:
    chosen_form = RunFilterForm(state_choices(), form.syncs, request.GET, auto_id="filter_%s")
    chosen = RunFilter()
    if chosen_form.is_valid():
        found = chosen_form.cleaned_data
        chosen = RunFilter(found["state"], found["sync"])
    page = list_runs(
        request.organization,
        chosen,
        before=_number(request, "before"),
        after=_number(request, "after"),
    )
    context = {
        "page": page,
        "chosen": chosen,
        "filter_form": chosen_form,
        "start_form": form,
        "periods": known_periods(request.organization),
        "is_first_page": page.newer is None,
        "sections": run_sections(request),
    }
    return render(request, "integrations/run_list.html", context, status=status)


def _sync_choices(request: OrganizationRequest) -> list[tuple[int, str]]:
    return [(sync.pk, sync.name) for sync in list_syncs(request.organization)]


def _number(request: OrganizationRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None
