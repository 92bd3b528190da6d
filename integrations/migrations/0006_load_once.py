"""Let a run have one load without telling one organization of another's runs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Changes which index holds it."""

    dependencies = [("integrations", "0005_secret_setter")]
    operations = [
        migrations.AddConstraint(
            model_name="load",
            constraint=models.UniqueConstraint(
                fields=("organization", "run"), name="one_load_a_run"
            ),
        ),
        migrations.RunSQL(
            sql="ALTER TABLE integrations_load DROP CONSTRAINT integrations_load_run_id_key",
            reverse_sql="ALTER TABLE integrations_load "
            "ADD CONSTRAINT integrations_load_run_id_key UNIQUE (run_id)",
        ),
    ]
