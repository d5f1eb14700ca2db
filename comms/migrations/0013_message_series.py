"""What repeats what, what is held or told in one breath, and what leaves without its words."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("comms", "0012_delivery_report"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="bundled_into",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="parts",
                to="comms.message",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="held_reason",
            field=models.CharField(blank=True, help_text="Why it waited longer than was wished.", max_length=200),
        ),
        migrations.AddField(
            model_name="message",
            name="is_discreet",
            field=models.BooleanField(default=False, help_text="No words by push, SMS and call."),
        ),
        migrations.AddField(
            model_name="message",
            name="is_follow_up",
            field=models.BooleanField(default=False, help_text="A later rule of its chain, not the first."),
        ),
        migrations.AddField(
            model_name="message",
            name="series",
            field=models.CharField(blank=True, help_text="What says the same again; a page's own.", max_length=180),
        ),
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
                    ],
                    max_length=20,
                ),
                default=list,
                size=None,
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("user__isnull", False)), fields=["series", "user"], name="message_series"
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("status", "sent")), fields=["contact_point", "sent_at"], name="message_left"
            ),
        ),
    ]
