"""When the lists of both systems were last read, and tried."""

import django.db.models.deletion
from django.db import migrations, models

from audit.rowsecurity import composite_key, tenant_table


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_second_person_maps'),
        ('integrations', '0021_mapping_uploads'),
    ]

    operations = [
        migrations.AddField(
            model_name='memberlist',
            name='tried_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name='CodeList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dimension', models.CharField(max_length=30)),
                ('domain', models.CharField(blank=True, max_length=20)),
                ('read_at', models.DateTimeField(null=True)),
                ('tried_at', models.DateTimeField(null=True)),
                ('error_code', models.CharField(blank=True, max_length=60)),
                ('organization', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('source', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='integrations.connection')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'source', 'dimension', 'domain'), name='code_list_once')],
            },
        ),
        composite_key('integrations_codelist', 'source_id', 'integrations_connection'),
        tenant_table('integrations_codelist'),
    ]
