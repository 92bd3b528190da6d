"""Who acts, and in which request or run: what each event of the trail carries."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Acting:
    """The actor's name as text and the request or run in which the act happens."""

    actor: str = "system"
    request_id: str = ""
    run_id: int | None = None


_NOBODY = Acting()
_acting: ContextVar[Acting] = ContextVar("acting", default=_NOBODY)


def current_acting() -> Acting:
    """Return who acts now; the system itself where nobody was named."""
    return _acting.get()


@contextmanager
def acting(
    actor: str | None = None, *, request_id: str | None = None, run_id: int | None = None
) -> Iterator[None]:
    """Name who acts for the length of a block; what is not given stays as it was."""
    before = _acting.get()
    now = Acting(
        before.actor if actor is None else actor,
        before.request_id if request_id is None else request_id,
        before.run_id if run_id is None else run_id,
    )
    token = _acting.set(now)
    try:
        yield
    finally:
        _acting.reset(token)
