"""A sweep writes down when it saw that the clock had been set back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Both columns empty at first."""

    dependencies = [("comms", "0018_delivery_their_key")]

    operations = [
        migrations.AddField(
            model_name="enginetick",
            name="set_back_at",
            field=models.DateTimeField(
                blank=True, help_text="When the sweep last saw that the clock had been set back.", null=True
            ),
        ),
        migrations.AddField(
            model_name="enginetick",
            name="set_back_by",
            field=models.DurationField(blank=True, help_text="By how much, as far as the sweep can know.", null=True),
        ),
        migrations.AddConstraint(
            model_name="enginetick",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("set_back_at__isnull", True), ("set_back_by__isnull", True)),
                    models.Q(("set_back_at__isnull", False), ("set_back_by__isnull", False)),
                    _connector="OR",
                ),
                name="enginetick_set_back_at_paired",
            ),
        ),
    ]
