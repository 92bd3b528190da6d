"""What rules of people, roles and organizations forbid."""

from functools import partial

from audit.catalogue.kinds import ErrorCode, Kind

_people = partial(
    ErrorCode,
    kind=Kind.CONFIG,
    origin="ml-connector",
    data="Nothing was changed.",
    who="You",
    retry="never by itself",
)

ENTRIES: tuple[ErrorCode, ...] = (
    _people(
        code="auditor_without_end",
        title="An auditor needs a last day",
        meaning="The role auditor was asked for without a day on which it ends.",
        fix="Name the last day on which the auditor may look.",
    ),
)
