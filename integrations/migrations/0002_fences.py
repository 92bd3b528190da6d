"""Fence every table of an organization: policies and foreign keys that carry the tenant."""

from django.db import migrations

from audit.rowsecurity import composite_key, tenant_table

TABLES = (
    "connection", "mappingversion", "mappingrule", "sync", "run", "rununit", "rungroup", "load", "loadchunk",
    "evidenceblock", "evidence", "position", "recordexception", "tieoutline", "celldifference",
)
KEYS = (
    ("mappingrule", "version_id", "mappingversion"),
    ("sync", "source_id", "connection"),
    ("sync", "target_id", "connection"),
    ("run", "sync_id", "sync"),
    ("run", "parent_id", "run"),
    ("run", "mapping_version_id", "mappingversion"),
    ("rununit", "run_id", "run"),
    ("rununit", "read_by_id", "run"),
    ("rungroup", "run_id", "run"),
    ("load", "run_id", "run"),
    ("loadchunk", "load_id", "load"),
    ("evidence", "run_id", "run"),
    ("evidence", "block_id", "evidenceblock"),
    ("position", "sync_id", "sync"),
    ("position", "run_id", "run"),
    ("recordexception", "run_id", "run"),
    ("recordexception", "sync_id", "sync"),
    ("recordexception", "ended_by_id", "run"),
    ("tieoutline", "run_id", "run"),
    ("celldifference", "run_id", "run"),
)


class Migration(migrations.Migration):
    """Adds policies and composite keys."""

    dependencies = [("integrations", "0001_initial"), ("audit", "0002_fences")]
    operations = [
        # Keys first: adding one reads the table, which is refused once its fence stands.
        *(
            composite_key(f"integrations_{table}", column, f"integrations_{target}")
            for table, column, target in KEYS
        ),
        *(tenant_table(f"integrations_{table}") for table in TABLES),
    ]
