"""Drafts of the mapping, what stands on the lists of both systems, and the money on each code."""

import django.db.models.deletion
from django.db import migrations, models

from audit.rowsecurity import composite_key, tenant_table


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_second_person_maps'),
        ('integrations', '0019_sign_offs'),
    ]

    operations = [
        migrations.CreateModel(
            name='MappingDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('open', 'Open'), ('approved', 'Approved'), ('discarded', 'Discarded')], default='open', max_length=10)),
                ('asks_second', models.BooleanField(default=False)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('begun_by', models.TextField()),
                ('begun_at', models.DateTimeField(auto_now_add=True)),
                ('decided_by', models.TextField(blank=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('version', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='integrations.mappingversion')),
            ],
        ),
        migrations.CreateModel(
            name='MappingChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dimension', models.CharField(max_length=30)),
                ('domain', models.CharField(blank=True, max_length=20)),
                ('kind', models.CharField(choices=[('exact', 'Code'), ('prefix', 'Prefix'), ('range', 'Range'), ('default', 'Default')], default='exact', max_length=10)),
                ('code', models.CharField(blank=True, max_length=80)),
                ('code_to', models.CharField(blank=True, max_length=80)),
                ('parts', models.JSONField(default=list)),
                ('before', models.JSONField(default=list)),
                ('changed_by', models.JSONField(default=list)),
                ('changed_at', models.DateTimeField(auto_now=True)),
                ('organization', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('draft', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='integrations.mappingdraft')),
            ],
        ),
        migrations.CreateModel(
            name='MemberList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dimension', models.CharField(max_length=30)),
                ('workspace_id', models.CharField(max_length=32)),
                ('model_id', models.CharField(max_length=32)),
                ('list_name', models.CharField(max_length=200)),
                ('carries', models.CharField(choices=[('code', 'Code'), ('name', 'Name')], default='code', max_length=5)),
                ('read_at', models.DateTimeField(null=True)),
                ('error_code', models.CharField(blank=True, max_length=60)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('target', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='integrations.connection')),
            ],
        ),
        migrations.CreateModel(
            name='ListMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=200)),
                ('code', models.CharField(blank=True, max_length=200)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('parent', models.CharField(blank=True, max_length=200)),
                ('first_seen_at', models.DateTimeField()),
                ('missing_since', models.DateTimeField(null=True)),
                ('organization', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('member_list', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='members', to='integrations.memberlist')),
            ],
        ),
        migrations.CreateModel(
            name='QadCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dimension', models.CharField(max_length=30)),
                ('domain', models.CharField(blank=True, max_length=20)),
                ('code', models.CharField(max_length=80)),
                ('name', models.CharField(blank=True, max_length=200)),
                ('parent', models.CharField(blank=True, max_length=200)),
                ('is_active', models.BooleanField(default=True)),
                ('former_name', models.CharField(blank=True, max_length=200)),
                ('renamed_at', models.DateTimeField(null=True)),
                ('first_seen_at', models.DateTimeField()),
                ('inactive_since', models.DateTimeField(null=True)),
                ('missing_since', models.DateTimeField(null=True)),
                ('noted_at', models.DateTimeField(null=True)),
                ('organization', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('source', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='integrations.connection')),
            ],
        ),
        migrations.CreateModel(
            name='CodeAmount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('domain', models.CharField(blank=True, max_length=20)),
                ('entity', models.CharField(max_length=80)),
                ('year_period', models.PositiveIntegerField()),
                ('dimension', models.CharField(max_length=30)),
                ('code', models.CharField(max_length=80)),
                ('currency', models.CharField(blank=True, max_length=10)),
                ('rows', models.PositiveBigIntegerField()),
                ('amount', models.DecimalField(decimal_places=10, max_digits=38)),
                ('organization', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('sync', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='integrations.sync')),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'dimension', 'code'], name='amounts_by_code')],
                'constraints': [models.UniqueConstraint(fields=('organization', 'sync', 'entity', 'year_period', 'dimension', 'code', 'currency', 'domain'), name='code_amount_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='mappingdraft',
            constraint=models.UniqueConstraint(fields=('organization', 'id'), name='mapping_draft_tenant_pair'),
        ),
        migrations.AddConstraint(
            model_name='mappingdraft',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('organization',), name='one_open_mapping_draft'),
        ),
        migrations.AddConstraint(
            model_name='mappingchange',
            constraint=models.UniqueConstraint(fields=('organization', 'draft', 'dimension', 'domain', 'kind', 'code', 'code_to'), name='one_change_a_key'),
        ),
        migrations.AddConstraint(
            model_name='memberlist',
            constraint=models.UniqueConstraint(fields=('organization', 'id'), name='member_list_tenant_pair'),
        ),
        migrations.AddConstraint(
            model_name='memberlist',
            constraint=models.UniqueConstraint(fields=('organization', 'dimension'), name='one_member_list_a_dimension'),
        ),
        migrations.AddConstraint(
            model_name='listmember',
            constraint=models.UniqueConstraint(fields=('organization', 'member_list', 'text'), name='list_member_once'),
        ),
        migrations.AddConstraint(
            model_name='qadcode',
            constraint=models.UniqueConstraint(fields=('organization', 'source', 'dimension', 'domain', 'code'), name='qad_code_once'),
        ),
        # Keys first: adding one reads the table, which is refused once its fence stands.
        composite_key('integrations_mappingdraft', 'version_id', 'integrations_mappingversion'),
        composite_key('integrations_mappingchange', 'draft_id', 'integrations_mappingdraft'),
        composite_key('integrations_memberlist', 'target_id', 'integrations_connection'),
        composite_key('integrations_listmember', 'member_list_id', 'integrations_memberlist'),
        composite_key('integrations_qadcode', 'source_id', 'integrations_connection'),
        composite_key('integrations_codeamount', 'sync_id', 'integrations_sync'),
        tenant_table('integrations_mappingdraft'),
        tenant_table('integrations_mappingchange'),
        tenant_table('integrations_memberlist'),
        tenant_table('integrations_listmember'),
        tenant_table('integrations_qadcode'),
        tenant_table('integrations_codeamount'),
    ]
