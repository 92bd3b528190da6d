"""Whether a second person approves the mapping."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_second_person_publishes'),
    ]

    operations = [
        migrations.AddField(
            model_name='organization',
            name='second_person_maps',
            field=models.BooleanField(default=False),
        ),
    ]
