"""Plans: the versions, one version with its totals and files, and publishing it."""

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import Refused
from accounts.gate import require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import sentence
from integrations.forms.plans import PublishForm
from integrations.selectors.plans import PUBLISHABLE, get_version, list_plan_syncs, list_versions
from integrations.services.plans import publishing
from integrations.services.plans.files import TYPES, file_name, write_plan
from integrations.views.sentences import plural

MOST_FILE_ROWS = 200_000


@require_safe
def plan_list(request: OrganizationRequest) -> HttpResponse:
    """Show the versions of all plans, newest first."""
    text = request.GET.get("before", "")
    before = int(text) if text.isdecimal() and len(text) < 19 else None
    page = list_versions(request.organization, before=before)
    context = {"page": page, "syncs": list_plan_syncs(request.organization)}
    return render(request, "integrations/plan_list.html", context)


@require_safe
def plan_version(request: OrganizationRequest, version_id: int) -> HttpResponse:
    """Show one version: what it says, who approved it, and its totals."""
    version = get_version(request.organization, version_id)
    context = {
        "version": version,
        "lost": publishing.lost_words(version.lost),
        "can_be_published": version.state in PUBLISHABLE,
    }
    return render(request, "integrations/plan_version.html", context)


@require_safe
def plan_csv(request: OrganizationRequest, version_id: int) -> HttpResponse:
    """Give a version as CSV."""
    return _file(request, version_id, "csv")


@require_safe
def plan_xlsx(request: OrganizationRequest, version_id: int) -> HttpResponse:
    """Give a version as a spreadsheet."""
    return _file(request, version_id, "xlsx")


@require_http_methods(["GET", "HEAD", "POST"])
def publish_plan(request: OrganizationRequest, version_id: int) -> HttpResponse:
    """Say what publishing means, then do it."""
    require(request, Right.PUBLISH_PLAN)
    version = get_version(request.organization, version_id)
    form = PublishForm(version, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            published = publishing.publish_plan(
                organization=request.organization,
                version_id=version_id,
                actor=request.user,
                accepts_shrink=form.accepts_shrink,
            )
        except Refused as refused:
            form.add_error(None, sentence(refused))
        else:
            messages.success(
                request, f"{published.reference} is published and answers from now on."
            )
            return redirect("plan_version", request.organization.slug, version_id)
    context = {"version": version, "form": form, "sentences": _what_it_means(version)}
    status = 422 if form.errors else 200
    return render(request, "integrations/plan_publish.html", context, status=status)


def _what_it_means(version: Any) -> list[str]:
    said = [
        f"{plural(version.rows, 'value')} of {version.reference} answer from now on, here and in "
        "the API; the version that is published now stays readable.",
    ]
    if version.held_rows:
        said.append(
            f"Held, and no part of it: {plural(version.held_rows, 'row')} of the export without a "
            "code in QAD."
        )
    if version.lost:
        lost = publishing.lost_words(version.lost)
        said.append(f"Against the published version it has lost much: {lost}.")
    return said


def _file(request: OrganizationRequest, version_id: int, form: str) -> HttpResponse:
    version = get_version(request.organization, version_id)
    if version.rows > MOST_FILE_ROWS:
        messages.error(
            request,
            f"A file of {plural(version.rows, 'value')} is too much for a browser. Take it by the "
            "API, or with the command plan_values.",
        )
        return redirect("plan_version", request.organization.slug, version_id)
    stream = BytesIO()
    write_plan(version, form, stream)
    name = file_name(version, form)
    return HttpResponse(
        stream.getvalue(),
        content_type=TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
