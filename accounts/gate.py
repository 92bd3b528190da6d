"""Who may press which button, and what the others are told."""

from collections.abc import Callable
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from accounts.permissions import Right
from accounts.requests import OrganizationRequest

View = TypeVar("View", bound=Callable[..., HttpResponse])


class RightMissing(PermissionDenied):
    """A member asked for what needs a right that they do not hold."""

    def __init__(self, right: Right, sentence: str) -> None:
        """Take the right, for the trail, and the sentence for the member."""
        super().__init__(sentence)
        self.right = right


def require(request: OrganizationRequest, right: Right) -> None:
    """Refuse members who do not hold a right, in a sentence that says so."""
    if right not in request.rights:
        raise RightMissing(
            right,
            f"As {request.role} of {request.organization.name} you may not {right.words}. "
            "Nothing was changed.",
        )


def asks_outside(view: View) -> View:
    """Mark a view that waits for QAD or Anaplan: it runs outside any transaction.

    It opens a scope of its own for whatever it reads, and renders inside it.
    """
    vars(view)["asks_outside"] = True
    return view
