"""What the page of a run says where the run brings a plan back or sends one to QAD."""

from integrations.selectors.progress import Progress
from integrations.templatetags.states import TONES
from integrations.views.sentences import Headline, headline, is_are, plural
from integrations.views.stages import Stage

_PULL = {
    "extract": "Starts the export in Anaplan and keeps its chunks as they come.",
    "map": "Turns each member into QAD's own code, or holds the row.",
    "load": "Stores the values as a new version that nothing changes any more.",
    "reconcile": "Compares the export's sums with what is stored and held.",
}
_PUSH = {
    "load": "Sends the rows to QAD as plan references, 200 at a time.",
    "reconcile": "Reads the rows back from QAD and compares each of them.",
}


def plan_headline(progress: Progress) -> Headline:
    """Say where the run stands; the words of an end are computed from what was found."""
    rows = progress.counts.get("rows", 0)
    if progress.state == "reconciled":
        if is_push(progress):
            text = f"QAD holds {plural(rows, 'row')} of the plan to the cent."
            return Headline("good", text, ("They are references, not postings.",))
        text = f"The plan is stored: {plural(rows, 'value')} add up to the export to the cent."
        return Headline("good", text, ("It answers once somebody has published it.",))
    if progress.state == "running" and not progress.is_cancelling:
        return Headline("busy", _words(progress)[progress.phase])
    if progress.state == "cancelled":
        sent = progress.counts.get("loaded", 0) if is_push(progress) else 0
        text = "Cancelled after some rows were sent." if sent else "Cancelled."
        return Headline("none", text, ("The published plan is as it was.",))
    return headline(progress)


def plan_stages(progress: Progress) -> list[Stage]:
    """Return the stages that this run has, in their order."""
    words, phases = _words(progress), [name for name, _ in progress.phases]
    current, labels = phases.index(progress.phase), dict(progress.phases)
    found = []
    for name in words:
        distance = phases.index(name) - current
        word, tone = _standing(progress, distance)
        found.append(
            Stage(
                name=name,
                label=labels[name],
                word=word,
                tone=tone,
                sentence=_sentence(progress, name) if distance <= 0 else words[name],
                seconds=progress.timings.get(name),
                is_current=distance == 0 and progress.is_active,
            )
        )
    return found


def plan_counts(progress: Progress) -> list[tuple[str, int]]:
    """Return the counts under the stages."""
    verdicts = ("loaded", "held", "rejected")
    said = [("Rows", progress.counts.get("rows", 0))]
    return [*said, *((name.title(), progress.counts.get(name, 0)) for name in verdicts)]


def is_push(progress: Progress) -> bool:
    """Whether the run sends a plan to QAD."""
    return str(progress.run.kind) == "publish"


def _words(progress: Progress) -> dict[str, str]:
    return _PUSH if is_push(progress) else _PULL


def _standing(progress: Progress, distance: int) -> tuple[str, str]:
    if distance > 0:
        return ("to come", "none") if progress.is_active else ("not reached", "none")
    if distance < 0 or progress.state == "reconciled":
        return "done", "good"
    word = progress.state if progress.is_active else f"{progress.state} here"
    return word, TONES[progress.state]


def _sentence(progress: Progress, name: str) -> str:
    plan, counts = progress.run.plan, progress.counts
    if name == "extract" and "chunks" in plan:
        return f"{plural(len(plan['chunks']), 'chunk')} of the export."
    if name == "map" and "export_rows" in counts:
        held = counts.get("held", 0)
        kept = f"; {plural(held, 'row')} {is_are(held)} held" if held else ""
        return f"{plural(counts['export_rows'], 'row')} read{kept}."
    if name == "load" and is_push(progress) and "rows" in counts:
        return f"{plan.get('cursor', 0):,} of {plural(counts['rows'], 'row')} sent."
    if name == "reconcile" and progress.differences:
        return f"{plural(progress.differences, 'row')} in QAD differ."
    return _words(progress)[name]
