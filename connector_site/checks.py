"""Checks of the database itself: `manage.py check --database default`."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.backends.utils import CursorWrapper

from connector_site.fences import read_definers, read_keys, read_tables, read_uniques

# Tables that stand outside the fences, and why that must be. Every other table is fenced.
GLOBAL_TABLES = {
    "accounts_apikey": "a call of the API is known by its key alone; it holds a digest of the key",
    "accounts_invitation": "its link is opened by a person who belongs nowhere yet",
    "accounts_membership": "a person's organizations are listed before one is chosen",
    "accounts_organization": "an address names it before it is open; its data key is sealed",
    "accounts_user": "a person signs in first, and may belong to several organizations",
    "accounts_user_groups": "staff's groups in Django's sign-in; no group is used",
    "accounts_user_user_permissions": "staff's rights in Django's sign-in; none is given",
    "account_emailaddress": "a person proves an address before they belong anywhere",
    "account_emailconfirmation": "the library's older way to prove an address; not used",
    "auth_group": "Django's sign-in brings it; no group is used",
    "auth_group_permissions": "Django's sign-in brings it; no group is used",
    "auth_permission": "names of Django's own rights, one for each table",
    "django_admin_log": "what staff changed about people; nothing of a tenant is shown there",
    "django_content_type": "names of tables",
    "django_migrations": "which migrations the database has",
    "django_session": "a browser is known by its session before the person is",
    "integrations_duerun": "workers look for due runs of all organizations; it holds ids only",
    "integrations_modellease": "a model that organizations share is locked for all of them",
    "mfa_authenticator": "a second factor is asked for before an organization is chosen",
    "usersessions_usersession": "a person's list of their own sessions, in all organizations",
}


@register(Tags.database)
def check_fences(databases: Sequence[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """Every table is fenced or global with a reason; the runtime role cannot pass or remove it."""
    return [problem for alias in databases or () for problem in _check(alias)]


def _check(alias: str) -> list[CheckMessage]:
    role = settings.RUNTIME_ROLE
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", [role])
        row = cursor.fetchone()
        if row is None:
            return [_error(1, f"The database has no role {role}.")]
        found = [_error(2, f"The role {role} passes row-level security.")] if row[0] else []
        return [*found, *_check_tables(cursor, role), *_check_rules(cursor)]


def _check_tables(cursor: CursorWrapper, role: str) -> Iterator[CheckMessage]:
    for table in read_tables(cursor, role):
        if table.name in GLOBAL_TABLES:
            pass
        elif not table.has_organization and not table.is_view:
            yield _error(5, f"{table.name} has no organization and no reason in GLOBAL_TABLES.")
        elif not table.is_fenced:
            yield _error(3, f"{table.name} has no forced row-level security.")
        elif not table.shows_own_rows_alone:
            yield _error(6, f"{table.name} has another policy than the tenant's.")
        if table.may_be_emptied or table.owner == role:
            yield _error(4, f"The role {role} owns or may empty {table.name}.")


def _check_rules(cursor: CursorWrapper) -> Iterator[CheckMessage]:
    for key in read_keys(cursor):
        if key.table not in GLOBAL_TABLES and "organization_id" not in key.columns:
            yield _error(7, f"{key.name} of {key.table} does not carry the organization.")
    for unique in read_uniques(cursor):
        if unique.table not in GLOBAL_TABLES and "organization_id" not in unique.columns:
            yield _error(8, f"{unique.name} tells one organization of another's values.")
    for name in read_definers(cursor):
        yield _error(9, f"The function {name} runs with its owner's rights.")


def _error(number: int, message: str) -> CheckMessage:
    return Error(message, id=f"connector_site.E{number:03}")
