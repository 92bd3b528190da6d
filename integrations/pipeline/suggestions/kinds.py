"""What suggestions are made from and what they are."""

from typing import NamedTuple


class Code(NamedTuple):
    """A code of QAD; `parent` is its account group or parent center, blank where unknown."""

    code: str
    name: str = ""
    parent: str = ""


class Member(NamedTuple):
    """A list member of Anaplan; `text` is what the import's file carries: its code or name."""

    text: str
    code: str = ""
    name: str = ""
    parent: str = ""


class Suggestion(NamedTuple):
    """The one member that fits a code best, with its name; `score` goes from 0 to 100."""

    code: str
    member: str
    score: int
    reason: str
    name: str = ""
