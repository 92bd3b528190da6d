"""When a worker took a ping: one that nobody took is told from one whose worker died."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integrations', '0011_document_checks'),
    ]

    operations = [
        migrations.AddField(
            model_name='ping',
            name='started_at',
            field=models.DateTimeField(null=True),
        ),
    ]
