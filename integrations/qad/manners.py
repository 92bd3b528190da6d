"""Manners towards QAD: a few calls at a time, spaced, by all workers of a connection together."""

from collections.abc import Iterator
from contextlib import contextmanager

from integrations.transport.answers import Answer, OpenAnswer
from integrations.transport.errors import IntegrationError
from integrations.transport.manners import Heed, left
from integrations.transport.retry import suggest_later
from integrations.transport.turns import Turns

PATIENCE_SECONDS = 15.0
BUSY_SECONDS = 1.0


class QadManners:
    """Every try of every call takes a turn of its own, sign-ins too."""

    def __init__(self, turns: Turns, *, patience: float = PATIENCE_SECONDS) -> None:
        self._turns = turns
        self._patience = patience

    @contextmanager
    def turn(self, until: float | None = None) -> Iterator[Heed]:
        """Wait for a turn and hold it until the answer is read.

        Raises `qad_turn_late` when none comes in time, or before `until`: then nothing was sent.
        """
        patience = left(self._patience, until)
        ticket = self._turns.take(patience)
        if ticket is None:
            raise IntegrationError(
                "qad_turn_late",
                retry_after=suggest_later(0, None),
                calls=self._turns.at_once,
                seconds=round(patience),
            )
        try:
            yield self._heed
        finally:
            self._turns.give_back(ticket)

    def _heed(self, answer: Answer | OpenAnswer) -> None:
        """When QAD asks for time, nobody calls before it is over."""
        if answer.status in {429, 503}:
            wish = answer.retry_after
            if wish is None and answer.status == 429:
                wish = BUSY_SECONDS
            if wish:
                self._turns.pause(wish)
