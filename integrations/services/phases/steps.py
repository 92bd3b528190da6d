"""What a phase answers after each step of work."""

from dataclasses import dataclass

from integrations.models import Phase, RunState
from integrations.transport.errors import IntegrationError


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


Step = Again | Next | Wait | End
