"""A task of a model: its states and how it is shown."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from simulators.faults import Fault

FINAL = ("COMPLETE", "CANCELLED")
KINDS = ("imports", "exports", "actions", "processes")


@dataclass(eq=False)
class Task:
    """One run of an import, export, action or process, asked for by one user."""

    kind: str
    object_id: str
    user_id: str
    created_ms: int
    parameters: list[dict[str, str]] = field(default_factory=list)
    fault: Fault | None = None
    id: str = field(default_factory=lambda: uuid.uuid4().hex.upper())
    state: str = "NOT_STARTED"
    progress: float = 0.0
    step: str = ""
    result: dict[str, Any] | None = None
    cancel_is_asked: bool = False
    cancelled_by: str = ""

    @property
    def is_final(self) -> bool:
        """Whether the task has ended, well or badly."""
        return self.state in FINAL

    def end_cancelled(self) -> None:
        """Let the task have ended without a result."""
        self.state, self.step = "CANCELLED", "Cancelled."

    def has_fault(self, kind: str) -> bool:
        """Whether the call that started the task carried this fault."""
        return self.fault is not None and self.fault.kind == kind

    def row(self) -> dict[str, Any]:
        """The task as a history shows it."""
        return {"taskId": self.id, "taskState": self.state, "creationTime": self.created_ms}

    def body(self) -> dict[str, Any]:
        """The task as polling shows it."""
        body = self.row() | {"progress": self.progress, "currentStep": self.step}
        if self.cancelled_by:
            body["cancelledBy"] = self.cancelled_by
        if self.is_final and self.result is not None:
            body["result"] = self.result
        return body


def detail(text: str, kind: str, values: dict[str, object] | None = None, count: int = 0) -> Any:
    """One entry of `details`: words, type, and the flat list of names and values."""
    pairs = [str(part) for pair in (values or {}).items() for part in pair]
    return {"localMessageText": text, "occurrences": count, "type": kind, "values": pairs}


def outcome(
    object_id: str, name: str, details: list[Any], *, successful: bool, dump: bool = False
) -> dict[str, Any]:
    """The `result` of a task or of one action of a process."""
    result: dict[str, Any] = {
        "successful": successful,
        "failureDumpAvailable": dump,
        "objectId": object_id,
        "objectName": name,
    }
    if details:
        result["details"] = details
    return result
