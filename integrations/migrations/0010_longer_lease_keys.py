"""The name of a lease holds the host beside customer and model."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('integrations', '0009_offered_workspaces'),
    ]

    operations = [
        migrations.AlterField(
            model_name='modellease',
            name='key',
            field=models.CharField(max_length=400, primary_key=True, serialize=False),
        ),
    ]
