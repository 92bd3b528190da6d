"""The mapping grid: a dimension's codes with their members, changed in place or as a block."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import Refused
from accounts.gate import require
from accounts.permissions import Right
from accounts.requests import OrganizationRequest
from integrations.forms.mapping_grid import GridForm, GridSaveForm, dimension_of
from integrations.selectors.known_codes import loaded_periods, search_members
from integrations.selectors.mapping_grid import read_grid, read_lines
from integrations.services.mapping_blocks import SAVED, WRONG, Outcome, save_rows


@require_safe
def mapping_grid(request: OrganizationRequest) -> HttpResponse:
    """Show a page of a dimension's codes; the address says which and in which order."""
    return _page(request, request.GET)


@require_POST
def save_grid(request: OrganizationRequest) -> HttpResponse:
    """Save a block of rows into the draft, and tell of each what became of it."""
    require(request, Right.MAP)
    form = GridSaveForm(request.POST)
    if not form.is_valid():
        faults = [str(fault) for faults in form.errors.values() for fault in faults]
        return _answer(request, {"faults": faults}, WRONG)
    asks = form.asks
    outcomes = save_rows(
        organization=request.organization,
        asks=[ask for ask in asks if not isinstance(ask, str)],
        since=form.since_period,
        requested_by=request.user.email,
    )
    found: dict[str, Any] = {
        "saved": [outcome for outcome in outcomes if not outcome.refused],
        "refused": [outcome for outcome in outcomes if outcome.refused],
        "faults": [_unread(ask).message for ask in asks if isinstance(ask, str)],
        "given": form.cleaned_data,
    }
    found["not_saved"] = len(asks) - len(found["saved"])
    found["lines"] = _lines_of(request, outcomes, form.as_of) if request.htmx else []
    return _answer(request, found, outcomes[0].status if len(asks) == len(outcomes) == 1 else None)


@require_safe
def find_members(request: OrganizationRequest) -> HttpResponse:
    """Show up to twenty members of a dimension's list that contain a text."""
    text, dimension = (
        request.GET.get(name, "")[:80].replace("\0", "") for name in ("q", "dimension")
    )
    members = search_members(request.organization, dimension, text.strip())
    return render(request, "integrations/mapping/members.html", {"members": members})


def _unread(line: str) -> Refused:
    return Refused("mapping_row_unreadable", line=line)


def _answer(
    request: OrganizationRequest, found: Mapping[str, Any], status: int | None
) -> HttpResponse:
    """Answer with rows alone where the page has asked for them, else with the whole page."""
    status = status or (SAVED if found.get("saved") else WRONG)
    if request.htmx:
        return render(request, "integrations/mapping/grid_answer.html", found, status=status)
    return _page(request, request.POST, found, status)


def _page(
    request: OrganizationRequest,
    asked: QueryDict,
    found: Mapping[str, Any] | None = None,
    status: int = SAVED,
) -> HttpResponse:
    dimension = dimension_of(asked.get("dimension", ""))
    periods = loaded_periods(request.organization, dimension)
    form = GridForm(periods, {**asked.dict(), "dimension": dimension}, auto_id="filter_%s")
    number = asked.get("page", "")
    grid = read_grid(
        request.organization,
        dimension,
        form.chosen,
        periods=periods,
        period=form.period_chosen,
        number=int(number) if number.isdecimal() and len(number) < 7 else 1,
        size=form.size_chosen,
    )
    context = {
        "grid": grid,
        "filter_form": form,
        "chosen": form.chosen,
        "dimension": dimension,
        "periods": periods,
        "answer": found,
    }
    return render(request, "integrations/mapping/grid.html", context, status=status)


def _lines_of(
    request: OrganizationRequest, outcomes: Sequence[Outcome], as_of: int | None
) -> list[dict[str, Any]]:
    """Return the rows of outcomes as they are now, with what each of them tells."""
    told = {outcome.ask.key: outcome for outcome in outcomes if not outcome.ask.is_pasted}
    return [
        {"row": line.row, "suggestion": line.suggestion, "outcome": told[line.row.key]}
        for line in read_lines(request.organization, list(told), period=as_of)
    ]
