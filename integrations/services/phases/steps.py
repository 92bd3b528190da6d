"""What a phase answers after each step of work."""

from dataclasses import dataclass

from integrations.models import Phase, RunState
from integrations.transport.errors import IntegrationError

FIRST_POLL = 0.25
SLOWEST_POLL = 10.0
POLL_GROWTH = 1.5


@dataclass(frozen=True, slots=True)
class Again:
    """The same phase goes on at once."""


@dataclass(frozen=True, slots=True)
class Next:
    """This phase is done; that one is next."""

    phase: Phase


@dataclass(frozen=True, slots=True)
class Wait:
    """The run is due again in `seconds`; `error` says what it waits for, if that is a trouble."""

    seconds: float
    error: IntegrationError | None = None


@dataclass(frozen=True, slots=True)
class End:
    """The run has ended in `state`."""

    state: RunState
    error: IntegrationError | None = None


def poll_again(polls: int) -> Wait:
    """Wait before a task is asked for again: soon at first, then half as long as it took so far.

    A minute costs fifteen requests, and an end is seen at most a third late.
    """
    return Wait(min(SLOWEST_POLL, FIRST_POLL * POLL_GROWTH ** min(polls, 20)))


Step = Again | Next | Wait | End
