"""The five stages of a run as a page shows them: state, sentence and time."""

from collections.abc import Callable
from dataclasses import dataclass

from integrations.selectors.progress import Progress
from integrations.templatetags.states import TONES
from integrations.views.sentences import plural

COMPARED = ("reconciled", "partial", "unverified")


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: its verb, how it stands in a word, what it does or did, and its seconds.

    `done` and `of` count its steps while it is under way; `of` is 0 where that is not known.
    """

    name: str
    label: str
    word: str
    tone: str
    sentence: str
    seconds: float | None
    is_current: bool
    done: int = 0
    of: int = 0


def stages(progress: Progress) -> list[Stage]:
    """Return the stages in their order."""
    names = [name for name, _ in progress.phases]
    current = names.index(progress.phase)
    found = []
    for place, (name, label) in enumerate(progress.phases):
        word, tone = _standing(progress, name, place - current)
        is_current = place == current and progress.is_active
        done, of = _steps(progress, name) if is_current else (0, 0)
        found.append(
            Stage(
                name=name,
                label=label,
                word=word,
                tone=tone,
                sentence=_sentence(progress, name, word),
                seconds=progress.timings.get(name),
                is_current=is_current,
                done=done,
                of=of,
            )
        )
    return found


def _steps(progress: Progress, name: str) -> tuple[int, int]:
    load = progress.load
    return {
        "extract": (progress.units_read, progress.units),
        "map": (progress.groups_mapped, progress.groups),
        "load": (load.sent_chunks, load.chunks) if load else (0, 0),
        "reconcile": (progress.groups_tied_out, progress.groups),
    }.get(name, (0, 0))


def counted(progress: Progress) -> list[tuple[str, int]]:
    """Return the counts under the stages; source rows by verdict, what is no verdict apart."""
    counts = progress.counts
    rows = counts.get("rows", progress.rows_read)
    verdicts = ("loaded", "unchanged", "held", "rejected", "ignored", "failed")
    said = [("Rows read", rows), *((name.title(), counts.get(name, 0)) for name in verdicts)]
    said.append(("Sent as zero", counts.get("zero_sends", 0)))
    # What only some data sets have is shown where there is some.
    rest = (("Left out", "left_out"), ("No longer in QAD", "vanished"))
    return [*said, *((word, counts[name]) for word, name in rest if counts.get(name))]


def announcement(progress: Progress) -> str:
    """Return what a screen reader is told; it changes with the stage or the state only."""
    label = dict(progress.phases)[progress.phase]
    if progress.is_active:
        return f"{label}: {progress.state}"
    return f"The run has ended: {progress.state}"


def _standing(progress: Progress, name: str, distance: int) -> tuple[str, str]:
    if distance > 0:
        return ("to come", "none") if progress.is_active else ("not reached", "none")
    if distance < 0:
        return ("skipped", "none") if _is_skipped(progress, name) else ("done", "good")
    if progress.is_active:
        return progress.state, TONES[progress.state]
    if progress.state in COMPARED:
        return {
            "reconciled": ("done", "good"),
            "partial": ("done, differs", "bad" if progress.unexplained else "warn"),
            "unverified": ("not read back", "unknown"),
        }[progress.state]
    return f"{progress.state} here", TONES[progress.state]


def _is_skipped(progress: Progress, name: str) -> bool:
    return name in ("load", "collect") and progress.load is None


def _sentence(progress: Progress, name: str, word: str) -> str:
    if word == "to come":
        return _AHEAD[name]
    if word == "not reached":
        return "The run ended before this stage."
    return _SAID[name](progress, word)


_AHEAD = {
    "extract": "Reads every unit from QAD, page by page, and keeps the pages.",
    "map": "Gives each row its Anaplan members and adds up one value per cell.",
    "load": "Sends the cells that differ as one file and starts the import.",
    "collect": "Waits for Anaplan's verdict and fetches its list of refused rows.",
    "reconcile": "Reads Anaplan back and compares every cell.",
}


def _extract(progress: Progress, word: str) -> str:
    rows, units = plural(progress.rows_read, "row"), plural(progress.units, "unit")
    if progress.run.kind == "replay":
        return f"{rows} of {units}, as kept by earlier runs."
    if word == "done":
        pages = progress.counts.get("pages")
        return f"{rows} of {units} read" + (f" in {plural(pages, 'page')}." if pages else ".")
    if not progress.units:
        return "Looks up the import in Anaplan and the calendar in QAD."
    return f"{progress.units_read:,} of {units} read, {rows} so far."


def _map(progress: Progress, _word: str) -> str:
    counts = progress.counts
    if "cells" not in counts:
        if not progress.groups:
            return _AHEAD["map"]
        units = plural(progress.groups, "unit")
        return f"{progress.groups_mapped:,} of {units} mapped and added up."
    held = counts.get("held", 0)
    said = f"{plural(counts['cells'], 'cell')}, {counts.get('cells_changed', 0):,} to send"
    return said + (f"; {plural(held, 'record')} held." if held else ".")


def _load(progress: Progress, word: str) -> str:
    load = progress.load
    if word == "skipped" or load is None:
        return "Nothing had changed, so nothing was sent."
    chunks = plural(load.chunks, "chunk")
    if load.is_uploaded:
        started = " and the import was started" if load.task_id else ""
        return f"{plural(load.lines, 'line')} sent in {chunks}{started}."
    if not load.chunks:
        return f"{plural(load.lines, 'line')} to send; asks for the right to load the model."
    return f"{load.sent_chunks:,} of {chunks} sent, {plural(load.lines, 'line')} in all."


def _collect(progress: Progress, word: str) -> str:
    load, counts = progress.load, progress.counts
    if word == "skipped" or load is None:
        return "There was no import to ask about."
    task = load.task_state.replace("_", " ").lower()
    if load.is_collected:
        parts = [f"{counts.get('loaded', 0):,} rows loaded"]
        bad = ("rejected", "ignored", "failed")
        parts += [f"{counts[name]:,} {name}" for name in bad if counts.get(name)]
        return f"{', '.join(parts)}; the import ended as {task or 'unknown'}."
    if task:
        share = f", {load.progress} done" if load.progress else ""
        return f"Anaplan's import is {task}{share}."
    return "Asks Anaplan how the import is going."


def _reconcile(progress: Progress, word: str) -> str:
    cells = plural(progress.counts.get("cells", 0), "cell")
    if word == "done":
        read = progress.run.plan.get("read_back") or {}
        earlier = f" Read back by run {read['by_run']}." if "by_run" in read else ""
        return f"QAD, file and Anaplan say the same in all {cells}.{earlier}"
    if progress.differences:
        verb = "differs" if progress.differences == 1 else "differ"
        open_ones = f"{progress.unexplained:,} without a listed reason"
        return f"{progress.differences:,} of {cells} {verb}; {open_ones}."
    if word == "done, differs":
        return f"{cells} compared and equal; what was held or refused is listed below."
    if word == "not read back":
        return "The model has no export to read back with, or it could not be read."
    if progress.groups_tied_out and progress.is_active:
        units = plural(progress.groups, "unit")
        return f"{progress.groups_tied_out:,} of {units} compared cell by cell."
    return _AHEAD["reconcile"]


_SAID: dict[str, Callable[[Progress, str], str]] = {
    "extract": _extract,
    "map": _map,
    "load": _load,
    "collect": _collect,
    "reconcile": _reconcile,
}
