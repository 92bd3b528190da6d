"""Whether an organization wants a second person to publish plans."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_key_makers'),
    ]

    operations = [
        migrations.AddField(
            model_name='organization',
            name='second_person_publishes',
            field=models.BooleanField(default=False),
        ),
    ]
