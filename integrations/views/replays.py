"""Replay of a run, of chosen records and of all that a sync holds: asked first, started once."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import Refused
from accounts.gate import require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import tell_refusal
from integrations.forms.runs import RecordsForm
from integrations.selectors.exceptions import open_record_ids
from integrations.selectors.runs import get_run
from integrations.selectors.syncs import get_sync
from integrations.services import replay
from integrations.services.replay_preview import Preview, preview_held, preview_records
from integrations.templatetags.amounts import format_measure, unit_name
from integrations.views.sentences import is_are, plural

UNITS_NAMED = 5


@require_http_methods(["GET", "HEAD", "POST"])
def replay_run(request: OrganizationRequest, run_id: int) -> HttpResponse:
    """Ask, then replay what is due of a run, and lead to the new run."""
    require(request, Right.REPLAY)
    run = get_run(request.organization, run_id)
    try:
        if request.method != "POST":
            chosen = open_record_ids(run)
            preview = preview_records(
                organization=request.organization, run_id=run_id, exception_ids=chosen
            )
            more = ["Whatever else of its units Anaplan does not hold is sent as well."]
            return _ask(request, f"Replay run {run_id}?", preview, {"run": run}, more)
        new = replay.replay_run(
            organization=request.organization, run_id=run_id, requested_by=request.user.email
        )
    except Refused as refused:
        tell_refusal(request, refused)
        return redirect("run_page", request.organization.slug, run_id)
    return redirect("run_page", request.organization.slug, new.pk)


@require_POST
def replay_records(request: OrganizationRequest, run_id: int) -> HttpResponse:
    """Show what the replay of chosen records, or of all open ones of a reason, would be; do it."""
    require(request, Right.REPLAY)
    run = get_run(request.organization, run_id)
    form = RecordsForm(request.POST)
    if not form.is_valid():
        for problems in form.errors.values():
            messages.error(request, " ".join(map(str, problems)))
        return redirect("run_page", request.organization.slug, run_id)
    chosen = form.cleaned_data["record"]
    if form.cleaned_data["scope"] == "all":
        chosen = open_record_ids(
            run, verdict=form.cleaned_data["verdict"], code=form.cleaned_data["code"]
        )
    if not chosen:
        messages.info(request, "None of these records is open any more, so nothing was replayed.")
        return redirect("run_page", request.organization.slug, run_id)
    wish: dict[str, Any] = {
        "organization": request.organization, "run_id": run_id, "exception_ids": chosen,
    }  # fmt: skip
    try:
        if not request.POST.get("seen"):
            context = {"run": run, "asked": form.cleaned_data}
            title = f"Replay {plural(len(chosen), 'record')}?"
            return _ask(request, title, preview_records(**wish), context)
        new = replay.replay_records(requested_by=request.user.email, **wish)
    except Refused as refused:
        tell_refusal(request, refused)
        return redirect("run_page", request.organization.slug, run_id)
    return redirect("run_page", request.organization.slug, new.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def replay_held(request: OrganizationRequest, sync_id: int) -> HttpResponse:
    """Ask, then replay all records of a sync that are open now."""
    require(request, Right.REPLAY)
    get_sync(request.organization, sync_id)
    wish: dict[str, Any] = {"organization": request.organization, "sync_id": sync_id}
    try:
        if request.method != "POST":
            return _ask(request, "Replay all open records?", preview_held(**wish), {})
        new = replay.replay_held(requested_by=request.user.email, **wish)
    except Refused as refused:
        tell_refusal(request, refused)
        return redirect("run_list", request.organization.slug)
    return redirect("run_page", request.organization.slug, new.pk)


def _ask(
    request: OrganizationRequest,
    title: str,
    preview: Preview,
    context: Mapping[str, Any],
    more: list[str] | None = None,
) -> HttpResponse:
    sentences = [*_say(preview), *(more or []), "QAD is not asked, and nothing is sent twice."]
    context = {**context, "title": title, "sentences": sentences}
    return render(request, "integrations/replay.html", context)


def _say(preview: Preview) -> list[str]:
    """Say in sentences what a replay would be."""
    if not preview.records:
        return ["No record of it is open."]
    sums = [
        f"{format_measure(amount, measure)} {currency} {measure}".replace("  ", " ")
        for (currency, measure), amount in preview.amounts.items()
    ]
    names = [unit_name(part) for part in preview.units]
    others = f" and {len(names) - UNITS_NAMED} more" if len(names) > UNITS_NAMED else ""
    units = "; ".join(names[:UNITS_NAMED]) + others
    said = [f"{plural(preview.records, 'record')} of {units}."]
    if sums:
        said.append(f"They carry {', '.join(sums)}.")
    if preview.mapped or preview.still_held:
        said.append(
            f"Under mapping version {preview.mapping_version}, {preview.mapped:,} "
            f"{is_are(preview.mapped)} mapped now and {preview.still_held:,} "
            f"{is_are(preview.still_held)} held still."
        )
    if preview.unseen:
        said.append(
            f"For {plural(preview.unseen, 'record')} this was not tried beforehand; the replay "
            "finds out."
        )
    return said
