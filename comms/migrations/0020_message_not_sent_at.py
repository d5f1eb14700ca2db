"""When it was decided that a message is never sent."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Unknown for what was decided before."""

    dependencies = [("comms", "0019_tick_set_back")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="not_sent_at",
            field=models.DateTimeField(
                blank=True, help_text="When that was decided; empty for rows of before this was kept.", null=True
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("not_sent_at__isnull", True), ("status", "not_sent"), _connector="OR"),
                name="message_not_sent_at_is_of_not_sent",
            ),
        ),
    ]
