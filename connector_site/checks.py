"""Checks of the database itself: `manage.py check --database default`."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

# Tables with an organization that are read before a tenant is known, and why that must be.
GLOBAL_TABLES = {
    "accounts_apikey": "a call of the API is known by its key alone; it holds a digest of the key",
    "accounts_invitation": "its link is opened by a person who belongs nowhere yet",
    "accounts_membership": "a person's organizations are listed before one is chosen",
    "integrations_duerun": "workers look for due runs of all organizations; it holds ids only",
    "integrations_modellease": "a model that organizations share is locked for all of them",
}
_TABLES = """
    SELECT relation.relname,
           CASE WHEN relation.relkind = 'v'
                THEN 'security_invoker=true' = ANY (coalesce(relation.reloptions, '{}'))
                ELSE relation.relrowsecurity AND relation.relforcerowsecurity END,
           has_table_privilege(%s, relation.oid, 'TRUNCATE'),
           pg_get_userbyid(relation.relowner)
    FROM pg_class AS relation
    JOIN pg_attribute AS attribute ON attribute.attrelid = relation.oid
    WHERE relation.relkind IN ('r', 'p', 'v') AND attribute.attname = 'organization_id'
      AND NOT attribute.attisdropped AND relation.relnamespace = 'public'::regnamespace
    ORDER BY 1
"""


@register(Tags.database)
def check_fences(databases: Sequence[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """Every table of organizations is fenced, and the runtime role cannot pass or remove it."""
    return [problem for alias in databases or () for problem in _check(alias)]


def _check(alias: str) -> list[CheckMessage]:
    role = settings.RUNTIME_ROLE
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s", [role])
        row = cursor.fetchone()
        if row is None:
            return [Error(f"The database has no role {role}.", id="connector_site.E001")]
        problems: list[CheckMessage] = []
        if row[0]:
            problems.append(
                Error(f"The role {role} passes row-level security.", id="connector_site.E002")
            )
        cursor.execute(_TABLES, [role])
        for table, is_fenced, may_truncate, owner in cursor.fetchall():
            if not is_fenced and table not in GLOBAL_TABLES:
                problems.append(
                    Error(f"{table} has no forced row-level security.", id="connector_site.E003")
                )
            if may_truncate or owner == role:
                problems.append(
                    Error(f"The role {role} owns or may empty {table}.", id="connector_site.E004")
                )
    return problems
