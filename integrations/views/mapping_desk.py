"""The mapping desk: codes without a member by what is at stake, mapped by one click."""

from collections.abc import Mapping

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import Refused
from accounts.gate import asks_outside, require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import tell_refusal
from integrations.forms.mapping_desk import (
    AcceptForm,
    DeskFilterForm,
    MapCodeForm,
    RefusedEntryForm,
)
from integrations.selectors.drafts import read_standing
from integrations.selectors.mapping_suggestions import (
    Sure,
    digest_of,
    sure_ones,
    with_suggestions,
)
from integrations.selectors.mappings import DIMENSIONS
from integrations.selectors.unmapped import UnmappedCode, narrow, read_desk
from integrations.services import mapping_desk
from integrations.views.mapping_words import name_code, say_codes, tell_mapped, tell_released
from integrations.views.sentences import plural

CODES_A_PAGE = 50
CODES_LISTED = 500
SURE = 90
# What the address keeps of an entry, and what the form of a code says of the page around it.
REFUSED, SHOWN = "refused", "shown"


@require_safe
def mapping(request: OrganizationRequest) -> HttpResponse:
    """Show the codes without a member, gravest first, each with a suggestion."""
    standing = read_standing(request.organization)
    desk = read_desk(request.organization, standing)
    filter_form = DeskFilterForm(DIMENSIONS, request.GET, auto_id="filter_%s")
    chosen = filter_form.chosen
    dimension, text = chosen.get("dimension", ""), chosen.get("text", "")
    codes = narrow(desk.unmapped, dimension, text)
    page: Page[UnmappedCode] = Paginator(codes, CODES_A_PAGE).get_page(chosen.get("page"))
    refused = RefusedEntryForm(request.GET, prefix=REFUSED)
    context = {
        "standing": standing,
        "sentence": say_codes(codes),
        "ready": desk.ready,
        "waiting": sum(code.records for code in desk.ready),
        "page": page,
        "rows": with_suggestions(request.organization, list(page), standing.rules),
        "filter_form": filter_form,
        "shown": chosen,
        "refused": refused.cleaned_data if refused.is_valid() else None,
        "accept_form": AcceptForm(initial={"least": SURE, "dimension": dimension}),
        "is_filtered": bool(dimension or text),
    }
    return render(request, "integrations/mapping/desk.html", context)


@asks_outside
@require_POST
def map_code(request: OrganizationRequest) -> HttpResponse:
    """Map one code to one member; its records go at once, or it waits in the draft."""
    require(request, Right.MAP)
    form = MapCodeForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Name the member first. Nothing was changed.")
        return _back(request)
    wanted = form.cleaned_data
    try:
        done = mapping_desk.map_code(
            organization=request.organization,
            dimension=wanted["dimension"],
            code=wanted["code"],
            member=wanted["member"],
            actor=request.user,
            even_if_unknown=wanted["anyway"],
        )
    except Refused as refused:
        tell_refusal(request, refused)
        kept = {name: wanted[name] for name in ("dimension", "code", "member")}
        is_unknown = refused.entry.code == "mapping_member_unknown"
        return _back(request, kept | ({"unknown": "on"} if is_unknown else {}))
    code = name_code(wanted["dimension"], wanted["code"])
    tell_mapped(request, f"{code} is {wanted['member']}", done)
    return _back(request)


def _back(request: OrganizationRequest, refused: Mapping[str, str] | None = None) -> HttpResponse:
    """Return to the codes that were shown, with an entry that was refused."""
    shown = DeskFilterForm(DIMENSIONS, request.POST, prefix=SHOWN).chosen
    entry = {f"{REFUSED}-{name}": value for name, value in (refused or {}).items()}
    url = reverse("mapping", args=[request.organization.slug])
    asked = urlencode(shown | entry)
    return redirect(f"{url}?{asked}" if asked else url)


@asks_outside
@require_POST
def release_codes(request: OrganizationRequest) -> HttpResponse:
    """Replay the records of all codes that are mapped by now."""
    require(request, Right.REPLAY)
    try:
        done = mapping_desk.release(
            organization=request.organization, codes=None, actor=request.user
        )
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        tell_released(request, done)
        if not done.runs and not done.refused:
            messages.info(request, "No record waits for a code that is mapped.")
    return redirect("mapping", request.organization.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def accept_suggestions(request: OrganizationRequest) -> HttpResponse:
    """List what would be taken, then put it in the draft."""
    require(request, Right.MAP)
    is_sent = request.method == "POST"
    form = AcceptForm(request.POST if is_sent else request.GET)
    if not form.is_valid():
        messages.error(request, "Choose from which score on. Nothing was changed.")
        return redirect("mapping", request.organization.slug)
    least, chosen = form.cleaned_data["least"] or SURE, form.cleaned_data["dimension"]
    standing = read_standing(request.organization)
    desk = read_desk(request.organization, standing)
    codes = [code for code in desk.unmapped if not chosen or code.dimension == chosen]
    suggested = with_suggestions(request.organization, codes, standing.rules)
    found = sure_ones(suggested, least)
    if is_sent and digest_of(found) == form.cleaned_data["seen"]:
        return _take(request, found)
    if is_sent:
        words = "The suggestions are others by now. Look at them again; nothing was changed."
        messages.warning(request, words)
        query = urlencode({"least": least, "dimension": chosen})
        url = reverse("accept_suggestions", args=[request.organization.slug])
        return redirect(f"{url}?{query}")
    context = {
        "found": found[:CODES_LISTED],
        "count": len(found),
        "of": len(codes),
        "drafted": sum(bool(code.drafted) for code in codes),
        "sentence": say_codes([code for code, _ in found]),
        "form": AcceptForm(initial={"least": least, "dimension": chosen}),
        "least": least,
        "dimension": chosen,
        "digest": digest_of(found),
    }
    return render(request, "integrations/mapping/accept.html", context)


def _take(request: OrganizationRequest, found: Sure) -> HttpResponse:
    """Put suggestions in the draft, and lead there."""
    try:
        taken = mapping_desk.take_suggestions(
            organization=request.organization, found=found, requested_by=request.user.email
        )
    except Refused as refused:
        tell_refusal(request, refused)
        return redirect("mapping", request.organization.slug)
    if not taken:
        messages.info(request, "No suggestion is that sure. Nothing was changed.")
        return redirect("mapping", request.organization.slug)
    messages.success(request, f"{plural(taken, 'suggestion')} put in the draft.")
    return redirect("mapping_draft", request.organization.slug)
