"""Connecting Anaplan: choose the way in, give what it needs, change it later."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.errors import Refused
from accounts.gate import require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import sentence
from integrations.forms.anaplan import FORMS, HOSTS, AnaplanForm
from integrations.forms.anaplan_ways import WAYS
from integrations.selectors.connections import get_connection, way_in
from integrations.services.anaplan_connections import save_anaplan

SECRETS = ("password", "client_secret", "certificate", "private_key", "passphrase")


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def add_anaplan(request: OrganizationRequest) -> HttpResponse:
    """Ask for the way in, then for what it needs."""
    require(request, Right.CONNECT)
    way = request.GET.get("way", "")
    if way not in FORMS:
        return _ways(request, None)
    if request.method != "POST":
        return _page(request, FORMS[way](has_secret=False), None)
    return _save(request, FORMS[way](request.POST, request.FILES, has_secret=False), None)


@sensitive_post_parameters(*SECRETS)
@require_http_methods(["GET", "HEAD", "POST"])
def change_anaplan(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Show how a connection is set, and set it; secrets stay where none is given."""
    require(request, Right.CONNECT)
    connection = get_connection(request.organization, connection_id)
    if connection.system != "anaplan":
        raise Http404("a connection to another system")
    now = way_in(connection)
    way = request.GET.get("way", now)
    if way not in FORMS:
        return _ways(request, connection)
    has_secret = way == now and bool(connection.secrets)
    if request.method == "POST":
        form = FORMS[way](request.POST, request.FILES, has_secret=has_secret)
        return _save(request, form, connection)
    address = {"region": "other", **connection.address}
    initial = {"name": connection.name, **address}
    if address["region"] != "other":
        initial |= dict.fromkeys(HOSTS, "")
    return _page(request, FORMS[way](initial=initial, has_secret=has_secret), connection)


@sensitive_variables("form")
def _save(
    request: OrganizationRequest, form: AnaplanForm, connection: object | None
) -> HttpResponse:
    if not form.is_valid():
        return _page(request, form, connection)
    try:
        saved = save_anaplan(
            organization=request.organization,
            connection_id=getattr(connection, "pk", None),
            name=form.cleaned_data["name"],
            address=form.address(),
            secrets=form.secrets(),
        )
    except Refused as refused:
        form.show_refusal(refused.code, sentence(refused))
        return _page(request, form, connection)
    messages.success(request, f"{saved.name} is saved. {_next_step(form.way, saved.renewal)}")
    return redirect("connection", request.organization.slug, saved.pk)


def _next_step(way: str, renewal: str) -> str:
    if way.startswith("oauth") and not renewal:
        return "Approve it at Anaplan now."
    return "A ping tells whether it works."


def _ways(request: OrganizationRequest, connection: object | None) -> HttpResponse:
    context = {"ways": WAYS.values(), "connection": connection}
    return render(request, "integrations/anaplan/ways.html", context)


def _page(
    request: OrganizationRequest, form: AnaplanForm, connection: object | None
) -> HttpResponse:
    context = {
        "form": form,
        "way": WAYS[form.way],
        "connection": connection,
        "redirect_uri": settings.PUBLIC_ORIGIN + reverse("anaplan_approved"),
    }
    status = 422 if form.errors else 200
    return render(request, "integrations/anaplan/form.html", context, status=status)
