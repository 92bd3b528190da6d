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
    _product(
        code="disk_full",
        kind=Kind.TRANSIENT,
        title="No room on the worker's disk",
        meaning="The worker found no room for the rows that it sorts.",
        data="Nothing was sent after that. What it had written there is gone again.",
        fix="Make room where SPOOL_FOLDER lies, or lead it to a larger disk.",
        who="Whoever runs ml-connector",
        retry="by itself, a few times",
    ),
    ErrorCode(
        code="mapping_file_invalid",
        kind=Kind.CONFIG,
        origin="Mapping",
        title="The mapping file can't be read",
        meaning="Line {line} of the mapping file is wrong: {problem}.",
        data="Nothing was changed.",
        fix="Mend the line and load the file again.",
        who="You",
        retry="never by itself",
    ),
    ErrorCode(
        code="demo_model_unusable",
        kind=Kind.CONFIG,
        origin="Anaplan",
        title="No model for the demo",
        meaning="No model in {model} has the import that the mapping file names.",
        data="Nothing was sent.",
        fix="Name the import in the mapping file by a row action,import,<name>.",
        who="You",
        retry="after the fix",
    ),
    ErrorCode(
        code="secret_unreadable",
        kind=Kind.CONFIG,
        origin="ml-connector",
        title="A stored secret does not open",
        meaning="The secret of a connection can't be opened with this service's keys.",
        data="Nothing was sent.",
        fix="Enter the secret of the connection again; if that does not help, restore the keys.",
        who="You or the operator",
        retry="after the fix",
    ),
    ErrorCode(
        code="secret_needed",
        kind=Kind.CONFIG,
        origin="ml-connector",
        title="The secret is needed again",
        meaning="The connection {name} has no stored secret for this address.",
        data="Nothing was changed. A stored secret is sent only to the hosts it was given for.",
        fix="Enter the secret again together with the new address.",
        who="You",
        retry="after the fix",
    ),
)
