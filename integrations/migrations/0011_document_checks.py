"""When a check of an instance profile was asked for, and by whom."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integrations', '0010_longer_lease_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='connection',
            name='check_asked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='connection',
            name='check_asked_by',
            field=models.TextField(blank=True),
        ),
    ]
