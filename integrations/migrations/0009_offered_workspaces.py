"""What QAD offered when it was last asked."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integrations', '0008_connecting'),
    ]

    operations = [
        migrations.AddField(
            model_name='connection',
            name='offered',
            field=models.JSONField(default=dict),
        ),
    ]
