"""Plans from Anaplan: versions and values, fenced by organization and against every change."""

import django.db.models.deletion
from django.db import migrations, models

import integrations.fields
from audit.rowsecurity import composite_key, tenant_table

# Values belong to a version that is still being stored; afterwards nothing changes.
VALUES = """
    CREATE FUNCTION integrations_planvalue_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a plan value never changes: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
    END $$;
    CREATE TRIGGER integrations_planvalue_no_change
    BEFORE UPDATE OR DELETE ON integrations_planvalue
    FOR EACH ROW EXECUTE FUNCTION integrations_planvalue_refuse();
    CREATE TRIGGER integrations_planvalue_no_truncate
    BEFORE TRUNCATE ON integrations_planvalue
    FOR EACH STATEMENT EXECUTE FUNCTION integrations_planvalue_refuse();
    CREATE FUNCTION integrations_planvalue_late() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM integrations_planversion AS version
            WHERE version.id IN (SELECT DISTINCT version_id FROM added)
            AND version.state <> 'incomplete'
        ) THEN
            RAISE EXCEPTION 'a complete plan version takes no more values'
            USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER integrations_planvalue_no_late_row
    AFTER INSERT ON integrations_planvalue REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION integrations_planvalue_late();
"""
VALUES_BACK = """
    DROP TRIGGER integrations_planvalue_no_late_row ON integrations_planvalue;
    DROP TRIGGER integrations_planvalue_no_truncate ON integrations_planvalue;
    DROP TRIGGER integrations_planvalue_no_change ON integrations_planvalue;
    DROP FUNCTION integrations_planvalue_late();
    DROP FUNCTION integrations_planvalue_refuse();
"""
VERSIONS = """
    CREATE FUNCTION integrations_planversion_keep() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        free CONSTANT text[] := ARRAY['state', 'approved_by', 'approved_at'];
    BEGIN
        IF TG_OP = 'UPDATE' AND (OLD.state = 'incomplete' OR (
            NEW.state <> 'incomplete' AND to_jsonb(NEW) - free = to_jsonb(OLD) - free
            AND (OLD.approved_at IS NULL OR (NEW.approved_at, NEW.approved_by)
                = (OLD.approved_at, OLD.approved_by))
        )) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'a plan version never changes: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
    END $$;
    CREATE TRIGGER integrations_planversion_no_change
    BEFORE UPDATE OR DELETE ON integrations_planversion
    FOR EACH ROW EXECUTE FUNCTION integrations_planversion_keep();
    CREATE TRIGGER integrations_planversion_no_truncate
    BEFORE TRUNCATE ON integrations_planversion
    FOR EACH STATEMENT EXECUTE FUNCTION integrations_planversion_keep();
"""
VERSIONS_BACK = """
    DROP TRIGGER integrations_planversion_no_truncate ON integrations_planversion;
    DROP TRIGGER integrations_planversion_no_change ON integrations_planversion;
    DROP FUNCTION integrations_planversion_keep();
"""


class Migration(migrations.Migration):
    """Adds both tables with their fences, and what a sync says of its plan."""

    dependencies = [
        ('accounts', '0003_key_makers'),
        ('integrations', '0017_closed_changes'),
    ]

    operations = [
        migrations.AddField(
            model_name='sync',
            name='plan_codes',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='sync',
            name='plan_name',
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name='sync',
            name='plan_shrink',
            field=models.PositiveSmallIntegerField(default=20),
        ),
        migrations.AddField(
            model_name='sync',
            name='plan_type',
            field=models.CharField(choices=[('BUDGET', 'Budget'), ('FORECAST', 'Forecast')], default='BUDGET', max_length=10),
        ),
        migrations.AlterField(
            model_name='evidence',
            name='kind',
            field=models.CharField(choices=[('page', 'A page as QAD sent it'), ('cells', 'What QAD says per target cell'), ('segment', 'Lines of the file'), ('export', 'A chunk of an exported plan as Anaplan gave it'), ('dump', "Anaplan's failure dump"), ('read_back', 'What Anaplan holds per cell'), ('position', 'What each cell is believed to hold')], max_length=12),
        ),
        migrations.AlterField(
            model_name='run',
            name='kind',
            field=models.CharField(choices=[('load', 'Load'), ('replay', 'Replay'), ('publish', 'Publish')], default='load', max_length=10),
        ),
        migrations.AlterField(
            model_name='sync',
            name='import_name',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.CreateModel(
            name='PlanVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('name', models.CharField(max_length=60)),
                ('plan_type', models.CharField(choices=[('BUDGET', 'Budget'), ('FORECAST', 'Forecast')], max_length=10)),
                ('state', models.CharField(choices=[('incomplete', 'Incomplete'), ('draft', 'Draft'), ('held', 'Held: suspicious shrink'), ('published', 'Published'), ('superseded', 'Superseded')], default='incomplete', max_length=12)),
                ('source_model', models.CharField(max_length=32)),
                ('sha256', models.CharField(max_length=64)),
                ('exported_at', models.DateTimeField()),
                ('rows', models.PositiveBigIntegerField(default=0)),
                ('held_rows', models.PositiveBigIntegerField(default=0)),
                ('totals', models.JSONField(default=list)),
                ('held', models.JSONField(default=list)),
                ('lost', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('approved_by', models.TextField(blank=True)),
                ('approved_at', models.DateTimeField(null=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('run', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='plan_versions', to='integrations.run')),
                ('sync', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='plan_versions', to='integrations.sync')),
            ],
        ),
        migrations.CreateModel(
            name='PlanValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField()),
                ('entity', models.CharField(max_length=80)),
                ('year_period', models.PositiveIntegerField()),
                ('gl_account', models.CharField(max_length=80)),
                ('cost_center', models.CharField(blank=True, max_length=80)),
                ('currency', models.CharField(blank=True, max_length=80)),
                ('amount', integrations.fields.AmountField()),
                ('organization', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organization')),
                ('version', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='values', to='integrations.planversion')),
            ],
        ),
        migrations.AddConstraint(
            model_name='planversion',
            constraint=models.UniqueConstraint(fields=('organization', 'id'), name='plan_version_tenant_pair'),
        ),
        migrations.AddConstraint(
            model_name='planversion',
            constraint=models.UniqueConstraint(fields=('organization', 'sync', 'number'), name='plan_number_once'),
        ),
        migrations.AddConstraint(
            model_name='planversion',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'published')), fields=('organization', 'sync', 'name'), name='one_published_version_a_plan'),
        ),
        migrations.AddConstraint(
            model_name='planversion',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['incomplete', 'draft', 'held', 'published', 'superseded'])), name='plan_state_known'),
        ),
        migrations.AddConstraint(
            model_name='planversion',
            constraint=models.CheckConstraint(condition=models.Q(('approved_at__isnull', False), models.Q(('state__in', ['published', 'superseded']), _negated=True), _connector='OR'), name='published_plan_is_approved'),
        ),
        migrations.AddConstraint(
            model_name='planvalue',
            constraint=models.UniqueConstraint(fields=('organization', 'version', 'number'), name='plan_value_number_once'),
        ),
        migrations.AddConstraint(
            model_name='planvalue',
            constraint=models.UniqueConstraint(fields=('organization', 'version', 'entity', 'year_period', 'gl_account', 'cost_center', 'currency'), name='one_value_a_place'),
        ),
        composite_key("integrations_planversion", "sync_id", "integrations_sync"),
        composite_key("integrations_planversion", "run_id", "integrations_run"),
        composite_key("integrations_planvalue", "version_id", "integrations_planversion"),
        tenant_table("integrations_planversion"),
        tenant_table("integrations_planvalue"),
        migrations.RunSQL(VALUES, VALUES_BACK),
        migrations.RunSQL(VERSIONS, VERSIONS_BACK),
    ]
