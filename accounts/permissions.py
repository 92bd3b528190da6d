"""What each role may do, in one table."""

from enum import StrEnum

from accounts.models import Membership, Role


class Right(StrEnum):
    """One thing that a member may be allowed to do."""

    VIEW = "view"
    READ_TRAIL = "read_trail"
    RUN = "run"
    REPLAY = "replay"
    SIGN_OFF = "sign_off"
    MAP = "map"
    CONNECT = "connect"
    APPROVE_MAPPING = "approve_mapping"
    APPROVE_CLOSED_PERIOD = "approve_closed_period"
    APPROVE_SHRUNKEN_PLAN = "approve_shrunken_plan"
    PUBLISH_PLAN = "publish_plan"
    MANAGE_KEYS = "manage_keys"
    MANAGE_MEMBERS = "manage_members"
    CHANGE_SETTINGS = "change_settings"
    SET_SIGN_IN = "set_sign_in"
    CLOSE_ORGANIZATION = "close_organization"

    @property
    def words(self) -> str:
        """What pages call it."""
        return WORDS[self]


WORDS: dict[Right, str] = {
    Right.VIEW: "look at runs, proofs or the mapping",
    Right.READ_TRAIL: "read or check the audit trail",
    Right.RUN: "start or cancel runs",
    Right.REPLAY: "replay records",
    Right.SIGN_OFF: "sign off what a period ties out to",
    Right.MAP: "change the mapping",
    Right.CONNECT: "change connections or syncs",
    Right.APPROVE_MAPPING: "approve a mapping that someone else changed",
    Right.APPROVE_CLOSED_PERIOD: "approve a load into a closed period",
    Right.APPROVE_SHRUNKEN_PLAN: "approve a plan that has shrunk suspiciously",
    Right.PUBLISH_PLAN: "publish a plan version",
    Right.MANAGE_KEYS: "create or revoke API keys",
    Right.MANAGE_MEMBERS: "invite, change or remove members",
    Right.CHANGE_SETTINGS: "change the organization's settings",
    Right.SET_SIGN_IN: "change through which provider members sign in",
    Right.CLOSE_ORGANIZATION: "close the organization",
}

APPROVALS = frozenset(
    {
        Right.APPROVE_MAPPING,
        Right.APPROVE_CLOSED_PERIOD,
        Right.APPROVE_SHRUNKEN_PLAN,
        Right.PUBLISH_PLAN,
    }
)
GRANTABLE = frozenset({*APPROVALS, Right.SIGN_OFF, Right.MANAGE_KEYS})
"""Rights that a member may be given beyond the role."""

_LOOK = frozenset({Right.VIEW})
_WORK = frozenset({*_LOOK, Right.READ_TRAIL, Right.RUN, Right.REPLAY, Right.MAP})

RIGHTS: dict[str, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.ADMIN: frozenset(Right) - {Right.SET_SIGN_IN, Right.CLOSE_ORGANIZATION},
    Role.OPERATOR: _WORK,
    Role.VIEWER: _LOOK,
    Role.AUDITOR: frozenset({*_LOOK, Right.READ_TRAIL}),
}


def rights_of(membership: Membership) -> frozenset[Right]:
    """Return what a member may do: the role's rights and those given beyond it."""
    extra = frozenset(map(Right, membership.extra_rights)) & GRANTABLE
    return RIGHTS.get(membership.role, frozenset()) | extra
