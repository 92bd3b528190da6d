"""When a call may go: asked before each try, and told how it was answered."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from integrations.transport.answers import Answer, OpenAnswer

Heed = Callable[[Answer | OpenAnswer], None]


class Manners(Protocol):
    """How one system wants to be called. Safe for threads."""

    def turn(self) -> AbstractContextManager[Heed]:
        """Wait until a call may go; it is under way until the end of the block.

        What the block gets is told the answer, so that a wish of the server is heeded by all.
        Raises a transient error of the system when the wait is too long for a call: then
        nothing was sent.
        """


class NoManners:
    """Every call may go at once."""

    def turn(self) -> AbstractContextManager[Heed]:
        """Never waits."""
        return nullcontext(_ignore)


def _ignore(_answer: Answer | OpenAnswer) -> None:
    """Nothing follows from an answer."""
