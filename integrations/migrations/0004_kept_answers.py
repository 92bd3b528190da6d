"""Answers of the REST API that are kept for a day, behind the fence."""

import django.db.models.deletion
from django.db import migrations, models

from audit.rowsecurity import tenant_table
from audit.tenancy import SETTING


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_people'),
        ('integrations', '0003_tie_out_places'),
    ]

    operations = [
        migrations.CreateModel(
            name='KeptAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=128)),
                ('digest', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('headers', models.JSONField(default=dict)),
                ('body', models.JSONField(null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'created_at'], name='kept_answers_oldest_first')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'key'), name='one_answer_an_idempotency_key')],
            },
        ),
        tenant_table('integrations_keptanswer'),
        # The key to the organization is added last, and its check reads the fenced table.
        migrations.RunSQL(f"SET LOCAL {SETTING} = '0'", migrations.RunSQL.noop),
    ]
