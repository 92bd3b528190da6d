"""Reads a model file and builds the world of the stand-in; every complaint names its object."""

import csv
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

import msgspec

from simulators.anaplan import certificates, checking
from simulators.anaplan.dimensions import TIME_ID, VERSIONS_ID, Dimension
from simulators.anaplan.grid import Grid, LineItem
from simulators.anaplan.importing import ImportJob
from simulators.anaplan.modelfile import (
    FilePart,
    ImportPart,
    ItemPart,
    ListPart,
    ModelFile,
    ModelPart,
    ModulePart,
    OAuthClientPart,
    WorkspacePart,
)
from simulators.anaplan.plans import FileFormat, plan_of_cells
from simulators.anaplan.rows import RowTaker
from simulators.anaplan.world import FileSource, Model, Module, Workspace, World

HEX_LOWER = re.compile(r"[0-9a-f]{32}")
HEX_UPPER = re.compile(r"[0-9A-F]{32}")
ID = re.compile(r"\d{12}")
MOST_REDIRECT_URIS = 60
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class BadModel(ValueError):
    """A model file that cannot be used; the text says which object and why."""


class _Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


Thing = TypeVar("Thing", bound=_Named)


def load(path: Path) -> World:
    """Read a model file; BadModel when it cannot be used, OSError when it cannot be read."""
    try:
        parts = msgspec.json.decode(path.read_bytes(), type=ModelFile)
    except msgspec.DecodeError as error:
        raise BadModel(f"{path}: {error}") from error
    with _naming(str(path)):
        _check_ids(parts)
        workspaces = [_build_workspace(part, path.parent) for part in parts.workspaces]
    users = {user.email.lower(): user for user in parts.users}
    if not users:
        raise BadModel(f"{path}: 'users' is empty, so nobody could sign in")
    world = World(parts.customer, users, workspaces)
    for model in world.models():
        model.used_at = world.clock.now()
    with _naming(str(path)):
        _register(world, parts, path.parent)
    return world


def _register(world: World, parts: ModelFile, folder: Path) -> None:
    """Take up the certificates of the users, the authorities and the OAuth clients."""
    for user in parts.users:
        with _naming(f"user {user.email!r}"):
            checking.check_grants(user, world.models())
        for name in user.certificates:
            with _naming(f"user {user.email!r}: {name}"):
                certificate = certificates.read((folder / name).read_bytes())
                world.registered[certificates.fingerprint(certificate)] = user
    for name in parts.certificate_authorities:
        with _naming(f"certificate authority {name}"):
            world.authorities.append(certificates.read((folder / name).read_bytes()))
    for client in parts.oauth_clients:
        with _naming(f"OAuth client {client.name!r}"):
            _check_client(client, world)
        world.oauth_clients[client.id] = client


def _check_client(client: OAuthClientPart, world: World) -> None:
    if not HEX_LOWER.fullmatch(client.id) or client.id in world.oauth_clients:
        raise BadModel(f"id {client.id!r} must be 32 lower-case hex digits, and there once")
    needs = client.grant == "authorization_code"
    if needs != bool(client.secret) or needs != bool(client.redirect_uris):
        raise BadModel("'secret' and 'redirectUris' belong to authorization_code, and are needed")
    if len(client.redirect_uris) > MOST_REDIRECT_URIS:
        raise BadModel(f"has more than {MOST_REDIRECT_URIS} 'redirectUris'")
    for address in () if client.trial else client.redirect_uris:
        parts = urlsplit(address)
        if parts.scheme != "https" or parts.hostname in LOOPBACK:
            raise BadModel(f"{address!r} must be https and not this machine; or set 'trial'")


@contextmanager
def _naming(place: str) -> Iterator[None]:
    """Put the name of an object in front of what is said about it."""
    try:
        yield
    except ValueError as error:
        raise BadModel(f"{place}: {error}") from error


def _check_ids(parts: ModelFile) -> None:
    seen: set[str] = set()
    models = [model for workspace in parts.workspaces for model in workspace.models]
    ids = [("customer", parts.customer.id)]
    ids += [("user", user.id) for user in parts.users]
    ids += [("workspace", workspace.id) for workspace in parts.workspaces]
    ids += [("model", model.id) for model in models]
    for kind, identity in ids:
        form, words = (HEX_UPPER, "upper") if kind == "model" else (HEX_LOWER, "lower")
        if not form.fullmatch(identity):
            raise BadModel(f"{kind} id {identity!r} must be 32 {words}-case hex digits")
        if identity in seen:
            raise BadModel(f"{kind} id {identity!r} is there twice")
        seen.add(identity)


def _build_workspace(part: WorkspacePart, folder: Path) -> Workspace:
    models = []
    for model in part.models:
        with _naming(f"model {model.name!r}"):
            models.append(_build_model(model, part.id, folder))
    return Workspace(part.id, part.name, part.size_allowance, part.current_size, models)


def _build_model(part: ModelPart, workspace_id: str, folder: Path) -> Model:
    dimensions = [_build_list(found, folder) for found in part.lists]
    dimensions += [
        _build_fixed(identity, name, members)
        for identity, name, members in (
            (TIME_ID, "Time", part.time),
            (VERSIONS_ID, "Versions", part.versions),
        )
        if members
    ]
    by_name = {dimension.name: dimension for dimension in dimensions}
    modules = [_build_module(found, by_name) for found in part.modules]
    model = Model(
        id=part.id,
        name=part.name,
        workspace_id=workspace_id,
        active_state=part.active_state,
        dimensions=_index(dimensions, "list", "101"),
        modules=_index(modules, "module", "102"),
        files=_index([_build_file(found, part.imports) for found in part.files], "file", "113"),
        imports=_index(part.imports, "import", "112"),
        exports=_index(part.exports, "export", "116"),
        actions=_index(part.actions, "action", "117"),
        processes=_index(part.processes, "process", "118"),
        views=_index(part.views, "view", ""),
    )
    checking.check_model(model)
    for file in part.files:
        if file.content:
            model.contents.set_default(file.id, (folder / file.content).read_bytes())
    for found in part.modules:
        _load_cells(model.modules[found.id], found, folder)
    return model


def _index(things: Iterable[Thing], kind: str, prefix: str) -> dict[str, Thing]:
    """Things by id; every id has its kind's prefix, ids and names are there once."""
    index: dict[str, Thing] = {}
    names: set[str] = set()
    for thing in things:
        fixed = thing.id in (TIME_ID, VERSIONS_ID)
        if not fixed and not (ID.fullmatch(thing.id) and thing.id.startswith(prefix)):
            raise BadModel(f"{kind} {thing.name!r}: id {thing.id!r} must be {prefix}…, 12 digits")
        if thing.id in index or thing.name in names:
            raise BadModel(f"{kind} {thing.name!r}: id or name is there twice")
        index[thing.id] = thing
        names.add(thing.name)
    return index


def _build_fixed(identity: str, name: str, members: Iterable[str]) -> Dimension:
    dimension = Dimension(identity, name)
    for member in members:
        dimension.add(member)
    return dimension


def _build_list(part: ListPart, folder: Path) -> Dimension:
    dimension = Dimension(part.id, part.name)
    if part.items and part.items_csv:
        raise BadModel(f"list {part.name!r}: has both 'items' and 'items_csv'")
    with _naming(f"list {part.name!r}"):
        items = part.items or (_read_items(folder / part.items_csv) if part.items_csv else ())
    for item in items:
        dimension.add(item.name, item.code)
    for index, item in enumerate(items):
        if item.parent:
            parent = dimension.find(item.parent)
            if parent < 0:
                raise BadModel(f"list {part.name!r}: {item.name!r} has no parent {item.parent!r}")
            dimension.set_parent(index, parent)
    return dimension


def _read_items(path: Path) -> tuple[ItemPart, ...]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        names = set(reader.fieldnames or ())
        if "name" not in names or names - {"name", "code", "parent"}:
            raise BadModel(f"{path}: the header must be name, code, parent; it is {sorted(names)}")
        rows = [{key: row[key] or "" for key in names} for row in reader]
    return tuple(ItemPart(**row) for row in rows)


def _build_module(part: ModulePart, dimensions: dict[str, Dimension]) -> Module:
    missing = [name for name in part.dimensions if name not in dimensions]
    if missing:
        raise BadModel(f"module {part.name!r}: there is no dimension {missing[0]!r}")
    if len(set(part.dimensions)) != len(part.dimensions) or not part.dimensions:
        raise BadModel(f"module {part.name!r}: 'dimensions' is empty or names one twice")
    stored = 0
    line_items = []
    for item in part.line_items:
        line_items.append(
            LineItem(item.id, item.name, item.format, -1 if item.calculated else stored)
        )
        stored += not item.calculated
    if not stored:
        raise BadModel(f"module {part.name!r}: has no line item that can be written")
    _index(line_items, f"module {part.name!r}, line item", "2")
    return Module(
        part.id, part.name, Grid([dimensions[name] for name in part.dimensions], line_items)
    )


def _build_file(part: FilePart, imports: Iterable[ImportPart]) -> FileSource:
    reader = next((found for found in imports if found.file_id == part.id), None)
    return FileSource(
        part.id,
        part.name,
        encoding=part.encoding or (reader.encoding if reader else "UTF-8"),
        separator=part.separator or (reader.separator if reader else ","),
        delimiter=part.delimiter or (reader.delimiter if reader else '"'),
    )


def _load_cells(module: Module, part: ModulePart, folder: Path) -> None:
    if not part.cells_csv:
        return
    path = folder / part.cells_csv
    with _naming(f"module {part.name!r}: {path}"):
        taker = RowTaker(plan_of_cells(module))
        job = ImportJob(FileFormat(), taker)
        job.read([path.read_bytes()])
        if job.refusal is not None:
            raise BadModel(job.refusal.text)
        if taker.exceptions:
            first = taker.exceptions[0]
            raise BadModel(f"line {first.line}: {'; '.join(words for _, words in first.problems)}")
        taker.write()
