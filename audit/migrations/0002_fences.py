"""Fence the trail: row-level security, and no line ever changes."""

from django.db import migrations

from audit.rowsecurity import append_only, tenant_table


class Migration(migrations.Migration):
    """Adds policies and triggers."""

    dependencies = [("audit", "0001_initial")]
    operations = [
        tenant_table("audit_event"),
        tenant_table("audit_chainhead"),
        append_only("audit_event"),
    ]
