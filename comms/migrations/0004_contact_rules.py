"""An address and the moments at which it is tried become two things."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comms", "0003_transport_push")]

    operations = [
        migrations.AddField(
            model_name="contactpoint",
            name="label",
            field=models.CharField(
                blank=True, help_text="What its person calls it, like “work phone”.", max_length=40
            ),
        ),
        migrations.CreateModel(
            name="ContactRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "chain",
                    models.CharField(
                        choices=[("urgent", "Urgent"), ("normal", "Normal")], default="urgent", max_length=8
                    ),
                ),
                (
                    "after_seconds",
                    models.PositiveIntegerField(default=0, help_text="Seconds after the message; 0 is at once."),
                ),
                (
                    "contact_point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rules", to="comms.contactpoint"
                    ),
                ),
            ],
            options={
                "ordering": ["chain", "after_seconds", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("contact_point", "chain", "after_seconds"), name="contact_rule_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("chain__in", ["urgent", "normal"])), name="contact_rule_chain"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("after_seconds__lte", 86400)), name="contact_rule_within_a_day"
                    ),
                ],
            },
        ),
    ]
