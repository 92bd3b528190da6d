"""Who may press which button, and what the others are told."""

from django.core.exceptions import PermissionDenied

from accounts.permissions import Right
from accounts.requests import OrganizationRequest


def require(request: OrganizationRequest, right: Right) -> None:
    """Refuse members who do not hold a right, in a sentence that says so."""
    if right not in request.rights:
        raise PermissionDenied(
            f"As {request.role} of {request.organization.name} you may not {right.words}. "
            "Nothing was changed."
        )
