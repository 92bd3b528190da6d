"""The steps of a ping: what each finds, what keeps it from being tried, and how it is kept."""

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from integrations.encryption import SealBroken
from integrations.models.pings import LONGEST
from integrations.selectors.pings import LABELS, StepState
from integrations.transport.errors import IntegrationError

logger = logging.getLogger(__name__)

Line = dict[str, Any]
"""A step as the row of a ping keeps it."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a step that was tried has found, in a sentence.

    `warning` is what to look after, `failure` what is wrong where there is a sentence as well.
    """

    sentence: str
    warning: IntegrationError | None = None
    is_skipped: bool = False
    failure: IntegrationError | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step; it is not tried where the step that it `needs` has failed."""

    name: str
    work: Callable[[], Found]
    needs: str = ""


@dataclass
class Walk:
    """Takes steps one after the other until a moment of `time.monotonic()`."""

    until: float
    broken: dict[str, str] = field(default_factory=dict)
    """The steps that failed or were not tried, each with the step that failed first."""

    def take(self, step: Step) -> Line:
        """Take a step and return what is kept of it; a failure is never raised."""
        root = self.broken.get(step.needs)
        if root:
            self.broken[step.name] = root
            return skipped(step.name, f"Not tried, since “{LABELS[root]}” failed.")
        began = time.monotonic()
        outcome = self._outcome(step, is_late=began >= self.until)
        seconds = time.monotonic() - began
        if isinstance(outcome, IntegrationError):
            outcome = Found("", failure=outcome)
        if outcome.failure:
            self.broken[step.name] = step.name
            return _line(step.name, StepState.FAILED, seconds, outcome.sentence, outcome.failure)
        if outcome.is_skipped:
            return skipped(step.name, outcome.sentence)
        state = StepState.WARN if outcome.warning else StepState.OK
        return _line(step.name, state, seconds, outcome.sentence, outcome.warning)

    def _outcome(self, step: Step, *, is_late: bool) -> Found | IntegrationError:
        if is_late:
            return IntegrationError("ping_out_of_time", seconds=round(LONGEST.total_seconds()))
        try:
            return step.work()
        except IntegrationError as error:
            return error
        except SealBroken:
            return IntegrationError("secret_unreadable")
        except Exception:
            reference = uuid.uuid4().hex[:12]
            logger.exception("step %s of a ping met a bug, reference %s", step.name, reference)
            return IntegrationError("internal", reference=reference)


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with the word for what is counted."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def skipped(name: str, sentence: str) -> Line:
    """Return what is kept of a step that was not tried."""
    return _line(name, StepState.SKIPPED, None, sentence, None)


def _line(
    name: str, state: StepState, seconds: float | None, found: str, error: IntegrationError | None
) -> Line:
    # What a refused name leads to is nobody's business outside.
    is_telling = error is not None and error.code != "address_refused"
    return {
        "name": name,
        "state": str(state),
        "seconds": None if seconds is None else round(seconds, 3),
        "code": error.code if error else "",
        "facts": dict(error.facts) if error else {},
        "detail": error.detail if error and is_telling else "",
        "found": found,
    }
