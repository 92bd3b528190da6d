"""What became of an import: the task's own words and the failure dump, never an assumption."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from integrations.anaplan.types import Task

OutcomeState = Literal["ok", "partial", "ignored", "failed", "cancelled", "unknown"]


class Outcome(NamedTuple):
    """The verdict on an import task; `counts` as Anaplan gave them, `reason` for people."""

    state: OutcomeState
    counts: Mapping[str, int]
    reason: str


class DumpLine(NamedTuple):
    """One line of the failure dump: "E" refused, "W" taken with a problem; line 1 is the header."""

    line: int
    status: str
    messages: tuple[str, ...]


def verdict(task: Task, sent_lines: int) -> Outcome:
    """Judge a task by state, result, nested results, counts and dump flag together."""
    raise NotImplementedError


def read_dump(pieces: Iterable[bytes]) -> Iterator[DumpLine]:
    """Yield the lines of a failure dump; anaplan_dump_unreadable."""
    raise NotImplementedError
