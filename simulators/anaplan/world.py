"""Everything that the stand-in holds: people, models, tokens, switches and the clock."""

import asyncio
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import count as count_up
from typing import Any

from aiohttp import web
from cryptography import x509

from simulators.anaplan.contents import ContentStore
from simulators.anaplan.dimensions import Dimension
from simulators.anaplan.grid import Grid, LineItem
from simulators.anaplan.modelfile import (
    ActionPart,
    CustomerPart,
    ExportPart,
    ImportPart,
    OAuthClientPart,
    ProcessPart,
    UserPart,
    ViewPart,
)
from simulators.anaplan.settings import Settings
from simulators.anaplan.tasks import Task
from simulators.server import COUNTERS

MOST_EVENTS = 10_000


@dataclass(slots=True)
class Clock:
    """The time of the service, which tests may move forward."""

    ahead_seconds: float = 0.0

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self.ahead_seconds

    def milliseconds(self) -> int:
        """Milliseconds since 1970."""
        return int(self.now() * 1000)


@dataclass(slots=True)
class FileSource:
    """A data source of a model, as the catalogue shows it."""

    id: str
    name: str
    encoding: str = "UTF-8"
    separator: str = ","
    delimiter: str = '"'


@dataclass(slots=True)
class Module:
    """A module: its line items and its cells."""

    id: str
    name: str
    grid: Grid

    @property
    def line_items(self) -> tuple[LineItem, ...]:
        """All line items, stored and calculated."""
        return self.grid.line_items

    @property
    def dimensions(self) -> tuple[Dimension, ...]:
        """What the module is spread over."""
        return self.grid.dimensions


@dataclass(slots=True)
class Dump:
    """The rejected rows of the latest task of one import and user."""

    task_id: str
    content: bytes
    used_at: float


@dataclass(eq=False)
class ReadRequest:
    """A large read of a view or a list by one user; `used_at` in seconds since 1970."""

    kind: str
    object_id: str
    user_id: str
    used_at: float
    id: str = field(default_factory=lambda: uuid.uuid4().hex.upper())
    state: str = "NOT_STARTED"
    pages: list[bytes] = field(default_factory=list)
    work: asyncio.Task[None] | None = None


@dataclass(eq=False)
class Model:
    """A model with its catalogue, its cells, its queue of tasks and the lock that they take."""

    id: str
    name: str
    workspace_id: str
    active_state: str
    dimensions: dict[str, Dimension]
    modules: dict[str, Module]
    files: dict[str, FileSource]
    imports: dict[str, ImportPart]
    exports: dict[str, ExportPart]
    actions: dict[str, ActionPart]
    processes: dict[str, ProcessPart]
    contents: ContentStore = field(default_factory=ContentStore)
    dumps: dict[tuple[str, str], Dump] = field(default_factory=dict)
    views: dict[str, ViewPart] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    reads: dict[str, ReadRequest] = field(default_factory=dict)
    waiting: deque[Task] = field(default_factory=deque)
    running: Task | None = None
    held_by: str = ""
    current_period: date | None = None
    fiscal_year: int = 0
    is_closed: bool = False
    opener: asyncio.Task[None] | None = None
    used_at: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    worker: asyncio.Task[None] | None = None
    serial: int = 1

    def remember(self) -> Callable[[], None]:
        """Return what brings all cells and members back as they are now."""
        ways_back = [dimension.remember() for dimension in self.dimensions.values()]
        ways_back += [module.grid.remember() for module in self.modules.values()]

        def bring_back() -> None:
            for bring_back_part in ways_back:
                bring_back_part()

        return bring_back

    def module(self, name: str) -> Module:
        """The module with this name or id; KeyError when there is none."""
        for module in self.modules.values():
            if name in (module.id, module.name):
                return module
        raise KeyError(name)

    def dimension(self, name: str) -> Dimension:
        """The dimension with this name or id; KeyError when there is none."""
        for dimension in self.dimensions.values():
            if name in (dimension.id, dimension.name):
                return dimension
        raise KeyError(name)

    def object_name(self, kind: str, object_id: str) -> str | None:
        """Name of an action of a kind ("imports", "exports", …), None when it is not there."""
        found = self.runnable(kind).get(object_id)
        return None if found is None else found.name

    def runnable(
        self, kind: str
    ) -> (
        dict[str, ImportPart]
        | dict[str, ExportPart]
        | dict[str, ActionPart]
        | dict[str, ProcessPart]
    ):
        """The actions of a kind by id."""
        if kind == "imports":
            return self.imports
        if kind == "exports":
            return self.exports
        return self.actions if kind == "actions" else self.processes


@dataclass(slots=True)
class Workspace:
    """A workspace and its models, in order."""

    id: str
    name: str
    size_allowance: int
    current_size: int
    models: list[Model]


@dataclass(slots=True)
class Token:
    """A sign-in; `expires_at` in seconds since 1970."""

    value: str
    id: str
    refresh_id: str
    user: UserPart
    expires_at: float


@dataclass(slots=True)
class World:
    """One customer of Anaplan."""

    customer: CustomerPart
    users: dict[str, UserPart]
    workspaces: list[Workspace]
    settings: Settings = field(default_factory=Settings)
    clock: Clock = field(default_factory=Clock)
    tokens: dict[str, Token] = field(default_factory=dict)
    oauth_clients: dict[str, OAuthClientPart] = field(default_factory=dict)
    registered: dict[bytes, UserPart] = field(default_factory=dict)
    authorities: list[x509.Certificate] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    seen_payloads: set[bytes] = field(default_factory=set)
    events: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=MOST_EVENTS))
    event_numbers: Iterator[int] = field(default_factory=lambda: count_up(1))
    bucket: float = -1.0
    bucket_at: float = 0.0

    def models(self) -> list[Model]:
        """All models of all workspaces."""
        return [model for workspace in self.workspaces for model in workspace.models]

    def find_model(self, name: str) -> Model:
        """The model with this id or name, the first one for an empty name; KeyError else."""
        for model in self.models():
            if name in ("", model.id, model.name):
                return model
        raise KeyError(name)


WORLD = web.AppKey("world", World)


def count(app: web.Application, name: str, amount: int = 1) -> None:
    """Raise a counter of the stand-in."""
    app[COUNTERS].add(name, amount)
