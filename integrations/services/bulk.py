"""Many rows in one round trip, past row-level security's refusal of COPY."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models
from psycopg import sql


def copy_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """COPY rows into a temporary table and insert them from there; repeats are left out.

    PostgreSQL refuses COPY into a table with row-level security; an INSERT … SELECT obeys its
    policies. Returns how many rows were new.
    """
    table = sql.Identifier(model._meta.db_table)
    stage = sql.Identifier(f"stage_{model._meta.db_table}")
    names = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    with connection.cursor() as django_cursor, connection.wrap_database_errors:
        cursor = django_cursor.cursor
        cursor.execute(
            sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} LIMIT 0").format(
                stage, names, table
            )
        )
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(stage, names)) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} ON CONFLICT DO NOTHING").format(
                table, names, names, stage
            )
        )
        added = int(cursor.rowcount)
        cursor.execute(sql.SQL("DROP TABLE {}").format(stage))
    return added
