"""What a person is told when a rule forbids what they asked for."""

from audit.catalogue import CATALOGUE, fill


class Refused(Exception):
    """A rule said no: an answer, not a failure. The code is one of the catalogue."""

    def __init__(self, code: str, **facts: str | int) -> None:
        """Take a code of the catalogue and the facts of its sentence."""
        self.code = code
        self.entry = CATALOGUE[code]
        self.facts = facts
        self.message = fill(self.entry.meaning, facts)
        super().__init__(self.message)

    @property
    def fix(self) -> str:
        """What to do, in a sentence for people."""
        return fill(self.entry.fix, self.facts)
