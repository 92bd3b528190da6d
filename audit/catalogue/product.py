"""Failures that begin in ml-connector itself: its rules, its mapping, its runs."""

from functools import partial

from audit.catalogue.kinds import ErrorCode, Kind

_product = partial(ErrorCode, origin="ml-connector")

ENTRIES: tuple[ErrorCode, ...] = (
    _product(
        code="internal",
        kind=Kind.INTERNAL,
        title="Unexpected failure",
        meaning="ml-connector met a case it does not know (reference {reference}).",
        data="The step was stopped. Nothing is marked as loaded that was not proved.",
        fix="Send the reference id to support.",
        who="ml-connector support",
        retry="never by itself",
    ),
)
