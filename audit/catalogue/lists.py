"""What keeps the lists of QAD and Anaplan from being read, chosen or added to."""

from functools import partial

from audit.catalogue.kinds import ErrorCode, Kind

_list = partial(
    ErrorCode,
    kind=Kind.CONFIG,
    origin="Mapping",
    data="Nothing was changed.",
    who="somebody who may change the mapping",
    retry="after the fix",
)

ENTRIES: tuple[ErrorCode, ...] = (
    ErrorCode(
        code="code_list_empty",
        kind=Kind.CONFIG,
        origin="QAD",
        title="A list that had codes came back empty",
        meaning="QAD answered the list of {dimension} codes with no rows. It does so for much "
        "that is wrong, too.",
        data="The codes stay as they were last read.",
        fix="Look at the document's path and workspace in the instance profile, then look again.",
        who="an admin of the connection",
        retry="with the next run and every night",
    ),
    _list(
        code="member_list_unknown",
        title="No sync loads that model",
        meaning="The list {name} is of a model that no sync loads into.",
        fix="Choose a list of a model that a sync loads.",
    ),
    _list(
        code="list_sync_missing",
        title="No sync loads this list",
        meaning="Codes are added to the list of {dimension} members by a sync of that list, and "
        "there is none.",
        data="Nothing was sent.",
        fix="Add a sync of the list, with the list import of the model.",
        who="an owner or admin",
    ),
)
