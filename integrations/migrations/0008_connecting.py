"""What connecting and pinging keep: chosen places, pings, profiles, checks, catalogues, alarms."""

import django.db.models.deletion
from django.db import migrations, models

import integrations.fields
from audit.rowsecurity import composite_key, tenant_table
from audit.tenancy import SETTING

TABLES = ("documentcheck", "driftalarm", "modelcatalogue", "ping", "profileversion")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_key_makers'),
        ('integrations', '0007_sign_in_provider'),
    ]

    operations = [
        migrations.AddField(
            model_name='connection',
            name='announced_days',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='connection',
            name='paused_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='connection',
            name='paused_code',
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name='connection',
            name='place',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='connection',
            name='renewal',
            field=integrations.fields.SealedField(blank=True),
        ),
        migrations.AddField(
            model_name='connection',
            name='renewal_set_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='connection',
            name='secret_ends_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.CreateModel(
            name='DocumentCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('document', models.CharField(max_length=200)),
                ('digest', models.CharField(max_length=64)),
                ('level', models.CharField(choices=[('ok', 'In order'), ('warn', "Needs an admin's word"), ('bad', 'Not usable')], max_length=4)),
                ('code', models.CharField(blank=True, max_length=60)),
                ('facts', models.JSONField(default=dict)),
                ('evidence', models.JSONField(default=dict)),
                ('checked_at', models.DateTimeField()),
                ('checked_by', models.TextField()),
                ('accepted_at', models.DateTimeField(null=True)),
                ('accepted_by', models.TextField(blank=True)),
                ('connection', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='integrations.connection')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'connection', 'document'), name='document_checked_once')],
            },
        ),
        migrations.CreateModel(
            name='DriftAlarm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('model_id', models.CharField(max_length=32)),
                ('code', models.CharField(max_length=60)),
                ('kind', models.CharField(max_length=20)),
                ('object_id', models.CharField(max_length=64)),
                ('name', models.TextField()),
                ('facts', models.JSONField(default=dict)),
                ('raised_at', models.DateTimeField(auto_now_add=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.TextField(blank=True)),
                ('connection', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='integrations.connection')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('organization', 'connection', 'model_id', 'code', 'kind', 'object_id'), name='drift_alarm_open_once')],
            },
        ),
        migrations.CreateModel(
            name='ModelCatalogue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('workspace_id', models.CharField(max_length=32)),
                ('model_id', models.CharField(max_length=32)),
                ('found', models.JSONField(default=dict)),
                ('found_at', models.DateTimeField()),
                ('accepted', models.JSONField(default=dict)),
                ('accepted_at', models.DateTimeField()),
                ('accepted_by', models.TextField()),
                ('connection', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='integrations.connection')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'connection', 'model_id'), name='model_catalogue_once')],
            },
        ),
        migrations.CreateModel(
            name='Ping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('running', 'Running'), ('ok', 'All well'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='running', max_length=10)),
                ('steps', models.JSONField(default=list)),
                ('asked_by', models.TextField()),
                ('asked_at', models.DateTimeField(auto_now_add=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('cancel_requested', models.BooleanField(default=False)),
                ('connection', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='integrations.connection')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'connection', '-id'], name='ping_newest_first')],
            },
        ),
        migrations.CreateModel(
            name='ProfileVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('profile', models.JSONField()),
                ('digest', models.CharField(max_length=64)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('made_by', models.TextField()),
                ('made_at', models.DateTimeField(auto_now_add=True)),
                ('connection', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='integrations.connection')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'connection', 'number'), name='profile_number_once')],
            },
        ),
        # Keys first: adding one reads the table, which is refused once its fence stands.
        *(
            composite_key(f"integrations_{table}", "connection_id", "integrations_connection")
            for table in TABLES
        ),
        *(tenant_table(f"integrations_{table}") for table in TABLES),
        # The keys to the organization are added last, and their checks read the fenced tables.
        migrations.RunSQL(f"SET LOCAL {SETTING} = '0'", migrations.RunSQL.noop),
    ]
