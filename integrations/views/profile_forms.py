"""Changing an instance profile: the instance's own part, a document, or all of it as JSON."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.errors import Refused
from accounts.gate import require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import sentence, tell_refusal
from integrations.forms.profile_documents import AddDocumentForm, DocumentForm, field_forms
from integrations.forms.profiles import InstanceForm, ProfileJsonForm, VersionedForm
from integrations.selectors.connections import get_connection
from integrations.selectors.document_checks import newest_number
from integrations.selectors.profiles import as_text, list_changes
from integrations.services import profile_editing as service

BOTH = ["GET", "HEAD", "POST"]


@require_http_methods(BOTH)
def profile_instance(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Show and change how the instance is asked."""
    require(request, Right.CONNECT)
    connection = get_connection(request.organization, connection_id)
    form = InstanceForm(_given(request), base=newest_number(connection), profile=connection.profile)
    context = {"connection": connection, "form": form}
    if request.method == "POST" and form.is_valid():
        profile = form.applied_to(connection.profile)
        if _is_saved(request, connection, profile, form, context):
            return redirect("profile", request.organization.slug, connection_id)
    return _page(request, "integrations/profile_instance.html", context)


@require_http_methods(BOTH)
def profile_json(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Show and change the whole profile as JSON."""
    require(request, Right.CONNECT)
    connection = get_connection(request.organization, connection_id)
    form = ProfileJsonForm(
        _given(request),
        base=newest_number(connection),
        initial={"text": as_text(connection.profile)},
    )
    context = {"connection": connection, "form": form}
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and _is_saved(request, connection, form.cleaned_data["text"], form, context):
        return redirect("profile", request.organization.slug, connection_id)
    return _page(request, "integrations/profile_json.html", context)


@require_http_methods(BOTH)
def profile_document(
    request: OrganizationRequest, connection_id: int, document: str
) -> HttpResponse:
    """Show and change one document."""
    require(request, Right.CONNECT)
    connection = get_connection(request.organization, connection_id)
    documents = connection.profile.get("documents", {})
    if document not in documents:
        tell_refusal(request, Refused("document_unknown", document=document))
        return redirect("profile", request.organization.slug, connection_id)
    entry = documents[document]
    form = DocumentForm(
        _given(request), base=newest_number(connection), document=document, entry=entry
    )
    rows = field_forms(_given(request), entry)
    context = {"connection": connection, "document": document, "form": form, "rows": rows}
    if request.method == "POST" and form.is_valid() & rows.is_valid():
        changed = {**documents, document: form.applied_to(entry, rows.cleaned_data)}
        profile = {**connection.profile, "documents": changed}
        if _is_saved(request, connection, profile, form, context):
            return redirect("profile", request.organization.slug, connection_id)
    return _page(request, "integrations/profile_document.html", context)


@require_http_methods(BOTH)
def add_document(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Add a document that begins like another, and lead to its form."""
    require(request, Right.CONNECT)
    connection = get_connection(request.organization, connection_id)
    form = AddDocumentForm(
        _given(request),
        base=newest_number(connection),
        documents=service.models_of_documents(connection.profile),
    )
    context = {"connection": connection, "form": form}
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        try:
            profile = service.with_new_document(connection.profile, name, form.cleaned_data["like"])
        except Refused as refused:
            form.add_error("name", sentence(refused))
        else:
            if _is_saved(request, connection, profile, form, context):
                return redirect("profile_document", request.organization.slug, connection_id, name)
    return _page(request, "integrations/profile_add.html", context)


@require_http_methods(BOTH)
def remove_document(
    request: OrganizationRequest, connection_id: int, document: str
) -> HttpResponse:
    """Say what removing a document means, then do it."""
    require(request, Right.CONNECT)
    connection = get_connection(request.organization, connection_id)
    if request.method != "POST":
        sentences = (
            "Syncs that read it are refused until it is there again.",
            "Today's version stays in the list of versions and can be put back.",
        )
        context = {"connection": connection, "document": document, "sentences": sentences}
        return render(request, "integrations/profile_remove.html", context)
    try:
        version = service.save_profile(
            organization=request.organization,
            connection_id=connection_id,
            profile=service.without_document(connection.profile, document),
            base=newest_number(connection),
            note=f"without {document}",
        )
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        messages.success(request, f"{document} is removed, in version {version.number}.")
    return redirect("profile", request.organization.slug, connection_id)


def _given(request: OrganizationRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _is_saved(
    request: OrganizationRequest,
    connection: Any,
    profile: Mapping[str, Any],
    form: VersionedForm,
    context: dict[str, Any],
) -> bool:
    """Save a profile; where it is refused, say so on the form, and show both sides of a clash."""
    try:
        version = service.save_profile(
            organization=request.organization,
            connection_id=connection.pk,
            profile=profile,
            base=form.cleaned_data["version"],
            note=form.cleaned_data["note"],
        )
    except Refused as refused:
        form.show_refusal(refused, sentence(refused))
        if refused.code == "profile_has_moved":
            context["clash"] = list_changes(connection.profile, profile)
        return False
    messages.success(
        request,
        f"Version {version.number} is in force. It is checked now; syncs wait for the result.",
    )
    return True


def _page(request: OrganizationRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    rows = context.get("rows")
    is_wrong = context["form"].errors or (
        rows is not None and rows.is_bound and not rows.is_valid()
    )
    return render(request, template, context, status=422 if is_wrong else 200)
