"""Which entities and periods of a run are final and signed, and signing one."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import Refused
from accounts.gate import require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import tell_refusal
from integrations.forms.runs import SignOffForm
from integrations.selectors.runs import get_run
from integrations.selectors.sign_offs import Standing, list_standings
from integrations.services import sign_offs as signing


@require_safe
def sign_offs(request: OrganizationRequest, run_id: int) -> HttpResponse:
    """Show how each entity and period of a run stands."""
    run = get_run(request.organization, run_id)
    context = {"run": run, "standings": list_standings(run)}
    return render(request, "integrations/sign_offs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def sign_off(request: OrganizationRequest, run_id: int, number: int) -> HttpResponse:
    """Ask, then sign one entity and period."""
    require(request, Right.SIGN_OFF)
    run = get_run(request.organization, run_id)
    found = next((s for s in list_standings(run) if s.number == number), None)
    if found is None:
        raise Http404("no such group")
    form = SignOffForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        context = {"run": run, "standing": found, "form": form, "sentences": _what_it_means(found)}
        return render(
            request,
            "integrations/sign_off.html",
            context,
            status=422 if request.method == "POST" else 200,
        )
    try:
        signing.sign_off(
            organization=request.organization,
            actor=request.user,
            run_id=run_id,
            group=found.group,
            note=form.cleaned_data["note"],
        )
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        messages.success(request, f"{found.entity}, {found.period} is signed off in your name.")
    return redirect("sign_offs", request.organization.slug, run_id)


def _what_it_means(standing: Standing) -> list[str]:
    return [
        f"You sign in your name that {standing.entity}, {standing.period} ties out to the cent.",
        "A later run that finds other amounts, a difference, or the period open again in QAD "
        "opens it again. Your sign-off stays in the trail.",
    ]
