"""What an entry of the catalogue of errors says, and to whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Who must act: the customer, time, the data's owner, or the makers of ml-connector."""

    CONFIG = "config"
    TRANSIENT = "transient"
    REJECTED = "rejected"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One kind of failure in words for people.

    `meaning` says what happened and may hold `{facts}`; `data` says what it means for the
    data; `fix` says what to do; `who` can do it; `retry` says whether and when it is tried again.
    All texts of one entry together stay under 60 words, the title apart.
    """

    code: str
    kind: Kind
    origin: str
    title: str
    meaning: str
    data: str
    fix: str
    who: str
    retry: str


class _Facts(dict[str, str]):
    """Facts by name; one that was not kept becomes an ellipsis."""

    def __missing__(self, key: str) -> str:
        return "…"


def fill(text: str, facts: Mapping[str, object]) -> str:
    """Return a text of the catalogue with its facts; a missing fact never stops a sentence."""
    return text.format_map(_Facts({name: str(value) for name, value in facts.items()}))
