"""The lists of both systems beside each other: what differs, what it touches, what to do."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import Refused
from accounts.gate import require
from accounts.navigation import Entry
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from accounts.views.refusals import tell_refusal
from integrations.forms.alignment import (
    BY_CODE,
    AlignmentFilterForm,
    ChooseListForm,
    DimensionForm,
    MarkSeenForm,
)
from integrations.selectors.alignment import (
    CHANGED_AT,
    KINDS,
    NOTES_A_PAGE,
    UNMAPPED,
    list_notes,
)
from integrations.selectors.alignment_cards import (
    LIST_DATA_SETS,
    Card,
    find_push,
    list_matters,
    make_cards,
)
from integrations.selectors.codes_of_rules import Matter
from integrations.selectors.list_offers import choice_of, list_list_offers
from integrations.selectors.mappings import DIMENSIONS
from integrations.services import alignment as service
from integrations.services import reference
from integrations.services.list_choices import choose_list
from integrations.views.alignment_words import KIND_WORDS
from integrations.views.sentences import plural


@require_safe
def mapping_lists(request: OrganizationRequest) -> HttpResponse:
    """Show how the lists of each dimension stand, and the differences of one kind of one."""
    return _page(request)


@require_POST
def read_lists(request: OrganizationRequest) -> HttpResponse:
    """Let the workers read all lists of both systems now."""
    require(request, Right.MAP)
    reference.ask_to_read(request.organization)
    messages.success(request, "The lists are being read. That takes a few seconds.")
    return _back(request, request.POST.get("dimension", ""))


@require_POST
def choose_member_list(request: OrganizationRequest) -> HttpResponse:
    """Take a list of Anaplan as the one of a dimension."""
    require(request, Right.MAP)
    dimension = request.POST.get("dimension", "")
    matter = _find(list_matters(request.organization), dimension)
    offers = list_list_offers(request.organization, dimension, matter.members if matter else None)
    form = ChooseListForm(offers, request.POST)
    if not form.is_valid():
        return _page(request, form)
    try:
        row = choose_list(
            organization=request.organization, dimension=dimension, choice=form.choice()
        )
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        label = dict(DIMENSIONS)[dimension]
        messages.success(request, f"{label}: {row.list_name} is chosen and will be read now.")
    return _back(request, dimension)


@require_POST
def mark_seen(request: OrganizationRequest) -> HttpResponse:
    """Mark one difference as seen, or all of a kind that the page was made with."""
    require(request, Right.MAP)
    form = MarkSeenForm(request.POST)
    if not form.is_valid():
        messages.error(request, "What was seen was not named. Nothing was changed.")
        return _back(request, "")
    wish = form.cleaned_data
    try:
        service.mark_seen(
            organization=request.organization,
            dimension=wish["dimension"],
            kind=wish["kind"],
            code=wish["code"] if wish["source"] else None,
            source_id=wish["source"],
            until=wish["until"],
        )
    except Refused as refused:
        tell_refusal(request, refused)
    else:
        words = KIND_WORDS[wish["kind"]].word
        what = f"{wish['code']} is" if wish["source"] else f"All of “{words}” are"
        messages.success(request, f"{what} marked as seen. “Seen ones too” shows them again.")
    return _back(request, wish["dimension"], kind=wish["kind"])


@require_POST
def push_codes(request: OrganizationRequest) -> HttpResponse:
    """Start a run of the sync that adds codes to a list, and lead to it."""
    require(request, Right.RUN)
    form = DimensionForm(request.POST)
    dimension = form.cleaned_data["dimension"] if form.is_valid() else ""
    try:
        run = service.push_codes(
            organization=request.organization,
            dimension=dimension,
            requested_by=request.user.email,
        )
    except Refused as refused:
        tell_refusal(request, refused)
        return _back(request, dimension)
    return redirect("run_page", request.organization.slug, run.pk)


def _page(request: OrganizationRequest, form: ChooseListForm | None = None) -> HttpResponse:
    matters = list_matters(request.organization)
    cards = make_cards(matters)
    query = request.POST if form else request.GET
    filter_form = AlignmentFilterForm(query, auto_id="filter_%s")
    wish = filter_form.cleaned_data if filter_form.is_valid() else {}
    card = _choose(cards, wish.get("dimension", ""))
    context: dict[str, Any] = {
        "cards": cards,
        "card": card,
        "is_reading": reference.is_being_read(request.organization),
        "filter_form": filter_form,
    }
    matter = _find(matters, card.dimension) if card else None
    if card is not None and matter is not None:
        context |= _differences(request, matter, card, wish)
        context |= _list_of(request, matter, form)
    status = 422 if form and form.errors else 200
    return render(request, "integrations/mapping_lists.html", context, status=status)


def _differences(
    request: OrganizationRequest, matter: Matter, card: Card, wish: dict[str, Any]
) -> dict[str, Any]:
    """Return a page of the differences of one kind: the wanted one, or the first there is."""
    kind = wish.get("kind") or next((k for k in KINDS if card.counts[k]), UNMAPPED)
    number, text, seen = wish.get("page") or 1, wish.get("text") or "", bool(wish.get("seen"))
    page = list_notes(matter, kind, text=text, page=number, with_noted=seen)
    address = reverse("mapping_lists", args=[request.organization.slug])
    return {
        "kind": kind,
        "kind_words": KIND_WORDS[kind],
        "kinds": [
            Entry(
                f"{KIND_WORDS[name].word} ({card.counts[name]:,})",
                f"{address}?{urlencode({'dimension': card.dimension, 'kind': name})}#differences",
                name == kind,
            )
            for name in KINDS
        ],
        "page": page,
        "is_narrowed": bool(text),
        "can_mark": kind in CHANGED_AT,
        "previous": number - 1,
        "next": number + 1 if number * NOTES_A_PAGE < page.total else 0,
    }


def _list_of(
    request: OrganizationRequest, matter: Matter, form: ChooseListForm | None
) -> dict[str, Any]:
    """Return the choice of a dimension's list, and what may be pushed into it."""
    members, push = matter.members, find_push(matter)
    offers = list_list_offers(request.organization, matter.dimension, members)
    initial = {"dimension": matter.dimension, "carries": BY_CODE}
    if members is not None:
        mine = choice_of(members.target_id, members.model_id, members.list_name)
        initial |= {"chosen": mine, "carries": members.carries}
    data_set = LIST_DATA_SETS.get(matter.dimension, "")
    new_sync = ""
    if members is not None and push is None and data_set:
        facts = {
            "data_set": data_set,
            "target": members.target_id,
            "export_name": members.list_name,
        }
        new_sync = f"{reverse('new_sync', args=[request.organization.slug])}?{urlencode(facts)}"
    return {
        "form": form or ChooseListForm(offers, initial=initial),
        "offers": offers,
        "push": push,
        "push_words": plural(push.codes, "new code") if push else "",
        "new_sync": new_sync,
    }


def _choose(cards: list[Card], dimension: str) -> Card | None:
    """Return the wanted dimension; else the gravest, the first with differences, or the first."""
    wanted = [card for card in cards if card.dimension == dimension]
    ranked = sorted(cards, key=lambda card: (not card.is_grave, not card.differences))
    return next(iter([*wanted, *ranked]), None)


def _find(matters: list[Matter], dimension: str) -> Matter | None:
    return next((matter for matter in matters if matter.dimension == dimension), None)


def _back(request: OrganizationRequest, dimension: str, **more: str) -> HttpResponse:
    address = reverse("mapping_lists", args=[request.organization.slug])
    query = urlencode({"dimension": dimension, **more}) if dimension else ""
    return redirect(f"{address}?{query}" if query else address)
