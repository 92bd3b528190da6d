"""The straightforward build's audit table: one row with its payload for each record."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from psycopg import sql

TABLE = "benchmark_record"
_CREATE = """
CREATE TABLE benchmark_record (
    id bigserial PRIMARY KEY,
    organization_id bigint NOT NULL,
    run_id bigint NOT NULL,
    entity text NOT NULL,
    period text NOT NULL,
    source_key text NOT NULL,
    status text NOT NULL,
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX benchmark_record_run ON benchmark_record (run_id);
CREATE INDEX benchmark_record_key ON benchmark_record (source_key);
"""


class Record(models.Model):
    """One source record and what became of it."""

    organization_id = models.BigIntegerField()
    run_id = models.BigIntegerField()
    entity = models.TextField()
    period = models.TextField()
    source_key = models.TextField()
    status = models.TextField()
    payload = models.JSONField(encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "benchmarks"
        managed = False
        db_table = TABLE

    def __str__(self) -> str:
        """Name the record by its key."""
        return self.source_key


@contextmanager
def audit_table(owner_url: str) -> Iterator[None]:
    """Make the table as the owner of this database, and drop it at the end."""
    role = sql.Identifier(settings.DATABASES["default"]["USER"])
    name = connection.settings_dict["NAME"]
    with psycopg.connect(owner_url, dbname=name, autocommit=True) as owner:
        owner.execute(f"DROP TABLE IF EXISTS {TABLE}")
        owner.execute(_CREATE)
        for part in ("TABLE benchmark_record", "SEQUENCE benchmark_record_id_seq"):
            owner.execute(sql.SQL("GRANT ALL ON {} TO {}").format(sql.SQL(part), role))
        try:
            yield
        finally:
            owner.execute(f"DROP TABLE {TABLE}")
