"""What became of an import: the task's own words and the failure dump, never an assumption."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Literal, NamedTuple

from integrations.anaplan.types import CANCELLED, Task, TaskResult
from integrations.pipeline.delimited import read_rows
from integrations.pipeline.formats import FileFormat
from integrations.transport.errors import IntegrationError

OutcomeState = Literal["ok", "partial", "ignored", "failed", "cancelled", "unknown"]

_DUMP_FORMAT = FileFormat("utf-8", ",", '"')
_STATUS, _LINE, _ERROR = "_Status_", "_Line_", "_Error_"


class StepEnd(NamedTuple):
    """How one step of a process ended; `successful` is None where Anaplan did not say."""

    name: str
    successful: bool | None
    counts: dict[str, int]
    words: str


class Outcome(NamedTuple):
    """The verdict on an import task; `counts` as Anaplan gave them, `reason` for people.

    `steps` tells how each step of a process ended, in their order.
    """

    state: OutcomeState
    counts: Mapping[str, int]
    reason: str
    steps: tuple["StepEnd", ...] = ()


class DumpLine(NamedTuple):
    """One line of the failure dump: "E" refused, "W" taken with a problem.

    `line` is the line of the uploaded file, the header being line 1.
    """

    line: int
    status: str
    messages: tuple[str, ...]


def verdict(task: Task, sent_lines: int, import_id: str = "") -> Outcome:
    """Judge a task by state, result, nested results, counts and dump flag together.

    `sent_lines` are the data lines of the file, 0 for a task that reads none; in a process they
    are those of the step `import_id`, and the counts of other steps say nothing about them.
    COMPLETE alone says nothing, `successful` that is missing is no "yes", and rows that Anaplan
    did not count are not taken as loaded.
    """
    if task.state == CANCELLED:
        return Outcome("cancelled", {}, "The import was cancelled; Anaplan undid all of it.")
    if not task.is_final:
        return Outcome("unknown", {}, f"The import has not ended: {task.state}.")
    outcome = _judge(task, sent_lines, import_id)
    nested = task.result.nested if task.result else ()
    return outcome._replace(steps=tuple(map(_step_end, nested)))


def result_of(task: Task, import_id: str) -> TaskResult | None:
    """Return the result that tells of an import: its own, or that of its step in a process."""
    result = task.result
    if result is None:
        return None
    parts = (part for part in result.nested if import_id and part.object_id == import_id)
    return next(parts, result)


def _step_end(part: TaskResult) -> StepEnd:
    name = part.object_name or part.object_id
    return StepEnd(name, part.successful, part.counts, _words(part))


def _judge(task: Task, sent_lines: int, import_id: str) -> Outcome:
    result, own = task.result, result_of(task, import_id)
    if result is None or own is None or result.successful is None:
        return Outcome("unknown", {}, "Anaplan did not say whether the import succeeded.")
    counts = _counts(result) if own is result else own.counts
    if not result.successful:
        return _judge_unsuccessful(result, counts)
    if any(part.successful is False for part in result.nested):
        return Outcome("failed", counts, _words(result) or "A step of the process failed.")
    if _has_refused(result, counts):
        return Outcome("partial", counts, _refused_words(counts))
    if any(part.successful is None for part in result.nested):
        return Outcome("unknown", counts, "Anaplan did not say whether every step succeeded.")
    if counts.get("ignoredCount"):
        return Outcome("ignored", counts, f"Anaplan ignored {counts['ignoredCount']} rows.")
    if sent_lines and counts.get("totalRowCount", sent_lines) != sent_lines:
        reason = f"{sent_lines} rows were sent, but Anaplan counted {counts['totalRowCount']}."
        return Outcome("unknown", counts, reason)
    return Outcome("ok", counts, "Anaplan took every row.")


def read_dump(pieces: Iterable[bytes]) -> Iterator[DumpLine]:
    """Yield the lines of a failure dump; no piece at all is no dump.

    A row may have fewer fields than the header, or more messages than it names. Raises
    IntegrationError anaplan_dump_unreadable: no line of a dump may get lost.
    """
    try:
        rows = chain.from_iterable(read_rows(pieces, _DUMP_FORMAT))
        header = next(rows, None)
        if header is None:
            return
        at_status, at_line = header.index(_STATUS), header.index(_LINE)
        others = {i for i, name in enumerate(header) if not name.startswith(_ERROR)}
        for fields in rows:
            if fields:
                messages = [text for i, text in enumerate(fields) if i not in others and text]
                yield DumpLine(int(fields[at_line]), fields[at_status], tuple(messages))
    except (ValueError, IndexError) as error:
        raise IntegrationError("anaplan_dump_unreadable", str(error), reason=str(error)) from None


def _judge_unsuccessful(result: TaskResult, counts: Mapping[str, int]) -> Outcome:
    """A process may say "failed" although each step succeeded, when rows were only ignored."""
    steps_succeeded = result.nested and all(part.successful is True for part in result.nested)
    if steps_succeeded and not result.details and not _has_refused(result, counts):
        return Outcome("ignored", counts, "Every step succeeded, but the process did not.")
    return Outcome("failed", counts, _words(result) or "Anaplan gave no reason.")


def _has_refused(result: TaskResult, counts: Mapping[str, int]) -> bool:
    return (
        result.failure_dump_available
        or any(part.failure_dump_available for part in result.nested)
        or bool(counts.get("failedCount") or counts.get("warningsRowCount"))
    )


def _refused_words(counts: Mapping[str, int]) -> str:
    failed, warned = counts.get("failedCount"), counts.get("warningsRowCount")
    if failed or warned:
        return f"Anaplan refused {failed or 0} rows and took {warned or 0} with a problem."
    return "Anaplan lists rows that it did not take, or not wholly."


def _counts(result: TaskResult) -> dict[str, int]:
    counts: dict[str, int] = {}
    for part in (result, *result.nested):
        for name, number in part.counts.items():
            counts[name] = counts.get(name, 0) + number
    return counts


def _words(result: TaskResult) -> str:
    details = chain(result.details, *(part.details for part in result.nested))
    return " ".join(detail.text.strip() for detail in details if detail.text.strip())
