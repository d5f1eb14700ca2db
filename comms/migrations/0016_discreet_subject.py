"""Subjects of which phones say nothing."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comms", "0015_contact_codes_and_proofs"),
    ]

    operations = [
        migrations.CreateModel(
            name="DiscreetSubject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("subject_key", models.CharField(max_length=80, unique=True)),
                ("marked_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["subject_key"],
            },
        ),
    ]
