"""One row a place instead of one a measure; the lines become a view of it."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import integrations.fields
from audit.rowsecurity import composite_key, tenant_table, tenant_view

MOVE = """
    ALTER TABLE integrations_tieoutline NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE integrations_tieoutline DISABLE ROW LEVEL SECURITY;
    INSERT INTO integrations_tieoutplace (organization_id, run_id, "group", entity, period, account,
        currency, measures, is_mapped, source, sent, target, listed, records)
    SELECT organization_id, run_id, "group", entity, period, account, currency,
        array_agg(measure ORDER BY id), is_mapped, array_agg(source ORDER BY id),
        array_agg(sent ORDER BY id),
        CASE WHEN count(target) = count(*) THEN array_agg(target ORDER BY id) END,
        array_agg(listed ORDER BY id), max(records)
    FROM integrations_tieoutline
    GROUP BY organization_id, run_id, "group", entity, period, account, currency, is_mapped
    ORDER BY min(id);
    SET CONSTRAINTS ALL IMMEDIATE;
    DROP TABLE integrations_tieoutline;
"""
LINES = """
    SELECT place.id * 100 + line.number AS id, place.organization_id, place.run_id, place."group",
        place.entity, place.period, place.account, place.currency, line.measure, place.is_mapped,
        line.source, line.sent, line.target, line.listed, place.records
    FROM integrations_tieoutplace AS place
    CROSS JOIN LATERAL unnest(place.measures, place.source, place.sent, place.target, place.listed)
        WITH ORDINALITY AS line (measure, source, sent, target, listed, number)
"""


class Migration(migrations.Migration):
    """Adds the table, moves what is there, and lays the view."""

    dependencies = [
        ('accounts', '0001_initial'),
        ('integrations', '0002_fences'),
    ]

    operations = [
        migrations.RunSQL('ALTER INDEX tie_out_of_run RENAME TO tie_out_of_run_before'),
        migrations.AlterModelOptions(
            name='tieoutline',
            options={'managed': False},
        ),
        migrations.CreateModel(
            name='TieOutPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.PositiveIntegerField()),
                ('entity', models.CharField(max_length=200)),
                ('period', models.CharField(max_length=200)),
                ('account', models.CharField(max_length=200)),
                ('currency', models.CharField(blank=True, max_length=200)),
                ('measures', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None)),
                ('is_mapped', models.BooleanField(default=True)),
                ('source', django.contrib.postgres.fields.ArrayField(base_field=integrations.fields.AmountField(), size=None)),
                ('sent', django.contrib.postgres.fields.ArrayField(base_field=integrations.fields.AmountField(), size=None)),
                ('target', django.contrib.postgres.fields.ArrayField(base_field=integrations.fields.AmountField(), null=True, size=None)),
                ('listed', django.contrib.postgres.fields.ArrayField(base_field=integrations.fields.AmountField(), size=None)),
                ('records', models.PositiveIntegerField(default=0)),
                ('organization', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('run', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='integrations.run')),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'run'], name='tie_out_of_run')],
            },
        ),
        composite_key('integrations_tieoutplace', 'run_id', 'integrations_run'),
        migrations.RunSQL(MOVE),
        tenant_table('integrations_tieoutplace'),
        tenant_view('integrations_tieoutline', LINES),
    ]
