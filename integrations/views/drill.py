"""From a line of the tie-out to its cells, and from a cell to its source rows."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.errors import Refused
from accounts.requests import OrganizationRequest
from integrations.selectors.runs import get_run
from integrations.selectors.sign_offs import map_finality
from integrations.services.drill import DrilledCell, Wanted, find_cells, find_rows


@require_safe
def run_cells(request: OrganizationRequest, run_id: int) -> HttpResponse:
    """Show the cells of one line, a page at a time."""
    run = get_run(request.organization, run_id)
    wanted = _wanted(request)
    context = {
        "run": run,
        "wanted": wanted,
        "finality": map_finality(run).get((wanted.entity, wanted.period), ""),
    }
    try:
        page = find_cells(request.organization, run_id, wanted, after=request.GET.get("after", ""))
    except Refused as refused:
        return render(request, "integrations/run_cells.html", {**context, "refused": refused})
    lines = [(cell, _lines(page.measures, cell)) for cell in page.cells]
    context |= {"page": page, "lines": lines}
    return render(request, "integrations/run_cells.html", context)


@require_safe
def run_rows(request: OrganizationRequest, run_id: int) -> HttpResponse:
    """Show the source rows behind one cell."""
    run = get_run(request.organization, run_id)
    wanted, cell = _wanted(request), request.GET.get("cell", "")
    context = {"run": run, "wanted": wanted, "cell": cell}
    try:
        page = find_rows(request.organization, run_id, wanted, cell)
    except Refused as refused:
        return render(request, "integrations/run_rows.html", {**context, "refused": refused})
    names = [name.replace("_", " ").capitalize() for name in page.names]
    context |= {"page": page, "names": names}
    return render(request, "integrations/run_rows.html", context)


def _wanted(request: OrganizationRequest) -> Wanted:
    names = ("entity", "period", "account", "currency", "cost_center")
    return Wanted(*[request.GET.get(name, "") for name in names])


def _lines(measures: tuple[str, ...], cell: DrilledCell) -> list[tuple[str | None, ...]]:
    """Return the measure and the four amounts of each line: the first, and what is not zero."""
    four = (cell.qad, cell.sent, cell.anaplan, cell.difference)
    lines: list[tuple[str | None, ...]] = []
    for at, measure in enumerate(measures):
        amounts = [values[at] if values is not None else None for values in four]
        if not lines or any(text and text.strip("-0.") for text in amounts):
            lines.append((measure, *amounts))
    return lines
