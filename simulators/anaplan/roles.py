"""What only some users may do: admins of workspaces, admins of the customer, auditors."""

from simulators.anaplan.answers import ApiError, Call
from simulators.anaplan.modelfile import Role, UserPart


def has(user: UserPart, role: Role) -> bool:
    """Whether a user was given a role."""
    return role in user.roles


def check_workspace_admin(call: Call) -> None:
    """Refuse those who do not administrate the workspace; a status of 0 lets them."""
    status = call.world.settings.not_admin_status
    if status and not has(call.user, "workspaceAdmin"):
        raise ApiError(status, "Workspace administrators only")
