"""Views that talk to other systems: these hold no transaction open while they wait."""

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def opens_own_scope(view: View) -> View:
    """Let a view run outside the organization's transaction; what it calls opens its own."""
    view.opens_own_scope = True  # type: ignore[attr-defined]  # a mark on the function
    return view
