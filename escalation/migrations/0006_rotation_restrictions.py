import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.fields
import escalation.models.business_hours


class Migration(migrations.Migration):
    dependencies = [
        ("escalation", "0005_page_held"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="rotation",
            name="rotation_unit_known",
        ),
        migrations.AddField(
            model_name="rotation",
            name="active_days",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(),
                blank=True,
                default=list,
                help_text="Where the unit counts active days or calendar weeks or months: the days on which a shift begins.",
                size=None,
                validators=[escalation.models.business_hours.validate_weekdays],
            ),
        ),
        migrations.AddField(
            model_name="rotation",
            name="hours",
            field=models.ForeignKey(
                blank=True,
                help_text="On call in these business hours, beside the times above.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rotations",
                to="escalation.businesshours",
            ),
        ),
        migrations.AddField(
            model_name="rotation",
            name="restrictions",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=core.fields.WindowField(max_length=60),
                blank=True,
                default=list,
                help_text="On call only in these times of the week; empty: always.",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="rotation",
            name="shift_length",
            field=core.fields.DurationTextField(
                blank=True,
                default="",
                help_text="How long a shift lasts, like 12 h, when it is over before the next begins; empty: until the next.",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="rotation",
            name="starts_at",
            field=models.DateTimeField(
                blank=True,
                help_text="Nobody is on call before it; turns are counted from the first hand-off.",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="rotation",
            name="length",
            field=models.PositiveSmallIntegerField(default=1, help_text="How many units a turn lasts."),
        ),
        migrations.AlterField(
            model_name="rotation",
            name="unit",
            field=models.CharField(
                choices=[
                    ("minutes", "minutes"),
                    ("hours", "hours"),
                    ("days", "days"),
                    ("weeks", "weeks"),
                    ("months", "months"),
                    ("active_days", "active days"),
                    ("calendar_weeks", "calendar weeks"),
                    ("calendar_months", "calendar months"),
                ],
                default="weeks",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="rotation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "unit__in",
                        [
                            "minutes",
                            "hours",
                            "days",
                            "weeks",
                            "months",
                            "active_days",
                            "calendar_weeks",
                            "calendar_months",
                        ],
                    )
                ),
                name="rotation_unit_known",
            ),
        ),
    ]
