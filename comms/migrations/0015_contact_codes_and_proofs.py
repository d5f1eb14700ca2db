"""Codes that verify a contact point, and test pages that prove it."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comms", "0014_series_of_waiting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("page", "Page"),
                    ("nudge", "Reminder"),
                    ("notice", "Notice"),
                    ("thread", "Chat thread"),
                    ("status_update", "Status update"),
                    ("broken_promise", "Broken promise"),
                    ("code", "Verification code"),
                    ("test", "Test page"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="subscription",
            name="kinds",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("page", "Page"),
                        ("nudge", "Reminder"),
                        ("notice", "Notice"),
                        ("thread", "Chat thread"),
                        ("status_update", "Status update"),
                        ("broken_promise", "Broken promise"),
                        ("code", "Verification code"),
                        ("test", "Test page"),
                    ],
                    max_length=20,
                ),
                default=list,
                size=None,
            ),
        ),
        migrations.CreateModel(
            name="ContactCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code_hash", models.CharField(max_length=64)),
                ("sent_at", models.DateTimeField()),
                (
                    "wrong",
                    models.PositiveSmallIntegerField(default=0, help_text="How often something else was typed."),
                ),
                (
                    "contact_point",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="code", to="comms.contactpoint"
                    ),
                ),
            ],
            options={
                "ordering": ["-sent_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ReachProof",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "sent_at",
                    models.DateTimeField(
                        help_text="When it was asked for; its message may leave later, as the chain says."
                    ),
                ),
                ("handed_over_at", models.DateTimeField(blank=True, null=True)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("wrong", models.PositiveSmallIntegerField(default=0, help_text="How often another code was typed.")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proofs_asked",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact_point",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="proofs", to="comms.contactpoint"
                    ),
                ),
                (
                    "message",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="proof",
                        to="comms.message",
                    ),
                ),
            ],
            options={
                "ordering": ["-sent_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_at__isnull", True), ("confirmed_at__gte", models.F("sent_at")), _connector="OR"
                        ),
                        name="reach_proof_confirmed_after_sent",
                    )
                ],
            },
        ),
    ]
