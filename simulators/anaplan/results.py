"""The result of a process from those of its steps, and the leaner forms that were seen."""

from collections.abc import Iterator
from typing import Any

from simulators.anaplan.modelfile import ProcessPart
from simulators.anaplan.settings import Settings
from simulators.anaplan.tasks import detail, outcome

Result = dict[str, Any]


def gather(part: ProcessPart, nested: list[Result], settings: Settings) -> Result:
    """The outer result of a process: which steps failed, and whether one of them has a dump."""
    has_dump = any(result["failureDumpAvailable"] for result in nested)
    failed = [result for result in nested if not result["successful"]]
    details = [detail(f"{found['objectName']} failed.", "actionFailed") for found in failed]
    is_good = not failed
    if settings.process_fails_on_ignored and any(_has_ignored(result) for result in nested):
        is_good = False
    if settings.process_is_silent:
        details = []
    whole = outcome(part.id, part.name, details, successful=is_good, dump=has_dump)
    if settings.nested_is_bare:
        nested = [_bare(result) for result in nested]
    else:
        nested = [result | {"details": result.get("details", [])} for result in nested]
    return whole | {"nestedResults": nested}


def _has_ignored(result: Result) -> bool:
    values = [value for found in result.get("details", []) for value in found["values"]]
    return int(dict(zip(values[::2], values[1::2], strict=True)).get("ignoredCount", 0)) > 0


def _bare(result: Result) -> Result:
    return {name: value for name, value in result.items() if name not in ("objectName", "details")}


def empty_values(result: Result) -> None:
    """Take the counts out of the details, so that only the words are left."""
    for entry in _entries(result):
        entry["values"] = []


def change_words(result: Result, text: str) -> None:
    """Put other words into the details, so that only types and counts are left."""
    for entry in _entries(result):
        entry["localMessageText"] = text


def _entries(result: Result) -> Iterator[dict[str, Any]]:
    for found in (result, *result.get("nestedResults", [])):
        yield from found.get("details", [])
