"""A ping in sentences: its headline, what is announced, and the text for somebody's admin."""

from dataclasses import dataclass

from django.utils import timezone

from integrations.models import PingState
from integrations.selectors.pings import PingSeen, StepState

WORDS = {
    StepState.WAITING: "waits",
    StepState.RUNNING: "runs",
    StepState.OK: "ok",
    StepState.WARN: "look after this",
    StepState.FAILED: "failed",
    StepState.SKIPPED: "skipped",
}
"""The word of each state of a step."""


@dataclass(frozen=True, slots=True)
class Headline:
    """What a ping comes to, in a tone and a sentence."""

    tone: str
    text: str


def headline(ping: PingSeen) -> Headline:
    """Say what a ping comes to, or where it is."""
    if ping.is_running:
        return _under_way(ping)
    if ping.state == PingState.CANCELLED:
        return Headline("none", "The ping was cancelled.")
    step = ping.failed_step
    if ping.problem is not None:
        where = f"{step.label}: " if step else ""
        return Headline("bad", f"{where}{ping.problem.title}.")
    if ping.warnings:
        return Headline("warn", f"It works. {_to_look_after(len(ping.warnings))}")
    return Headline("good", "All is well.")


def announcement(ping: PingSeen | None) -> str:
    """Say what listeners are told: the step that runs, then what it came to."""
    return headline(ping).text if ping else ""


def letter(ping: PingSeen) -> str:
    """Write what somebody needs who is to mend the failure, without a secret."""
    problem, step = ping.problem, ping.failed_step
    if problem is None:
        return ""
    asked = timezone.localtime(ping.asked_at)
    where = f'at the step "{step.label}"' if step else "before its end"
    lines = [
        f"ml-connector could not work with {ping.system} ({ping.address}).",
        f"Ping {ping.id} of {asked:%Y-%m-%d %H:%M:%S %Z} failed {where}: {problem.title}.",
        "",
        f"What happened: {problem.happened}",
        f"What it means: {problem.means}",
        f"What to do: {problem.to_do}",
        f"Who can do it: {problem.who}",
        f"Error code: {problem.code}",
    ]
    if problem.detail:
        lines.append(f"Raw answer: {problem.detail}")
    lines += ["", "All steps:"]
    lines += [
        f"- {seen.label}: {WORDS[seen.state]}{f'. {seen.found}' if seen.found else ''}"
        for seen in ping.steps
    ]
    return "\n".join(lines)


def _under_way(ping: PingSeen) -> Headline:
    if ping.cancel_requested:
        return Headline("busy", "Stops before the next step.")
    if ping.started_at is None:
        return Headline("wait", "Waits for a worker to take it.")
    done = sum(step.state not in (StepState.WAITING, StepState.RUNNING) for step in ping.steps)
    current = next((step for step in ping.steps if step.state == StepState.RUNNING), None)
    if current is None:
        return Headline("busy", "All steps are done.")
    return Headline("busy", f"Step {done + 1} of {len(ping.steps)}: {current.label}.")


def _to_look_after(count: int) -> str:
    return "One thing to look after." if count == 1 else f"{count} things to look after."
