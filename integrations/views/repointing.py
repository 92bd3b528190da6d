"""Leading a sync to another model: which one, what was found there, and the deed."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.errors import Refused
from accounts.gate import asks_outside, require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import sentence
from audit.tenancy import tenant
from integrations.forms.repointing import RepointForm
from integrations.selectors.syncs import get_sync, list_places, name_model
from integrations.services.asking import soon
from integrations.services.repointing import Comparison, compare_models, repoint_sync


@require_http_methods(["GET", "HEAD", "POST"])
@asks_outside
def repoint(request: OrganizationRequest, sync_id: int) -> HttpResponse:
    """Ask for the model, show what was found there, and lead the sync to it where that is said."""
    require(request, Right.CONNECT)
    until, organization = soon(), request.organization
    with tenant(organization.pk):
        sync = get_sync(organization, sync_id)
        form = RepointForm(list_places(organization, sync), request.POST or None)
        is_asked = request.method == "POST" and form.is_valid()
    there: Comparison | None = None
    if is_asked:
        place = {
            **form.place_of(),
            "organization": organization,
            "sync_id": sync_id,
            "until": until,
        }
        try:
            if "save" in request.POST:
                saved = repoint_sync(**place)
                messages.success(
                    request, f"{saved.name} loads the other model now. Its next run sends all."
                )
                return redirect("sync_list", organization.slug)
            there = compare_models(**place)
        except Refused as refused:
            form.add_error("place", sentence(refused))
    with tenant(organization.pk):
        context = {
            "sync": sync,
            "model_name": name_model(sync.target, sync.model_id),
            "form": form,
            "there": there,
            "refused": sentence(there.refusal) if there and there.refusal else "",
        }
        status = 422 if form.errors else 200
        return render(request, "integrations/sync_repoint.html", context, status=status)
