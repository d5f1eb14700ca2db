"""When maintenance held a page, until when, and when it went on."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A row of its own for each span."""

    dependencies = [("escalation", "0020_wrong_codes")]

    operations = [
        migrations.CreateModel(
            name="PageHold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("held_at", models.DateTimeField()),
                (
                    "until",
                    models.DateTimeField(help_text="The end of the maintenance, as it was known at that moment."),
                ),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                (
                    "page",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="holds", to="escalation.page"
                    ),
                ),
            ],
            options={
                "ordering": ["page", "held_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("released_at__isnull", True)),
                        fields=("page",),
                        name="page_hold_one_at_a_time",
                    )
                ],
            },
        ),
    ]
