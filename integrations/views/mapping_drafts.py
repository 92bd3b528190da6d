"""The draft of the mapping and its versions: what differs, what it moves, and who approves."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import Refused
from accounts.gate import asks_outside, require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import tell_refusal
from audit.tenancy import reading
from integrations.forms.mapping_desk import ApproveDraftForm, StartForm
from integrations.selectors.draft_pages import DraftPage, read_draft_page
from integrations.selectors.drafts import get_change, get_draft, read_standing
from integrations.selectors.mapping_effects import read_effect
from integrations.selectors.mapping_versions import get_version, list_versions, rules_around
from integrations.selectors.mappings import current_version
from integrations.selectors.rule_diffs import diff_rules
from integrations.selectors.stakes import list_periods
from integrations.services import mapping_dates, mapping_desk, mapping_drafts
from integrations.templatetags.amounts import period_name
from integrations.views.mapping_words import tell_mapped, tell_restated
from integrations.views.sentences import plural

KEYS_LISTED = 500
KEYS_A_PAGE = 200


@require_safe
def mapping_draft(request: OrganizationRequest) -> HttpResponse:
    """Show what the draft changes and moves, what stands against it, and the approval."""
    return _page(request, ApproveDraftForm())


def _page(request: OrganizationRequest, form: ApproveDraftForm, status: int = 200) -> HttpResponse:
    page = read_draft_page(request.organization)
    periods = [(number, period_name(number)) for number in list_periods(request.organization)]
    shown: Page[Any] = Paginator(page.changes, KEYS_A_PAGE).get_page(request.GET.get("page"))
    asks_second = request.organization.second_person_maps or (
        page.draft is not None and page.draft.asks_second
    )
    context = {
        "page": page,
        "shown": shown,
        "form": form,
        "start_form": StartForm(periods, initial=_first_start(page, periods)),
        "has_periods": bool(periods),
        "is_own": request.user.email in page.authors,
        "asks_second": asks_second,
        "may_approve": (Right.APPROVE_MAPPING if asks_second else Right.MAP) in request.rights,
    }
    return render(request, "integrations/mapping/draft.html", context, status=status)


def _right_to_approve(request: OrganizationRequest) -> Right:
    return Right.APPROVE_MAPPING if request.organization.second_person_maps else Right.MAP


def _first_start(page: DraftPage, periods: list[tuple[int, str]]) -> dict[str, int]:
    """Offer the first period behind those that are restated."""
    later = [number for number, _ in periods if number > max(page.effect.restated, default=0)]
    return {"period": later[0]} if later else {}


@asks_outside
@require_POST
def approve_draft(request: OrganizationRequest, draft_id: int) -> HttpResponse:
    """Make the draft the next version as it was seen, and let go what waited for it."""
    require(request, _right_to_approve(request))
    form = ApproveDraftForm(request.POST)
    with reading(request.organization.pk):
        get_draft(request.organization, draft_id)
        if not form.is_valid():
            return _page(request, form, status=422)
    try:
        done = mapping_desk.approve_and_release(
            organization=request.organization,
            draft_id=draft_id,
            seen=form.cleaned_data["seen"],
            actor=request.user,
            note=form.cleaned_data["note"],
            lets_go=form.cleaned_data["release"] and Right.REPLAY in request.rights,
        )
    except Refused as refused:
        tell_refusal(request, refused)
        return redirect("mapping_draft", request.organization.slug)
    tell_mapped(request, "The draft is approved", done)
    if done.version is None:
        return redirect("mapping", request.organization.slug)
    return redirect("mapping_version", request.organization.slug, done.version.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def discard_draft(request: OrganizationRequest, draft_id: int) -> HttpResponse:
    """Ask, then give the draft up."""
    require(request, Right.MAP)
    get_draft(request.organization, draft_id)
    page = read_draft_page(request.organization)
    if request.method != "POST":
        context = {
            "title": "Discard the draft?",
            "sentences": [
                f"{plural(len(page.changes), 'change')} of {', '.join(sorted(page.authors))} "
                f"{'is' if len(page.changes) == 1 else 'are'} given up.",
                "The mapping stays as it is, and the draft stays in the trail.",
            ],
            "word": "Discard the draft",
            "back": "mapping_draft",
        }
        return render(request, "integrations/mapping/discard.html", context)
    try:
        mapping_drafts.discard_draft(
            organization=request.organization, draft_id=draft_id, actor=request.user
        )
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        messages.success(request, "The draft is discarded. The mapping is as it was.")
    return redirect("mapping", request.organization.slug)


@require_POST
def drop_change(request: OrganizationRequest, drafted_id: int) -> HttpResponse:
    """Take one change out of the draft."""
    require(request, Right.MAP)
    get_change(request.organization, drafted_id)
    try:
        mapping_drafts.drop_changes(
            organization=request.organization,
            change_ids=[drafted_id],
            requested_by=request.user.email,
        )
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        messages.success(request, "The change is taken out.")
    return redirect("mapping_draft", request.organization.slug)


@require_POST
def keep_changes(request: OrganizationRequest) -> HttpResponse:
    """Hold on to the draft's changes of what a newer version has changed too."""
    require(request, Right.MAP)
    try:
        kept = mapping_drafts.keep_changes(
            organization=request.organization,
            seen=request.POST.get("seen", "")[:64],
            requested_by=request.user.email,
        )
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        messages.success(request, f"{plural(kept, 'change')} of the draft kept.")
    return redirect("mapping_draft", request.organization.slug)


@require_POST
def date_draft(request: OrganizationRequest) -> HttpResponse:
    """Let the draft count from a period on, so that earlier ones stay as posted."""
    require(request, Right.MAP)
    periods = [(number, period_name(number)) for number in list_periods(request.organization)]
    form = StartForm(periods, request.POST)
    if not form.is_valid():
        messages.error(request, "Choose the period first. Nothing was changed.")
        return redirect("mapping_draft", request.organization.slug)
    period = form.cleaned_data["period"]
    try:
        mapping_dates.count_from(
            organization=request.organization, period=period, requested_by=request.user.email
        )
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        name = period_name(period)
        messages.success(request, f"The draft counts from {name} on; before, nothing changes.")
    return redirect("mapping_draft", request.organization.slug)


@require_safe
def mapping_versions(request: OrganizationRequest) -> HttpResponse:
    """List the versions, newest first, with who approved them and how many runs used them."""
    standing = read_standing(request.organization)
    context = {"versions": list_versions(request.organization), "newest": standing.version}
    return render(request, "integrations/mapping/versions.html", context)


@require_safe
def mapping_version(request: OrganizationRequest, mapping_id: int) -> HttpResponse:
    """Show what a version changed of the one before, and what that moves today."""
    version = get_version(request.organization, mapping_id)
    before, old, new = rules_around(version)
    diffs = diff_rules(old, new)
    context = {
        "version": version,
        "before": before,
        "rules": len(new),
        "diffs": diffs[:KEYS_LISTED],
        "count": len(diffs),
        "effect": read_effect(request.organization, old, new),
        "is_newest": version == current_version(request.organization),
    }
    return render(request, "integrations/mapping/version.html", context)


@asks_outside
@require_POST
def restate_version(request: OrganizationRequest, mapping_id: int) -> HttpResponse:
    """Load the closed periods anew that a version restates."""
    require(request, Right.RUN)
    with reading(request.organization.pk):
        version = get_version(request.organization, mapping_id)
        _, old, new = rules_around(version)
        effect = read_effect(request.organization, old, new)
    done = mapping_desk.restate(
        organization=request.organization,
        periods_by_sync=effect.restated_by,
        requested_by=request.user.email,
    )
    tell_restated(request, done)
    return redirect("mapping_version", request.organization.slug, mapping_id)
