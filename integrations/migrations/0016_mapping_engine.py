"""Rules by date, pattern and weight; what a sync does with codes that have no member."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_key_makers'),
        ('integrations', '0015_data_sets'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='mappingrule',
            name='code_mapped_once',
        ),
        migrations.AddField(
            model_name='mappingrule',
            name='code_to',
            field=models.CharField(blank=True, max_length=80),
        ),
        migrations.AddField(
            model_name='mappingrule',
            name='domain',
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name='mappingrule',
            name='kind',
            field=models.CharField(choices=[('exact', 'Code'), ('prefix', 'Prefix'), ('range', 'Range'), ('default', 'Default')], default='exact', max_length=10),
        ),
        migrations.AddField(
            model_name='mappingrule',
            name='position',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='mappingrule',
            name='valid_from',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='mappingrule',
            name='valid_to',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='mappingrule',
            name='weight',
            field=models.DecimalField(decimal_places=12, default=1, max_digits=13),
        ),
        migrations.AddField(
            model_name='rungroup',
            name='lacking',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='sync',
            name='suspense_members',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='sync',
            name='unmapped_policy',
            field=models.CharField(choices=[('hold', 'Hold its rows and load all others'), ('block', 'Load nothing'), ('suspense', 'Load its rows on a suspense member')], default='hold', max_length=10),
        ),
        migrations.AlterField(
            model_name='mappingrule',
            name='member',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddIndex(
            model_name='mappingrule',
            index=models.Index(fields=['organization', 'version', 'dimension', 'code'], name='rules_by_code'),
        ),
    ]
