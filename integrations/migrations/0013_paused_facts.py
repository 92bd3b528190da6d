"""What a pause was for: the facts of its sentence are kept beside its code."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integrations', '0012_ping_started'),
    ]

    operations = [
        migrations.AddField(
            model_name='connection',
            name='paused_facts',
            field=models.JSONField(default=dict),
        ),
    ]
