"""The records of one reason, and what other runs have said of them."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import OrganizationRequest
from integrations.selectors.exceptions import (
    list_groups,
    list_records,
    sum_exceptions,
)
from integrations.selectors.runs import get_run


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
