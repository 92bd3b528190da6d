"""The provider through which an organization's members sign in, behind the fence."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import integrations.fields
from audit.rowsecurity import tenant_table
from audit.tenancy import SETTING


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_key_makers'),
        ('integrations', '0006_load_once'),
    ]

    operations = [
        migrations.CreateModel(
            name='SignInProvider',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('issuer', models.CharField(max_length=500)),
                ('client_id', models.CharField(max_length=255)),
                ('secret', integrations.fields.SealedField()),
                ('secret_set_at', models.DateTimeField()),
                ('secret_set_by', models.TextField()),
                ('domains', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=253), size=None)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization',), name='one_provider_an_organization')],
            },
        ),
        tenant_table('integrations_signinprovider'),
        # The key to the organization is added last, and its check reads the fenced table.
        migrations.RunSQL(f"SET LOCAL {SETTING} = '0'", migrations.RunSQL.noop),
    ]
