"""Row-level security in SQL: policies, composite keys and the runtime role's rights."""

from typing import Any

from django.conf import settings
from django.db import connections, migrations

from audit.tenancy import SETTING

_MINE = f"organization_id = current_setting('{SETTING}')::bigint"

APPEND_ONLY_TABLES = ("audit_event",)


def tenant_table(table: str) -> migrations.RunSQL:
    """Let a table show and take only rows of the open organization.

    An unset setting is unknown to PostgreSQL and an empty one is no number, so both raise
    instead of showing no rows.
    """
    return migrations.RunSQL(
        sql=f"""
            ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
            ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
            CREATE POLICY tenant ON {table} USING ({_MINE}) WITH CHECK ({_MINE});
        """,
        reverse_sql=f"""
            DROP POLICY tenant ON {table};
            ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
            ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
        """,
    )


def tenant_view(name: str, query: str) -> migrations.RunSQL:
    """Make a view that shows whoever asks what the fences of its tables let that one see."""
    return migrations.RunSQL(
        sql=f"CREATE VIEW {name} WITH (security_invoker = true) AS {query};",
        reverse_sql=f"DROP VIEW {name};",
    )


def composite_key(table: str, column: str, target: str) -> migrations.RunSQL:
    """Point (organization_id, column) at (organization_id, id) of the target.

    Foreign key checks look past row-level security; only the pair refuses another
    organization's row. The target needs a unique constraint over the pair. Add the key while
    the table is empty: the check of what is there already does not see past the target's fence.
    """
    name = f"{table}_{column}_same_tenant"
    return migrations.RunSQL(
        sql=f"""
            SET LOCAL {SETTING} = '0';
            ALTER TABLE {table} ADD CONSTRAINT {name}
            FOREIGN KEY (organization_id, {column}) REFERENCES {target} (organization_id, id)
            DEFERRABLE INITIALLY DEFERRED;
        """,
        reverse_sql=f"ALTER TABLE {table} DROP CONSTRAINT {name};",
    )


def append_only(table: str) -> migrations.RunSQL:
    """Refuse UPDATE, DELETE and TRUNCATE for everybody, the owner included."""
    return migrations.RunSQL(
        sql=f"""
            CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'table {table} is append-only: % refused', TG_OP
                USING ERRCODE = 'insufficient_privilege';
            END $$;
            CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION {table}_refuse();
            CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse();
        """,
        reverse_sql=f"""
            DROP TRIGGER {table}_no_truncate ON {table};
            DROP TRIGGER {table}_no_change ON {table};
            DROP FUNCTION {table}_refuse();
        """,
    )


def grant_runtime_role(using: str = "default", **_signal: Any) -> None:
    """Give the runtime role its rights on all tables: rows only, never structure."""
    connection = connections[using]
    role = settings.RUNTIME_ROLE
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        row = cursor.fetchone()
        if row is None or row[0] == role:
            return
        quoted = connection.ops.quote_name(role)
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {quoted}")
        cursor.execute(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {quoted}"
        )
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quoted}")
        for table in APPEND_ONLY_TABLES:
            if table in connection.introspection.table_names(cursor):
                cursor.execute(f"REVOKE UPDATE, DELETE ON {table} FROM {quoted}")
