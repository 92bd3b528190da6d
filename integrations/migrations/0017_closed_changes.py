"""Which changes of closed periods wait for an approval, and by how much a group has moved."""

import django.db.models.deletion
from django.db import migrations, models

from audit.rowsecurity import composite_key, tenant_table
from audit.tenancy import SETTING

TABLE = "integrations_closedchange"

class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_key_makers'),
        ('integrations', '0016_mapping_engine'),
    ]

    operations = [
        migrations.AddField(
            model_name='rungroup',
            name='is_closed',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='rungroup',
            name='moved',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='sync',
            name='policies',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.CreateModel(
            name='ClosedChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.CharField(max_length=420)),
                ('digest', models.CharField(max_length=64)),
                ('moved', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('waiting', 'Waits for approval'), ('approved', 'Approved'), ('superseded', 'Superseded')], default='waiting', max_length=12)),
                ('found_at', models.DateTimeField(auto_now_add=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decided_by', models.TextField(blank=True)),
                ('organization', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('run', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='integrations.run')),
                ('sync', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='integrations.sync')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('organization', 'sync', 'group'), name='one_change_waits_a_group')],
            },
        ),
        # Keys first: adding one reads the table, which is refused once its fence stands.
        composite_key(TABLE, "sync_id", "integrations_sync"),
        composite_key(TABLE, "run_id", "integrations_run"),
        tenant_table(TABLE),
        # The keys to the organization are added last, and their checks read the fenced tables.
        migrations.RunSQL(f"SET LOCAL {SETTING} = '0'", migrations.RunSQL.noop),
    ]
