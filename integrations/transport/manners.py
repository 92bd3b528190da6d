"""When a call may go: asked before each try, and told how it was answered."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from integrations.transport.answers import Answer, OpenAnswer

Heed = Callable[[Answer | OpenAnswer], None]


class Manners(Protocol):
    """How one system wants to be called. Safe for threads."""

    def turn(self, until: float | None = None) -> AbstractContextManager[Heed]:
        """Wait until a call may go; it is under way until the end of the block.

        What the block gets is told the answer, so that a wish of the server is heeded by all.
        Raises a transient error of the system when the wait is too long for a call, or would
        pass the moment `until` of `time.monotonic()`: then nothing was sent.
        """


def left(patience: float, until: float | None) -> float:
    """How many seconds a call may wait: its patience, or less where the end is nearer."""
    if until is None:
        return patience
    return max(0.0, min(patience, until - time.monotonic()))


class NoManners:
    """Every call may go at once."""

    def turn(self, until: float | None = None) -> AbstractContextManager[Heed]:  # noqa: ARG002
        """Never waits."""
        return nullcontext(_ignore)


def _ignore(_answer: Answer | OpenAnswer) -> None:
    """Nothing follows from an answer."""
