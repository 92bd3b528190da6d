"""What the database itself says of its fences, read from its catalogue."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.backends.utils import CursorWrapper

# As PostgreSQL writes the one expression back that every policy has.
MINE = "(organization_id = (current_setting('ml.organization'::text))::bigint)"

_TABLES = """
    SELECT relation.relname,
           relation.relkind IN ('v', 'm'),
           relation.relkind = 'v'
               AND 'security_invoker=true' = ANY (coalesce(relation.reloptions, '{}')),
           EXISTS (SELECT FROM pg_attribute WHERE attrelid = relation.oid
               AND attname = 'organization_id' AND NOT attisdropped),
           relation.relrowsecurity AND relation.relforcerowsecurity,
           ARRAY(SELECT ARRAY[cmd, permissive, roles::text, qual, with_check] FROM pg_policies
               WHERE schemaname = 'public' AND tablename = relation.relname),
           has_table_privilege(%s, relation.oid, 'TRUNCATE'),
           pg_get_userbyid(relation.relowner)
    FROM pg_class AS relation
    WHERE relation.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND relation.relnamespace = 'public'::regnamespace
    ORDER BY 1
"""
# Foreign keys between two tables that both have an organization.
_KEYS = """
    SELECT conrelid::regclass::text, conname,
           ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY AS part (number, place)
               JOIN pg_attribute ON attrelid = conrelid AND attnum = part.number ORDER BY place)
    FROM pg_constraint
    WHERE contype = 'f' AND connamespace = 'public'::regnamespace
      AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = conrelid
          AND attname = 'organization_id')
      AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = confrelid
          AND attname = 'organization_id')
    ORDER BY 1, 2
"""
_UNIQUES = """
    SELECT indrelid::regclass::text, indexrelid::regclass::text,
           ARRAY(SELECT attname::text FROM unnest(indkey::smallint[]) AS part (number)
               JOIN pg_attribute ON attrelid = indrelid AND attnum = part.number)
    FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
    WHERE indisunique AND NOT indisprimary AND relnamespace = 'public'::regnamespace
      AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = indrelid
          AND attname = 'organization_id')
    ORDER BY 1, 2
"""
_DEFINERS = """
    SELECT proname FROM pg_proc
    WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Table:
    """One table or view, and what stands around it."""

    name: str
    is_view: bool
    asks_as_caller: bool
    has_organization: bool
    is_forced: bool
    policies: list[list[str | None]]
    may_be_emptied: bool
    owner: str

    @property
    def is_fenced(self) -> bool:
        """Whether row-level security holds for whoever asks."""
        return self.asks_as_caller if self.is_view else self.is_forced

    @property
    def shows_own_rows_alone(self) -> bool:
        """Whether its one policy compares with the open organization, for reads and writes."""
        return self.is_view or self.policies == [["ALL", "PERMISSIVE", "{public}", MINE, MINE]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A foreign key or a unique index of a table with an organization, and its columns."""

    table: str
    name: str
    columns: list[str]


def read_tables(cursor: CursorWrapper, role: str) -> list[Table]:
    """Return every table and view of the product, as the runtime role meets it."""
    cursor.execute(_TABLES, [role])
    return [Table(*row) for row in cursor.fetchall()]


def read_keys(cursor: CursorWrapper) -> list[Rule]:
    """Return every foreign key from a table with an organization to another one."""
    return list(_rules(cursor, _KEYS))


def read_uniques(cursor: CursorWrapper) -> list[Rule]:
    """Return every unique index of tables with an organization, primary keys apart."""
    return list(_rules(cursor, _UNIQUES))


def read_definers(cursor: CursorWrapper) -> list[str]:
    """Return functions that run with their owner's rights, whoever calls them."""
    cursor.execute(_DEFINERS)
    return [row[0] for row in cursor.fetchall()]


def _rules(cursor: CursorWrapper, query: str) -> Iterator[Rule]:
    cursor.execute(query)
    rows: list[Any] = cursor.fetchall()
    for row in rows:
        yield Rule(*row)
