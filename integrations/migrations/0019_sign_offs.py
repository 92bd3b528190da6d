"""Sign-offs behind the fence, and what became of a cell."""

import django.db.models.deletion
from django.db import migrations, models

from audit.rowsecurity import composite_key, tenant_table


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_key_makers'),
        ('integrations', '0018_plans'),
    ]

    operations = [
        migrations.AddField(
            model_name='celldifference',
            name='code',
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.CreateModel(
            name='TieOutSignOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.CharField(max_length=420)),
                ('entity', models.CharField(max_length=200)),
                ('period', models.CharField(max_length=200)),
                ('signed_by', models.TextField()),
                ('signed_at', models.DateTimeField(auto_now_add=True)),
                ('digest', models.CharField(max_length=64)),
                ('totals', models.JSONField(default=dict)),
                ('note', models.TextField(blank=True)),
                ('reopened_at', models.DateTimeField(null=True)),
                ('reopened_code', models.CharField(blank=True, max_length=60)),
                ('organization', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('reopened_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='integrations.run')),
                ('run', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='sign_offs', to='integrations.run')),
                ('sync', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='sign_offs', to='integrations.sync')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('reopened_at', None)), fields=('organization', 'sync', 'group'), name='one_live_sign_off_a_group')],
            },
        ),
        # Keys first: adding one reads the table, which is refused once its fence stands.
        composite_key('integrations_tieoutsignoff', 'sync_id', 'integrations_sync'),
        composite_key('integrations_tieoutsignoff', 'run_id', 'integrations_run'),
        composite_key('integrations_tieoutsignoff', 'reopened_by_id', 'integrations_run'),
        tenant_table('integrations_tieoutsignoff'),
    ]
