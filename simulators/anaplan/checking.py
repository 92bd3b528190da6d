"""Checks that the imports, exports, actions and processes of a model fit its lists and modules."""

from collections.abc import Iterable

from simulators.anaplan.modelfile import (
    ActionPart,
    ExportColumn,
    ImportColumn,
    ImportPart,
    UserPart,
    ViewPart,
)
from simulators.anaplan.world import Model, Module


def check_model(model: Model) -> None:
    """ValueError when an action names something that is not there, or covers it wrongly."""
    for part in model.imports.values():
        _check_import(model, part)
    for export in model.exports.values():
        place = f"export {export.name!r}"
        module = _module(model, export.module, place)
        _check_separators(place, export.separator)
        for column in export.columns:
            _check_export_column(model, module, column, place)
    for view in model.views.values():
        _check_view(model, view)
    for action in model.actions.values():
        _check_action(model, action)
    for process in model.processes.values():
        for step in process.steps:
            if find_step(model, step) is None:
                raise ValueError(f"process {process.name!r}: there is no action {step!r}")


def check_grants(user: UserPart, models: Iterable[Model]) -> None:
    """ValueError when a user is granted something that no model has."""
    kinds = ("imports", "exports", "actions", "processes")
    parts = [part for model in models for kind in kinds for part in model.runnable(kind).values()]
    known = {name for part in parts for name in (part.id, part.name)}
    for name in user.granted or ():
        if name not in known:
            raise ValueError(f"there is no action {name!r} to be granted")


def _check_view(model: Model, view: ViewPart) -> None:
    place = f"view {view.name!r}"
    module = _module(model, view.module, place)
    _check_cover([*view.rows, *view.columns, *view.pages], module, place)
    for item in view.line_items:
        _check_line_item(module, item, place)


def find_step(model: Model, step: str) -> tuple[str, str] | None:
    """Kind and id of the import, export or action with this name or id."""
    for kind in ("imports", "exports", "actions"):
        for part in model.runnable(kind).values():
            if step in (part.id, part.name):
                return kind, part.id
    return None


def _module(model: Model, name: str, place: str) -> Module:
    try:
        return model.module(name)
    except KeyError:
        raise ValueError(f"{place}: there is no module {name!r}") from None


def _check_separators(place: str, separator: str) -> None:
    if len(separator) != 1:
        raise ValueError(f"{place}: 'separator' must be one letter")


def _check_import(model: Model, part: ImportPart) -> None:
    place = f"import {part.name!r}"
    if bool(part.module) == bool(part.list):
        raise ValueError(f"{place}: needs either 'module' or 'list'")
    if part.file_id and part.source is not None:
        raise ValueError(f"{place}: has both 'fileId' and 'source'")
    if part.source is not None and bool(part.source.view) == bool(part.source.list):
        raise ValueError(f"{place}: 'source' needs either 'view' or 'list'")
    if part.file_id and part.file_id not in model.files:
        raise ValueError(f"{place}: there is no file {part.file_id!r}")
    _check_separators(place, part.separator)
    if len(part.delimiter) > 1 or len(part.decimal_separator) != 1:
        raise ValueError(f"{place}: 'delimiter' and 'decimalSeparator' must be one letter")
    headers = [column.header for column in part.columns if column.header]
    if len(set(headers)) != len(headers):
        raise ValueError(f"{place}: a header is there twice")
    if part.list:
        _check_list_import(model, part, place)
    else:
        _check_module_import(model, part, place)


def _check_list_import(model: Model, part: ImportPart, place: str) -> None:
    if part.list not in {found.name for found in model.dimensions.values() if found.is_list}:
        raise ValueError(f"{place}: there is no list {part.list!r}")
    properties = [column.property for column in part.columns if column.property]
    if len(set(properties)) != len(properties) or not {"name", "code"} & set(properties):
        raise ValueError(f"{place}: needs one column with property 'name' or 'code'")


def _check_module_import(model: Model, part: ImportPart, place: str) -> None:
    module = _module(model, part.module, place)
    for column in part.columns:
        _check_import_column(model, module, column, place)
    _check_cover([column.dimension for column in part.columns if column.dimension], module, place)
    if not any(column.line_item for column in part.columns):
        raise ValueError(f"{place}: no column has a 'lineItem'")


def _check_cover(named: list[str], module: Module, place: str) -> None:
    wanted = [dimension.name for dimension in module.dimensions]
    if sorted(named) != sorted(wanted):
        raise ValueError(f"{place}: must cover each of {wanted} once, but covers {named}")


def _check_import_column(model: Model, module: Module, column: ImportColumn, place: str) -> None:
    what = f"{place}, column {column.header or column.dimension!r}"
    if column.line_item and (column.dimension or not column.header):
        raise ValueError(f"{what}: 'lineItem' goes with a 'header' and without 'dimension'")
    if column.line_item:
        _check_line_item(module, column.line_item, what)
    if column.dimension and [column.header, column.member, column.ask].count("") != 2:
        raise ValueError(f"{what}: needs one of 'header', 'member' and 'ask'")
    if column.dimension and column.member:
        _check_members(model, column.dimension, [column.member], what)


def _check_export_column(model: Model, module: Module, column: ExportColumn, place: str) -> None:
    what = f"{place}, column {column.header or column.dimension!r}"
    if bool(column.line_item) == bool(column.dimension):
        raise ValueError(f"{what}: needs either 'lineItem' or 'dimension'")
    if column.line_item:
        _check_line_item(module, column.line_item, what)
    elif column.dimension not in {dimension.name for dimension in module.dimensions}:
        raise ValueError(f"{what}: the module has no dimension {column.dimension!r}")
    if bool(column.header) == bool(column.member):
        raise ValueError(f"{what}: needs either 'header' or 'member'")
    if column.member:
        _check_members(model, column.dimension, [column.member], what)


def _check_line_item(module: Module, name: str, what: str) -> None:
    if name not in {item.name for item in module.line_items}:
        raise ValueError(f"{what}: the module has no line item {name!r}")


def _check_members(model: Model, name: str, members: Iterable[str], what: str) -> None:
    try:
        dimension = model.dimension(name)
    except KeyError:
        raise ValueError(f"{what}: there is no dimension {name!r}") from None
    for member in members:
        if dimension.find(member) < 0:
            raise ValueError(f"{what}: {name!r} has no member {member!r}")


def _check_action(model: Model, action: ActionPart) -> None:
    place = f"action {action.name!r}"
    if bool(action.module) == bool(action.list):
        raise ValueError(f"{place}: needs either 'module' or 'list'")
    if action.module:
        names = {dimension.name for dimension in _module(model, action.module, place).dimensions}
    else:
        names = {found.name for found in model.dimensions.values() if found.is_list}
        if action.list not in names:
            raise ValueError(f"{place}: there is no list {action.list!r}")
        names = {action.list}
    for name, members in action.members.items():
        if name not in names:
            raise ValueError(f"{place}: 'members' names {name!r}, which it has nothing to do with")
        _check_members(model, name, members, place)
