"""The scope of one organization: a transaction in which only its rows exist."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

SETTING = "ml.organization"


class NoTenant(Exception):
    """Code that needs an organization ran outside `tenant()`: a bug, never an answer."""


class OtherTenant(Exception):
    """A scope of one organization was opened inside the scope of another."""


@dataclass(slots=True)
class Scope:
    """What belongs to one open scope: its organization and what is due right before commit."""

    organization_id: int
    pending: list[Any] = field(default_factory=list)
    before_commit: dict[str, Callable[["Scope"], None]] = field(default_factory=dict)


_current: ContextVar[Scope | None] = ContextVar("tenant_scope", default=None)


def current_scope() -> Scope:
    """Return the open scope; raise `NoTenant` outside one."""
    scope = _current.get()
    if scope is None:
        raise NoTenant("This needs an organization: open it with tenant(organization_id).")
    return scope


@contextmanager
def tenant(organization_id: int) -> Iterator[None]:
    """Open one transaction in which row-level security shows this organization alone.

    The setting ends with the transaction, so a connection never carries it to the next user.
    A nested scope of the same organization is a savepoint; of another one, `OtherTenant`.
    """
    outer = _current.get()
    if outer is not None:
        with _nested(outer, organization_id):
            yield
        return
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, str(organization_id)])
        scope = Scope(organization_id)
        token = _current.set(scope)
        try:
            yield
            for act in list(scope.before_commit.values()):
                act(scope)
        finally:
            _current.reset(token)


@contextmanager
def reading(organization_id: int) -> Iterator[None]:
    """Open a scope to read in; inside an open one of the same organization it costs nothing."""
    outer = _current.get()
    if outer is None:
        with tenant(organization_id):
            yield
        return
    if outer.organization_id != organization_id:
        raise OtherTenant(f"{organization_id} inside {outer.organization_id}")
    yield


@contextmanager
def _nested(outer: Scope, organization_id: int) -> Iterator[None]:
    if outer.organization_id != organization_id:
        raise OtherTenant(f"{organization_id} inside {outer.organization_id}")
    mark = len(outer.pending)
    try:
        with transaction.atomic():
            yield
    except BaseException:
        del outer.pending[mark:]
        raise
