"""The workspace of a QAD connection: what QAD offers, the choice, and a code typed by hand."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import Refused
from accounts.gate import asks_outside, require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import tell_refusal
from audit.tenancy import reading
from integrations.forms.qad import CodesForm, WorkspaceForm
from integrations.selectors.qad import chosen_workspace, get_qad, list_offer
from integrations.services import qad_workspaces as service


@require_http_methods(["GET", "HEAD", "POST"])
def qad_workspace(request: OrganizationRequest, qad_id: int) -> HttpResponse:
    """Show what QAD offers, and take a choice from it or one that was typed."""
    require(request, Right.CONNECT)
    connection = get_qad(request.organization, qad_id)
    if request.method != "POST":
        return _page(request, qad_id, WorkspaceForm())
    by_hand = "by_hand" in request.POST
    form = (WorkspaceForm if by_hand else CodesForm)(request.POST)
    if not form.is_valid():
        return _page(request, qad_id, form)
    put = service.name_workspace if by_hand else service.choose_workspace
    try:
        put(organization=request.organization, connection_id=qad_id, **form.cleaned_data)
    except Refused as refused:
        tell_refusal(request, refused)
        return redirect("qad_workspace", request.organization.slug, qad_id)
    code = "{domain} {entity}".format(**form.cleaned_data)
    messages.success(request, f"{code} is the workspace of {connection.name} now.")
    return redirect("connection", request.organization.slug, qad_id)


@require_POST
@asks_outside
def refresh_workspaces(request: OrganizationRequest, qad_id: int) -> HttpResponse:
    """Ask QAD what it offers, and show it or what kept QAD from answering."""
    require(request, Right.CONNECT)
    try:
        service.refresh_workspaces(organization=request.organization, connection_id=qad_id)
    except Refused as refused:
        with reading(request.organization.pk):
            return _page(request, qad_id, WorkspaceForm(), refused)
    return redirect("qad_workspace", request.organization.slug, qad_id)


def _page(
    request: OrganizationRequest, qad_id: int, form: CodesForm, refused: Refused | None = None
) -> HttpResponse:
    connection = get_qad(request.organization, qad_id)
    context = {
        "connection": connection,
        "chosen": chosen_workspace(connection),
        "text": request.GET.get("text", "").strip(),
        "offer": list_offer(connection, request.GET.get("text", "").strip()),
        "form": form,
        "refused": refused,
    }
    # HTMX shows only good answers in place.
    is_wrong = bool(form.errors or refused) and not request.htmx
    return render(
        request, "integrations/qad_workspace.html", context, status=422 if is_wrong else 200
    )
