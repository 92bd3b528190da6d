"""The records of one reason, and their replay."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import Refused
from accounts.gate import require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import tell_refusal
from integrations.forms.runs import RecordsForm
from integrations.selectors.exceptions import (
    list_groups,
    list_records,
    open_record_ids,
    sum_exceptions,
)
from integrations.selectors.runs import get_run
from integrations.services import replay


@require_safe
def run_records(request: OrganizationRequest, run_id: int) -> HttpResponse:
    """Show the records of a run that share one verdict and reason, a page at a time."""
    run = get_run(request.organization, run_id)
    verdict, code = request.GET.get("verdict", ""), request.GET.get("code", "")
    after = request.GET.get("after", "")
    groups = list_groups(run, sum_exceptions(run))
    found = [group for group in groups if (group.verdict, group.code) == (verdict, code)]
    if not found:
        raise Http404("no such reason")
    records = list_records(
        run,
        verdict=verdict,
        code=code,
        after=int(after) if after.isdecimal() and len(after) < 19 else 0,
    )
    context = {"run": run, "group": found[0], "records": records}
    template = "integrations/run/records.html" if request.htmx else "integrations/records.html"
    return render(request, template, context)


@require_POST
def replay_records(request: OrganizationRequest, run_id: int) -> HttpResponse:
    """Replay chosen records, or all open ones of a reason, and lead to the new run."""
    require(request, Right.REPLAY)
    run = get_run(request.organization, run_id)
    form = RecordsForm(request.POST)
    if not form.is_valid():
        for problems in form.errors.values():
            messages.error(request, " ".join(map(str, problems)))
        return redirect("run_page", request.organization.slug, run_id)
    chosen = form.cleaned_data["record"]
    if form.cleaned_data["scope"] == "all":
        chosen = open_record_ids(
            run, verdict=form.cleaned_data["verdict"], code=form.cleaned_data["code"]
        )
    if not chosen:
        messages.info(request, "None of these records is open any more, so nothing was replayed.")
        return redirect("run_page", request.organization.slug, run_id)
    try:
        new = replay.replay_records(
            organization=request.organization,
            run_id=run_id,
            exception_ids=chosen,
            requested_by=request.user.email,
        )
    except Refused as refused:
        tell_refusal(request, refused)
        return redirect("run_page", request.organization.slug, run_id)
    return redirect("run_page", request.organization.slug, new.pk)
