import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("escalation", "0006_rotation_restrictions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FixedLayer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(default="Single shifts", max_length=120)),
                (
                    "rank",
                    models.PositiveSmallIntegerField(default=0, help_text="The higher rank wins; equal ranks share."),
                ),
            ],
            options={
                "ordering": ["schedule", "-rank", "pk"],
            },
        ),
        migrations.CreateModel(
            name="FixedShift",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["starts_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="TemporarySchedule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        help_text="What people see in place of the layer, like “Christmas”.", max_length=120
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["starts_at", "pk"],
            },
        ),
        migrations.AddField(
            model_name="fixedlayer",
            name="schedule",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="fixed_layers", to="escalation.schedule"
            ),
        ),
        migrations.AddField(
            model_name="fixedshift",
            name="layer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="shifts",
                to="escalation.fixedlayer",
            ),
        ),
        migrations.AddField(
            model_name="fixedshift",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="fixed_shifts", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="temporaryschedule",
            name="cancelled_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="temporaryschedule",
            name="created_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="temporaryschedule",
            name="schedule",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="temporary_schedules",
                to="escalation.schedule",
            ),
        ),
        migrations.AddField(
            model_name="fixedshift",
            name="temporary",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="shifts",
                to="escalation.temporaryschedule",
            ),
        ),
        migrations.AddConstraint(
            model_name="temporaryschedule",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="temporary_ends_after_start"
            ),
        ),
        migrations.AddConstraint(
            model_name="temporaryschedule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cancelled_at__isnull", True), ("cancelled_by__isnull", True)),
                    models.Q(("cancelled_at__isnull", False), ("cancelled_by__isnull", False)),
                    _connector="OR",
                ),
                name="temporaryschedule_cancelled_at_paired",
            ),
        ),
        migrations.AddConstraint(
            model_name="fixedshift",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="fixed_shift_ends_after_start"
            ),
        ),
        migrations.AddConstraint(
            model_name="fixedshift",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("layer__isnull", False), ("temporary__isnull", True)),
                    models.Q(("layer__isnull", True), ("temporary__isnull", False)),
                    _connector="OR",
                ),
                name="fixed_shift_belongs_to_one",
            ),
        ),
    ]
