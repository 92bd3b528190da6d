"""The sentence at the top of a run page: what is true of the money, and nothing else."""

from dataclasses import dataclass

from audit.catalogue import CATALOGUE, fill
from integrations.selectors.figures import rank
from integrations.selectors.progress import Missing, Progress
from integrations.templatetags.amounts import QUANTITY, format_measure
from integrations.templatetags.states import TONES

_UNDER_WAY = {
    "extract": "Reading the books from QAD.",
    "map": "Mapping the rows and adding them up.",
    "load": "Sending to Anaplan what has changed.",
    "collect": "Anaplan works on the import.",
    "reconcile": "Reading Anaplan back and comparing every cell.",
}


@dataclass(frozen=True, slots=True)
class Headline:
    """One sentence that says the truth, more of them with what follows, and what to do."""

    tone: str
    text: str
    more: tuple[str, ...] = ()
    fix: str = ""
    who: str = ""


def plural(number: int, noun: str, many: str = "") -> str:
    """Return a count with its noun: "1 record", "3 records"."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


def is_are(number: int) -> str:
    """Return the verb that agrees with a count."""
    return "is" if number == 1 else "are"


def headline(progress: Progress) -> Headline:
    """Say where a run stands; the words of an end are computed from what was found."""
    speak = {
        "reconciled": _reconciled,
        "partial": _partial,
        "cancelled": _cancelled,
        "waiting": _waiting,
        "running": _running,
    }.get(progress.state, _plain)
    return speak(progress)


def _reconciled(progress: Progress) -> Headline:
    units = progress.units
    text = f"All {units:,} units tie out to the cent." if units != 1 else "It ties out to the cent."
    if progress.is_list:
        text = "Every member that QAD has is in Anaplan's list."
    if progress.load is None:
        return Headline("good", text, ("Nothing had changed, so nothing was sent.",))
    sent = plural(progress.load.lines, "line")
    zeros = progress.counts.get("zero_sends", 0)
    more = f"{sent} {'was' if progress.load.lines == 1 else 'were'} sent and read back."
    if zeros:
        more += f" {plural(zeros, 'cell')} that QAD no longer has {is_are(zeros)} now 0."
    vanished = progress.counts.get("vanished", 0)
    if vanished:
        gone = plural(vanished, "member")
        more += f" {gone} that QAD no longer has {'stays' if vanished == 1 else 'stay'} there."
    return Headline("good", text, (more,))


def _partial(progress: Progress) -> Headline:
    said = [sentence for missing in progress.missing for sentence in _missing(missing)]
    if progress.unexplained:
        cells = plural(progress.unexplained, "cell")
        verb = "differs" if progress.unexplained == 1 else "differ"
        said.insert(0, f"{cells} {verb} in Anaplan, and no listed record explains it.")
    if not said:
        said.append(progress.error_message or "Not everything has arrived.")
    tone = "bad" if progress.unexplained else "warn"
    return Headline(tone, said[0], tuple(said[1:]))


def _missing(missing: Missing) -> list[str]:
    records, verb = plural(missing.records, "record"), is_are(missing.records)
    sums = amounts_said(missing)
    have = "has" if missing.records == 1 else "have"
    if len(sums) in (1, 2):
        said = [f"{records} {verb} {missing.verdict}: {' and '.join(sums)} {have} not arrived."]
    else:
        said = [f"{records} {verb} {missing.verdict} and {have} not arrived."]
        if sums:
            said.append(f"What is missing: {', '.join(sums)}.")
    settled = missing.records - missing.still_open
    if settled:
        some = "All of them" if not missing.still_open else f"{settled:,} of them"
        said.append(f"{some} {is_are(settled)} settled by later runs.")
    return said


def amounts_said(missing: Missing) -> list[str]:
    """Say sums per currency, debit and credit apart; a net only where nothing else is known."""
    has_sides = any(measure in ("debit", "credit") for _, measure in missing.amounts)
    said = []
    for (currency, measure), value in sorted(missing.amounts.items(), key=_place):
        if (measure == "net" and has_sides) or measure == "members":
            continue
        unit = "units of quantity" if measure == QUANTITY else f"{currency} {measure}".strip()
        said.append(f"{format_measure(value, measure)} {unit}")
    return said


def _place(item: tuple[tuple[str, str], object]) -> tuple[bool, str, int]:
    currency, measure = item[0]
    return measure == QUANTITY, currency, rank(measure)


def _cancelled(progress: Progress) -> Headline:
    load = progress.load
    if load is None or not (load.is_uploaded or load.task_id):
        return Headline("none", "Cancelled before anything was sent to Anaplan.")
    if not load.task_id:
        return Headline(
            "none",
            "Cancelled after the file was uploaded and before its import was started.",
            ("The cells of the model are as they were.",),
        )
    return Headline(
        "none",
        "Cancelled after Anaplan had begun the import.",
        (f"The import task ended as {load.task_state or 'unknown'}; the next run reads it back.",),
    )


def _waiting(progress: Progress) -> Headline:
    entry = CATALOGUE.get(progress.error_code)
    if not progress.error_message:
        return _running(progress)
    fix = fill(entry.fix, {}) if entry else ""
    return Headline("wait", f"Waiting: {progress.error_message}", fix=fix)


def _running(progress: Progress) -> Headline:
    if progress.is_cancelling:
        return Headline("busy", "Stopping: the run ends before its next step.")
    return Headline("busy", _UNDER_WAY[progress.phase])


def _plain(progress: Progress) -> Headline:
    tone = TONES[progress.state]
    entry = CATALOGUE.get(progress.error_code)
    if progress.state == "queued":
        return Headline(tone, "Queued: a worker takes the run in a moment.")
    first = {
        "failed": entry.title if entry else "The run has failed",
        "unknown": "It is not known what Anaplan has done with the file",
        "unverified": "Loaded, but not read back: nothing is proved",
        "deferred": "Given up for now, because the wait was too long",
    }[progress.state]
    more = [progress.error_message] if progress.error_message else []
    if entry:
        more.append(fill(entry.data, {}))
    return Headline(
        tone,
        f"{first.rstrip('.')}.",
        tuple(more),
        fix=fill(entry.fix, {}) if entry else "",
        who=entry.who if entry else "",
    )
