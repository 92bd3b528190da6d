"""The mapping as files: upload, what one would change, put in the draft, take it out."""

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import Refused
from accounts.gate import require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import sentence, tell_refusal
from integrations.forms.mapping_files import ExportForm, PutForm, TemplateForm, UploadForm
from integrations.selectors.mapping_uploads import (
    ERRORS_SHOWN,
    change_lines,
    get_upload,
    list_uploads,
    result_of,
    zeros_lost,
)
from integrations.selectors.mappings import DIMENSIONS
from integrations.services import mapping_exports, mapping_uploads
from integrations.services.mapping_exports import MappingExport
from integrations.views.sentences import plural


@require_http_methods(["GET", "HEAD", "POST"])
def mapping_files(request: OrganizationRequest) -> HttpResponseBase:
    """Show what goes in and out; read and keep what is uploaded or pasted."""
    if request.method != "POST":
        return _page(request, UploadForm())
    require(request, Right.MAP)
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            upload = mapping_uploads.keep_upload(
                organization=request.organization,
                name=form.name(),
                content=form.content(),
                mode=form.cleaned_data["others"],
                requested_by=request.user.email,
            )
        except Refused as refused:
            form.add_error("file" if form.cleaned_data["file"] else "pasted", sentence(refused))
        else:
            return redirect("mapping_upload", request.organization.slug, upload.pk)
    return _page(request, form)


@require_safe
def mapping_upload(request: OrganizationRequest, upload_id: int) -> HttpResponse:
    """Show what was read of a file, and what it would change of the mapping as it is now."""
    require(request, Right.MAP)
    found = result_of(request.organization, get_upload(request.organization, upload_id))
    counts, sheet = found.result.counts(), found.sheet
    context = {
        "upload": found.upload,
        "sheet": sheet,
        "figures": [
            ("new", counts["new"], "good"),
            ("changed", counts["changed"], "info"),
            ("removed", counts["removed"], "warn"),
            ("same", found.result.same, ""),
            ("left blank", found.result.blank, ""),
            ("errors", sheet.error_count, "bad"),
        ],
        "zeros": zeros_lost(request.organization, found.result),
        "changes": change_lines(found.result),
        "total": len(found.result.changes),
        "errors": sheet.errors[:ERRORS_SHOWN],
        "seen": found.result.digest(),
    }
    return render(request, "integrations/mapping_upload.html", context)


@require_POST
def put_upload(request: OrganizationRequest, upload_id: int) -> HttpResponse:
    """Put all that a file changes in the draft."""
    require(request, Right.MAP)
    upload = get_upload(request.organization, upload_id)
    form = PutForm(request.POST)
    slug = request.organization.slug
    try:
        count = mapping_uploads.put_in_draft(
            organization=request.organization,
            upload_id=upload.pk,
            seen=form.cleaned_data["seen"] if form.is_valid() else "",
            requested_by=request.user.email,
        )
    except Refused as refused:
        tell_refusal(request, refused)
        return redirect("mapping_upload", slug, upload_id)
    keys = plural(count, "change")
    messages.success(request, f"{keys} of {upload.name} {_stands(count)} in the draft now.")
    return redirect("mapping_draft", slug)


@require_safe
def upload_errors(request: OrganizationRequest, upload_id: int) -> StreamingHttpResponse:
    """Give the errors of a file as CSV."""
    require(request, Right.MAP)
    upload = get_upload(request.organization, upload_id)
    return _download(mapping_exports.export_errors(upload))


@require_safe
def export_mapping(request: OrganizationRequest) -> HttpResponseBase:
    """Give the mapping as CSV or XLSX."""
    form = ExportForm(DIMENSIONS, request.GET)
    if not form.is_valid():
        return _page(request, UploadForm(), export=form)
    chosen = form.cleaned_data
    return _download(
        mapping_exports.export_mapping(
            organization=request.organization,
            form=chosen["format"],
            what=chosen["what"],
            dimension=form.chosen_dimension(),
            is_safe=chosen["safe"],
        )
    )


@require_safe
def mapping_template(request: OrganizationRequest) -> HttpResponseBase:
    """Give a file to fill in."""
    form = TemplateForm(DIMENSIONS, request.GET)
    if not form.is_valid():
        return _page(request, UploadForm(), template=form)
    dimension = form.chosen_dimension()
    return _download(
        mapping_exports.mapping_template(
            organization=request.organization,
            form=form.cleaned_data["format"],
            dimensions=(dimension,) if dimension else tuple(name for name, _ in DIMENSIONS),
        )
    )


def _stands(count: int) -> str:
    return "stands" if count == 1 else "stand"


def _page(
    request: OrganizationRequest,
    form: UploadForm,
    *,
    export: ExportForm | None = None,
    template: TemplateForm | None = None,
) -> HttpResponse:
    export = export or ExportForm(DIMENSIONS, auto_id="export_%s")
    template = template or TemplateForm(DIMENSIONS, auto_id="template_%s")
    context = {
        "form": form,
        "export": export,
        "template": template,
        "uploads": list_uploads(request.organization),
    }
    is_refused = bool(form.errors or export.errors or template.errors)
    status = 422 if is_refused else 200
    return render(request, "integrations/mapping_files.html", context, status=status)


def _download(export: MappingExport) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        export.pieces,
        content_type=export.content_type,
        headers={"Content-Disposition": f'attachment; filename="{export.name}"'},
    )
