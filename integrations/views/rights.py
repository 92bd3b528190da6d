"""Who may press which button, and what the others are told."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied

from accounts.errors import Refused
from accounts.permissions import Right, may
from accounts.requests import OrganizationRequest
from integrations.templatetags.wording import words

DEEDS = {
    Right.RUN: "start or cancel runs",
    Right.REPLAY: "replay records",
    Right.MAP: "change the mapping",
}


def require(request: OrganizationRequest, right: Right) -> None:
    """Refuse members whose role does not hold a right, in a sentence that says so."""
    if not may(request.role, right):
        raise PermissionDenied(
            f"As {request.role} of {request.organization.name} you may look at everything, "
            f"but not {DEEDS[right]}. Nothing was changed."
        )


def tell_refusal(request: OrganizationRequest, refused: Refused) -> None:
    """Show a refusal on the next page: what forbids it and what to do."""
    messages.error(request, f"{refused.message} {words(refused.entry.fix, refused.facts)}")
