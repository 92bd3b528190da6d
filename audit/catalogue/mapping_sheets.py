"""Failures of a mapping that comes as a file of a person."""

from functools import partial

from audit.catalogue.kinds import ErrorCode, Kind

_sheet = partial(
    ErrorCode,
    kind=Kind.CONFIG,
    origin="Mapping",
    data="Nothing was changed.",
    who="You",
    retry="after the fix",
)

ENTRIES: tuple[ErrorCode, ...] = (
    _sheet(
        code="mapping_sheet_unreadable",
        title="The file can't be read as a mapping",
        meaning="The file can't be used: {problem}.",
        fix="Mend it and upload it again, or begin with the template.",
    ),
    _sheet(
        code="mapping_sheet_too_large",
        title="The file is too large",
        meaning="The file has more than {limit}, which is the most that is read.",
        fix="Save its values alone, or cut it into several files.",
    ),
    _sheet(
        code="mapping_upload_wrong",
        title="Lines of the file have errors",
        meaning="{count} errors stand in the file, and a file is taken whole or not at all.",
        fix="Mend the lines that the page lists and upload the file again.",
    ),
    _sheet(
        code="mapping_upload_stale",
        title="The mapping has changed since the file was compared",
        meaning="Somebody has changed the mapping meanwhile; the file now changes {count} keys.",
        fix="Look at what it changes now, and put it in the draft if that is right.",
    ),
    _sheet(
        code="mapping_upload_idle",
        title="The file changes nothing",
        meaning="The mapping, with its draft, has all that {name} says.",
        fix="Go on with the draft, or upload another file.",
    ),
)
