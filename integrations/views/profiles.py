"""An instance profile and its versions: looking, comparing, going back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import Refused
from accounts.gate import require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import tell_refusal
from integrations.selectors.connections import get_connection
from integrations.selectors.document_checks import get_overview, newest_version
from integrations.selectors.profiles import (
    as_text,
    find_version,
    get_version,
    list_changes,
    list_versions,
)
from integrations.services import profile_editing as service

WHAT_THE_DEFAULT_MEANS = (
    "The default profile becomes the next version; today's stays in the list of versions.",
    "How to sign in and which authority is trusted stay as they are.",
    "What was checked no longer counts, and the profile is checked anew.",
)


@require_safe
def profile(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Show the profile in force: its documents, and how the instance is asked."""
    connection = get_connection(request.organization, connection_id)
    context = {
        "connection": connection,
        "overview": get_overview(connection),
        "text": as_text(connection.profile),
    }
    return render(request, "integrations/profile.html", context)


@require_safe
def profile_versions(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Show who made which version when, and the difference of two that the address names."""
    connection = get_connection(request.organization, connection_id)
    before, after = (find_version(connection, request.GET.get(name, "")) for name in ("from", "to"))
    versions = list_versions(connection)
    last = versions[0].number if versions else 0
    context = {
        "connection": connection,
        "versions": versions,
        "compare": (
            ("from", "From version", before.number if before else last - 1),
            ("to", "to version", after.number if after else last),
        ),
        "before": before,
        "after": after,
        "changes": list_changes(before.profile, after.profile) if before and after else None,
    }
    return render(request, "integrations/profile_versions.html", context)


@require_safe
def profile_version(request: OrganizationRequest, connection_id: int, number: int) -> HttpResponse:
    """Show one version whole, and what it changed."""
    connection = get_connection(request.organization, connection_id)
    version = get_version(connection, number)
    before = find_version(connection, str(number - 1))
    context = {
        "connection": connection,
        "version": version,
        "newest": newest_version(connection),
        "before": before,
        "changes": list_changes(before.profile if before else {}, version.profile),
        "text": as_text(version.profile),
    }
    return render(request, "integrations/profile_version.html", context)


@require_POST
def restore_version(request: OrganizationRequest, connection_id: int, number: int) -> HttpResponse:
    """Put an older version into force again."""
    require(request, Right.CONNECT)
    get_connection(request.organization, connection_id)
    try:
        version = service.restore_version(
            organization=request.organization, connection_id=connection_id, number=number
        )
    except Refused as refused:
        tell_refusal(request, refused)
        return redirect("profile_versions", request.organization.slug, connection_id)
    messages.success(
        request, f"Version {number} is in force again, as version {version.number}. It is checked."
    )
    return redirect("profile", request.organization.slug, connection_id)


@require_http_methods(["GET", "HEAD", "POST"])
def profile_default(request: OrganizationRequest, connection_id: int) -> HttpResponse:
    """Say what the default means, then put it into force."""
    require(request, Right.CONNECT)
    connection = get_connection(request.organization, connection_id)
    if request.method != "POST":
        context = {"connection": connection, "sentences": WHAT_THE_DEFAULT_MEANS}
        return render(request, "integrations/profile_default.html", context)
    try:
        version = service.start_from_default(
            organization=request.organization, connection_id=connection_id
        )
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        messages.success(request, f"The default is in force, as version {version.number}.")
    return redirect("profile", request.organization.slug, connection_id)
