"""What keeps a connection from being saved or removed."""

from functools import partial

from audit.catalogue.kinds import ErrorCode, Kind

_connection = partial(
    ErrorCode,
    kind=Kind.CONFIG,
    origin="ml-connector",
    data="Nothing was changed.",
    who="an owner or admin",
    retry="never by itself",
)

ENTRIES: tuple[ErrorCode, ...] = (
    _connection(
        code="connection_unknown",
        title="No such connection",
        meaning="There is no connection {number} here.",
        fix="Look at the list of connections: somebody may have removed it.",
    ),
    _connection(
        code="connection_name_taken",
        title="The name is taken",
        meaning="Another connection to the same system is called {name}.",
        fix="Choose another name.",
    ),
    _connection(
        code="too_many_looks",
        title="Enough looks for now",
        meaning="This organization has looked at addresses and for client ids very often.",
        data="Nothing was asked of the address.",
        fix="Try again in {seconds} seconds, or save the connection and ping it.",
        retry="after that time",
    ),
    _connection(
        code="connection_in_use",
        title="Syncs use the connection",
        meaning="{name} is used by {syncs}.",
        fix="Point these syncs at another connection first.",
    ),
)
