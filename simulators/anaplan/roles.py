"""What only some users may do: by their roles, and by the actions that they were granted."""

from collections.abc import Mapping
from typing import Protocol, TypeVar

from simulators.anaplan.answers import ApiError, Call
from simulators.anaplan.modelfile import Role, UserPart


class _Named(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


Action = TypeVar("Action", bound=_Named)


def has(user: UserPart, role: Role) -> bool:
    """Whether a user was given a role."""
    return role in user.roles


def check_workspace_admin(call: Call) -> None:
    """Refuse those who do not administrate the workspace; a status of 0 lets them."""
    status = call.world.settings.not_admin_status
    if status and not has(call.user, "workspaceAdmin"):
        raise ApiError(status, "Workspace administrators only")


def granted(call: Call, actions: Mapping[str, Action]) -> dict[str, Action]:
    """Those of some imports, exports, processes or actions that the user may see and run."""
    names = call.user.granted
    if names is None or has(call.user, "workspaceAdmin"):
        return dict(actions)
    return {key: part for key, part in actions.items() if part.id in names or part.name in names}


def defined(call: Call, actions: Mapping[str, Action]) -> dict[str, Action]:
    """Those of some actions whose definition the user may read: by a switch, all."""
    return dict(actions) if call.world.settings.not_granted_is_defined else granted(call, actions)


def check_granted(call: Call, object_id: str, name: str) -> None:
    """Refuse to run what the user was not granted; a status of 0 lets it run."""
    status, names = call.world.settings.not_granted_status, call.user.granted
    if not status or names is None or has(call.user, "workspaceAdmin"):
        return
    if object_id not in names and name not in names:
        raise ApiError(status, "The action is not granted to your role")
