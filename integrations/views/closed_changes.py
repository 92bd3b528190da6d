"""Changes of closed periods: which wait, what they change, and a second person's approval."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import Refused
from accounts.gate import require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import tell_refusal
from integrations.selectors.closed_changes import Change, get_change, list_decided, list_waiting
from integrations.selectors.movements import Movement
from integrations.services import closed_changes as service
from integrations.templatetags.amounts import QUANTITY, format_amount, format_measure
from integrations.views.sections import run_sections
from integrations.views.sentences import plural


@require_safe
def change_list(request: OrganizationRequest) -> HttpResponse:
    """Show the changes that wait, and what became of others."""
    waiting = list_waiting(request.organization)
    context = {
        "waiting": [(change, change.is_of(request.user.email)) for change in waiting],
        "decided": list_decided(request.organization),
        "sections": run_sections(request),
    }
    return render(request, "integrations/closed_changes.html", context)


@require_safe
def change_page(request: OrganizationRequest, change_id: int) -> HttpResponse:
    """Show one change: by how much, and its first cells before and after."""
    change = get_change(request.organization, change_id)
    context = {"change": change, "is_own": change.is_of(request.user.email)}
    return render(request, "integrations/closed_change.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def approve_change(request: OrganizationRequest, change_id: int) -> HttpResponse:
    """Say what approving sends, then approve and lead to the replay that sends it."""
    require(request, Right.APPROVE_CLOSED_PERIOD)
    change = get_change(request.organization, change_id)
    try:
        if request.method != "POST":
            service.check_approvable(change.row, request.user)
            context = {"change": change, "sentences": what_approving_means(change)}
            return render(request, "integrations/closed_change_approve.html", context)
        run = service.approve_change(
            organization=request.organization, change_id=change_id, actor=request.user
        )
    except Refused as refused:
        tell_refusal(request, refused)
        return redirect("closed_change", request.organization.slug, change_id)
    messages.success(request, f"{change.name} is approved. This replay sends it.")
    return redirect("run_page", request.organization.slug, run.pk)


def what_approving_means(change: Change) -> list[str]:
    """Name the change, and say in numbers what an approval does."""
    run, cells = change.row.run_id, plural(change.movement.cells, "cell")
    return [
        f"{change.row.sync.name}: {change.name} moves by {moved_words(change.movement)} in "
        f"{cells}.",
        f"Approving sends {cells} to Anaplan: it starts a replay of run {run}. What else of that "
        "run is due by now goes with it.",
        "The approval is of these very amounts. Others that QAD may have by then wait anew.",
    ]


def moved_words(movement: Movement) -> str:
    """Say by how much a group moves: "debit 12.00 USD and net 12.00 USD"."""
    if movement.is_mixed:
        return f"amounts in {' and '.join(movement.currencies)}"
    said = [
        f"{measure} {format_measure(amount, measure)}"
        + (f" {movement.currency}" if movement.currency and measure != QUANTITY else "")
        for measure, amount in movement.moving
    ]
    return " and ".join(said) or f"{format_amount('0')} {movement.currency} in sum".replace(
        "  ", " "
    )
