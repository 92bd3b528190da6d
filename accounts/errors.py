"""What a person is told when a rule forbids what they asked for."""

from collections.abc import Sequence

from audit.catalogue import CATALOGUE, fill


class Refused(Exception):
    """A rule said no: an answer, not a failure. The code is one of the catalogue."""

    def __init__(self, code: str, **facts: str | int) -> None:
        """Take a code of the catalogue and the facts of its sentence."""
        self.code = code
        self.entry = CATALOGUE[code]
        self.facts = facts
        self.message = fill(self.entry.meaning, facts)
        # Of many things that were asked for at once: the place of each that is refused, and why.
        self.fields: Sequence[tuple[str, str]] = ()
        super().__init__(self.message)

    @property
    def fix(self) -> str:
        """What to do, in a sentence for people."""
        return fill(self.entry.fix, self.facts)
