"""A page for people: the modules as grids, and a form that alters a cell."""

from html import escape
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

from simulators.anaplan import cellview
from simulators.anaplan.cellview import CellRow
from simulators.anaplan.dimensions import Dimension
from simulators.anaplan.lookins import bad, find_model, find_module, number
from simulators.anaplan.world import WORLD, Model, Module, World
from simulators.forms import read_form
from simulators.server import LOOK_IN

ROWS_ON_PAGE = 50
MOST_CHOICES = 500
TASKS_SHOWN = 8
STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")


def add_routes(app: web.Application) -> None:
    """Serve the page and its form."""
    app.router.add_get(LOOK_IN, show_page)
    app.router.add_post(f"{LOOK_IN}alter", alter_cell)


async def alter_cell(request: web.Request) -> web.Response:
    """Write what the form says and go back to the page."""
    form = await read_form(request)
    model = find_model(request.app[WORLD], form.get("model", ""))
    module = find_module(model, form.get("module", ""))
    key = number(form.get("key", ""), -1)
    if key not in module.grid.cells:
        raise bad("There is no such cell")
    try:
        cellview.set_values(module, key, {form.get("item", ""): form.get("value", "")})
    except cellview.BadCell as error:
        raise bad(str(error)) from error
    raise web.HTTPSeeOther(f"{LOOK_IN}?{urlencode(_place(form.get('back', '')))}")


def _place(text: str) -> list[tuple[str, str]]:
    """What the page showed: its query without the chosen cell."""
    return [pair for pair in parse_qsl(text) if pair[0] not in ("key", "item")]


async def show_page(request: web.Request) -> web.Response:
    """`GET /_sim/`."""
    world, query = request.app[WORLD], dict(request.query)
    model = find_model(world, query.get("model", ""))
    module = find_module(model, query.get("module", ""))
    offset = max(0, number(query.get("offset", ""), 0))
    try:
        rows, total = cellview.select_rows(module, query, offset, ROWS_ON_PAGE)
    except cellview.BadCell:
        rows, total = [], 0
    body = "".join(
        (
            _head(world, model, module),
            "<main>",
            _alter_form(model, module, query),
            _grid(model, module, query, rows, total, offset),
            _tasks(model),
            "</main>",
        )
    )
    return web.Response(
        text=_document(f"{module.name} · Stand-in Anaplan", body), content_type="text/html"
    )


def _document(title: str, body: str) -> str:
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{body}</body></html>"
    )


def _head(world: World, model: Model, module: Module) -> str:
    links = []
    for found in world.models():
        for other in found.modules.values():
            current = ' aria-current="page"' if other is module else ""
            address = escape(f"?{urlencode({'model': found.id, 'module': other.id})}")
            label = other.name if found is model else f"{found.name}: {other.name}"
            links.append(f'<a href="{address}"{current}>{escape(label)}</a>')
    state = model.active_state.replace("_", " ").lower()
    return (
        f"<header><h1>{escape(model.name)}</h1>"
        f"<p>Stand-in Anaplan of {escape(world.customer.name)} · model is {escape(state)}</p>"
        f'<nav aria-label="Modules">{"".join(links)}</nav></header>'
    )


def _grid(
    model: Model,
    module: Module,
    query: dict[str, str],
    rows: list[CellRow],
    total: int,
    offset: int,
) -> str:
    heads = "".join(f"<th>{escape(d.name)}</th>" for d in module.dimensions)
    heads += "".join(f'<th class="number">{escape(i.name)}</th>' for i in module.line_items)
    body = "".join(_table_row(module, query, row) for row in rows)
    if not rows:
        width = len(module.dimensions) + len(module.line_items)
        body = f'<tr><td colspan="{width}">No cells.</td></tr>'
    return (
        f"<section><h2>{escape(module.name)}</h2>{_filters(model, module, query)}"
        f'<div class="scroll" tabindex="0" role="region" aria-label="Cells"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
        f"{_pages(query, total, offset)}</section>"
    )


def _filters(model: Model, module: Module, query: dict[str, str]) -> str:
    fields = "".join(_filter(dimension, query) for dimension in module.dimensions)
    return (
        f'<form method="get"><input type="hidden" name="model" value="{model.id}">'
        f'<input type="hidden" name="module" value="{module.id}">{fields}'
        "<button>Show</button></form>"
    )


def _filter(dimension: Dimension, query: dict[str, str]) -> str:
    name, chosen = escape(dimension.name), query.get(dimension.name, "")
    if len(dimension.items) > MOST_CHOICES:
        field = f'<input name="{name}" value="{escape(chosen)}" size="12">'
        return f"<label>{name}{field}</label>"
    options = ['<option value="">all</option>']
    for index, _ in dimension.all():
        label = dimension.label(index)
        mark = " selected" if label == chosen else ""
        options.append(f'<option value="{escape(label)}"{mark}>{escape(label)}</option>')
    return f'<label>{name}<select name="{name}">{"".join(options)}</select></label>'


def _table_row(module: Module, query: dict[str, str], row: CellRow) -> str:
    cells = [f"<td>{escape(text)}</td>" for text in row.coordinates.values()]
    for item in module.line_items:
        text = escape(row.values[item.name])
        if item.slot >= 0:
            link = escape(f"?{urlencode({**query, 'key': row.key, 'item': item.id})}")
            text = f'<a href="{link}" title="Alter this cell">{text or "·"}</a>'
        is_chosen = query.get("key") == str(row.key) and query.get("item") == item.id
        mark = " chosen" if is_chosen else ""
        cells.append(f'<td class="number{mark}">{text}</td>')
    return f"<tr>{''.join(cells)}</tr>"


def _alter_form(model: Model, module: Module, query: dict[str, str]) -> str:
    key = number(query.get("key", ""), -1)
    item = next((i for i in module.grid.stored if i.id == query.get("item")), None)
    if item is None or key not in module.grid.cells:
        return (
            '<section><p class="soft">Choose a number in the grid to alter that cell, as somebody'
            " would who works in the model.</p></section>"
        )
    place = " · ".join(cellview.describe(module, key).values())
    value = escape(module.grid.values(key)[item.name])
    back = escape(urlencode(query))
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{text}">'
        for name, text in (
            ("model", model.id),
            ("module", module.id),
            ("key", str(key)),
            ("item", item.id),
            ("back", back),
        )
    )
    return (
        f'<section class="alter"><h2>Alter a cell</h2><p>{escape(place)}</p>'
        f'<form method="post" action="{LOOK_IN}alter">{hidden}'
        f'<label>{escape(item.name)}<input name="value" value="{value}" required autofocus></label>'
        "<button>Alter cell</button></form></section>"
    )


def _pages(query: dict[str, str], total: int, offset: int) -> str:
    links = []
    for words, start in (("Earlier", offset - ROWS_ON_PAGE), ("Later", offset + ROWS_ON_PAGE)):
        if 0 <= start < total:
            address = escape(f"?{urlencode({**query, 'offset': start})}")
            links.append(f'<a href="{address}">{words} rows</a>')
    last = min(total, offset + ROWS_ON_PAGE)
    span = f"{offset + 1} to {last} of {total} rows" if last > offset else f"{total} rows"
    return (
        f'<div class="pages"><span class="soft">{span}</span><span>{" ".join(links)}</span></div>'
    )


def _tasks(model: Model) -> str:
    tasks = list(model.tasks.values())[-TASKS_SHOWN:][::-1]
    rows = []
    for task in tasks:
        name = model.object_name(task.kind, task.object_id) or task.object_id
        details = (task.result or {}).get("details") or [{}]
        words = details[0].get("localMessageText", "")
        cells = (name, task.state, task.step, words)
        rows.append(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>")
    body = "".join(rows) or '<tr><td colspan="4">No task yet.</td></tr>'
    return (
        '<section><h2>Last tasks</h2><div class="scroll" tabindex="0" role="region"'
        ' aria-label="Tasks"><table><thead><tr><th>Action</th><th>State</th><th>Step</th>'
        f"<th>Outcome</th></tr></thead><tbody>{body}</tbody></table></div></section>"
    )
