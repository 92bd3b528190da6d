"""The one catalogue of error codes: pages, API, commands and docs all read it."""

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


_ENTRIES = (
    ErrorCode(
        code="internal",
        kind=Kind.INTERNAL,
        origin="ml-connector",
        title="Unexpected failure",
        meaning="ml-connector met a case it does not know.",
        data="The step was stopped. Nothing is marked as loaded that was not proved.",
        fix="Send the reference id to support.",
        who="ml-connector support",
        retry="never by itself",
    ),
)

CATALOGUE: dict[str, ErrorCode] = {entry.code: entry for entry in _ENTRIES}
