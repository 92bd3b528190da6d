"""What Anaplan's answers mean, as frozen values; ids are kept exactly as Anaplan wrote them."""

from dataclasses import dataclass, field
from typing import Literal

TaskKind = Literal["imports", "exports", "actions", "processes"]

COMPLETE = "COMPLETE"
CANCELLED = "CANCELLED"
FINAL_STATES = frozenset({COMPLETE, CANCELLED})
RESTING_STEPS = frozenset({"", "OPEN", "CLOSED"})


@dataclass(frozen=True, slots=True)
class Hosts:
    """The base addresses of one tenant's region, without a slash at the end."""

    token: str
    oauth: str
    api: str


@dataclass(frozen=True, slots=True)
class User:
    """Who is signed in; `customer_id` names the tenant that shares one budget of calls."""

    id: str
    email: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace the user can see; the id is 32 lower-case hex digits."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Model:
    """A model the user can see; the id is 32 UPPER-case hex digits."""

    id: str
    name: str
    state: str
    workspace_id: str
    workspace_name: str = ""

    @property
    def is_archived(self) -> bool:
        """Whether the model can be neither read nor loaded."""
        return self.state == "ARCHIVED"


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file of the model: the source of an import (113…) or the output of an export (116…)."""

    id: str
    name: str
    chunk_count: int
    encoding: str = ""
    separator: str = ""
    delimiter: str = ""
    header_row: int = 0
    first_data_row: int = 0


@dataclass(frozen=True, slots=True)
class ImportAction:
    """A named import; `file_id` is the file it reads, "" or another kind of id if none."""

    id: str
    name: str
    file_id: str
    import_type: str


@dataclass(frozen=True, slots=True)
class ExportAction:
    """A named export; its output file has the same id."""

    id: str
    name: str
    format: str
    encoding: str
    layout: str


@dataclass(frozen=True, slots=True)
class OtherAction:
    """A named action that is neither import nor export, such as a deletion; also a process."""

    id: str
    name: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class ListInfo:
    """A list of the model."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ListItem:
    """A member of a list; `code` is "" when it has none, so is `parent`, which is a name."""

    id: str
    name: str
    code: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class ModuleInfo:
    """A module of the model."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ImportDefinition:
    """How an import reads its file: `headers` in the order of the columns, rows from 1."""

    name: str
    type: str
    encoding: str
    separator: str
    delimiter: str
    decimal_separator: str
    header_row: int
    first_data_row: int
    headers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExportDefinition:
    """How an export writes its file; `row_count` is Anaplan's estimate.

    `list_names` names the list whose members a column shows, "" for other columns.
    """

    headers: tuple[str, ...]
    data_types: tuple[str, ...]
    encoding: str
    separator: str
    delimiter: str
    layout: str
    row_count: int
    list_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """What the model does now; `progress` is 0..1, or -1 at rest."""

    step: str
    progress: float
    tooltip: str
    task_id: str

    @property
    def is_busy(self) -> bool:
        """Whether something runs in the model; a closed model is at rest."""
        return bool(self.task_id) or self.step.upper() not in RESTING_STEPS


@dataclass(frozen=True, slots=True)
class Detail:
    """One line of a task's result; `values` are the key and value pairs Anaplan gave."""

    type: str
    text: str
    occurrences: int
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskResult:
    """How a task ended. `successful` is None when Anaplan did not say, which is not "yes"."""

    successful: bool | None
    failure_dump_available: bool
    details: tuple[Detail, ...] = ()
    nested: tuple["TaskResult", ...] = ()
    object_id: str = ""
    object_name: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """The row counts by Anaplan's own names, summed over the details; empty when absent."""
        counts: dict[str, int] = {}
        for detail in self.details:
            for name, value in detail.values.items():
                if value.isascii() and value.isdigit():
                    counts[name] = counts.get(name, 0) + int(value)
        return counts


@dataclass(frozen=True, slots=True)
class TaskRef:
    """A task in the history of an action; `created_ms` is milliseconds since 1970, 0 unknown."""

    id: str
    state: str
    created_ms: int


@dataclass(frozen=True, slots=True)
class Task:
    """A task as polled; `result` is None before the end."""

    id: str
    state: str
    progress: float
    step: str
    created_ms: int
    result: TaskResult | None

    @property
    def is_final(self) -> bool:
        """Whether the task ended, well or badly."""
        return self.state in FINAL_STATES
