"""What each role may do, in one table."""

from enum import StrEnum

from accounts.models import Role


class Right(StrEnum):
    """One thing that a member may be allowed to do."""

    VIEW = "view"
    RUN = "run"
    REPLAY = "replay"
    MAP = "map"
    CONNECT = "connect"
    MANAGE_MEMBERS = "manage_members"


_EVERYTHING = frozenset(Right)

RIGHTS: dict[str, frozenset[Right]] = {
    Role.OWNER: _EVERYTHING,
    Role.ADMIN: _EVERYTHING,
    Role.OPERATOR: frozenset({Right.VIEW, Right.RUN, Right.REPLAY, Right.MAP}),
    Role.VIEWER: frozenset({Right.VIEW}),
    Role.AUDITOR: frozenset({Right.VIEW}),
}


def may(role: str, right: Right) -> bool:
    """Tell whether a role holds a right; an unknown role holds none."""
    return right in RIGHTS.get(role, frozenset())
