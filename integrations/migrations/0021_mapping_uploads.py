"""Uploaded files of a mapping, kept for a day."""

import django.db.models.deletion
from django.db import migrations, models

from audit.rowsecurity import tenant_table
from audit.tenancy import SETTING


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_second_person_maps'),
        ('integrations', '0020_mapping_desk'),
    ]

    operations = [
        migrations.CreateModel(
            name='MappingUpload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('digest', models.CharField(max_length=64)),
                ('mode', models.CharField(choices=[('add', 'Add and change; all other rules stay'), ('replace', 'Replace the dimensions that the file has')], default='add', max_length=10)),
                ('content', models.BinaryField()),
                ('lines', models.PositiveIntegerField()),
                ('errors', models.PositiveIntegerField()),
                ('uploaded_by', models.TextField()),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
            ],
        ),
        tenant_table('integrations_mappingupload'),
        # The key to the organization is added last, and its check reads the fenced table.
        migrations.RunSQL(f"SET LOCAL {SETTING} = '0'", migrations.RunSQL.noop),
    ]
