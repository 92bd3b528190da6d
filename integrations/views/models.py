"""The model of an Anaplan connection: chosen from a list, looked at, watched."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import Refused
from accounts.gate import asks_outside, require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import sentence, tell_refusal
from audit.tenancy import tenant
from integrations.forms.models import ChooseModelForm, ModelFilterForm
from integrations.selectors.connections import get_anaplan
from integrations.selectors.models import list_offers
from integrations.selectors.needs import list_needs, needs_as_text
from integrations.services import alarms, offers
from integrations.services.asking import soon


@require_safe
def model_picker(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Offer the models by name, those that fit what is searched for."""
    require(request, Right.CONNECT)
    return _picker(request, connection_id, ChooseModelForm())


@require_POST
@asks_outside
def choose_model(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Choose a model, then look at what it offers."""
    require(request, Right.CONNECT)
    form = ChooseModelForm(request.POST)
    if form.is_valid():
        try:
            connection = offers.choose_model(
                organization=request.organization,
                connection_id=connection_id,
                given=form.cleaned_data["given"],
            )
        except Refused as refused:
            form.add_error("given", sentence(refused))
        else:
            place = connection.place
            messages.success(
                request, f"{place['model_name']} in {place['workspace_name']} is chosen."
            )
            _look(request, connection_id, soon())
            return redirect("connection", request.organization.slug, connection_id)
    with tenant(request.organization.pk):
        return _picker(request, connection_id, form)


@require_POST
@asks_outside
def refresh_models(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Ask Anaplan anew which models there are and what the chosen one offers."""
    require(request, Right.CONNECT)
    until = soon()
    try:
        count = offers.list_models(
            organization=request.organization, connection_id=connection_id, until=until
        )
    except Refused as refused:
        if refused.code == "connection_unknown":
            raise Http404(refused.message) from None
        tell_refusal(request, refused)
    else:
        messages.success(request, f"{count:,} model{'' if count == 1 else 's'} listed.")
        _look(request, connection_id, until)
    page = "model_picker" if request.POST.get("back") == "picker" else "connection"
    return redirect(page, request.organization.slug, connection_id)


@require_POST
def accept_drift(request: OrganizationRequest, connection_id: int, alarm_id: int) -> HttpResponse:
    """Take a change of the model as right."""
    require(request, Right.CONNECT)
    connection = get_anaplan(request.organization, connection_id)
    try:
        alarm = alarms.accept_drift(
            organization=request.organization, connection_id=connection_id, alarm_id=alarm_id
        )
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        messages.success(request, f"{alarm.name} is taken as it is now. Start the run again.")
    return redirect("connection", request.organization.slug, connection.pk)


@require_safe
def model_needs(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Say what the model builder has to provide, and which of it was found."""
    connection = get_anaplan(request.organization, connection_id)
    needs = list_needs(connection)
    context = {
        "connection": connection,
        "needs": needs,
        "text": needs_as_text(connection, needs),
    }
    return render(request, "integrations/model_needs.html", context)


def _look(request: OrganizationRequest, connection_id: int, until: float) -> None:
    """Look at the models in use; without any there is nothing to tell."""
    try:
        drifted = offers.look_at_models(
            organization=request.organization, connection_id=connection_id, until=until
        )
    except Refused as refused:
        if refused.code != "model_not_chosen":
            tell_refusal(request, refused)
        return
    if drifted:
        messages.warning(request, "The model has changed in what syncs use: see below.")


def _picker(
    request: OrganizationRequest, connection_id: int, form: ChooseModelForm
) -> HttpResponse:
    connection = get_anaplan(request.organization, connection_id)
    wanted = {name: request.GET.get(name, "").strip() for name in ("text", "workspace")}
    found = list_offers(connection, text=wanted["text"], workspace_id=wanted["workspace"])
    context = {
        "connection": connection,
        "offers": found,
        "is_narrowed": any(wanted.values()),
        "filter_form": ModelFilterForm(found.workspaces, request.GET, auto_id="filter_%s"),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "integrations/model_picker.html", context, status=status)
