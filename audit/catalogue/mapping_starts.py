"""Failures of the period from which a draft of the mapping counts."""

from audit.catalogue.kinds import ErrorCode, Kind

ENTRIES: tuple[ErrorCode, ...] = (
    ErrorCode(
        code="mapping_change_ended",
        kind=Kind.CONFIG,
        origin="Mapping",
        title="A change ends before that period",
        meaning="What {count} of the draft's changes want ends before {period}: {keys}.",
        data="The draft is as it was.",
        fix="Let the draft count from an earlier period, or take these changes out of it first.",
        who="You",
        retry="after the fix",
    ),
)
