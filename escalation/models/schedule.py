"""Who is on call when: rotations in layers, and overrides on top.

Layers of single shifts are in fixed_layer.py, plans that replace a whole span in temporary_schedule.py.
"""

from datetime import date, timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from accounts.models import Team, User
from accounts.models.user import validate_zone
from core.constraints import paired
from core.fields import DurationsTextField, DurationTextField, WindowField
from core.moments import YEARS, parse_durations
from escalation.enums import OverrideKind, ShiftUnit
from escalation.models.business_hours import BusinessHours, validate_weekdays

BY_DAY = {ShiftUnit.ACTIVE_DAYS, ShiftUnit.CALENDAR_WEEKS, ShiftUnit.CALENDAR_MONTHS}
SHORTEST_TURN = 15


class Schedule(models.Model):
    """A named line of who is on call, made of rotations (layers) and overrides."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=200, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    team = models.ForeignKey(
        Team,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="schedules",
        help_text="Whose it is: they are told every week how it stands; without a team the admins are.",
    )
    notices = DurationsTextField(
        default="24 h, 1 h",
        help_text="How long before a shift its people are told: “24 h, 1 h”. Empty: only as it begins.",
    )
    notice_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the sweep looks at its shifts next; empty: at once."
    )
    report_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When it is told next how it stands; empty: not settled yet."
    )

    class Meta:
        ordering = ["name"]
        indexes = [
            # Read by escalation.actions.shift_notice.notice_shifts.
            models.Index(fields=["notice_at"], name="schedule_notice"),
            # Read by escalation.actions.health.report_health.
            models.Index(fields=["report_at"], name="schedule_report"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def leads(self) -> list[timedelta]:
        """`notices` as durations."""
        return parse_durations(self.notices)


class Rotation(models.Model):
    """One layer: people who take turns. The higher rank wins; equal ranks are on call together."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="rotations")
    name = models.CharField(max_length=120, default="Weekly")
    rank = models.PositiveSmallIntegerField(default=0, help_text="The higher rank wins; equal ranks share.")
    unit = models.CharField(max_length=16, choices=ShiftUnit.choices, default=ShiftUnit.WEEKS)
    length = models.PositiveSmallIntegerField(default=1, help_text="How many units a turn lasts.")
    starts_on = models.DateField(help_text="The local day of the first hand-off; nobody is on call before it.")
    hands_off_at = models.TimeField(help_text="Local wall time of every hand-off; it stays over a clock change.")
    active_days = ArrayField(
        models.PositiveSmallIntegerField(),
        default=list,
        blank=True,
        validators=[validate_weekdays],
        help_text="Where the unit counts active days or calendar weeks or months: the days on which a shift begins.",
    )
    shift_length = DurationTextField(
        help_text="How long a shift lasts, like 12 h, when it is over before the next begins; empty: until the next."
    )
    restrictions = ArrayField(
        WindowField(), default=list, blank=True, help_text="On call only in these times of the week; empty: always."
    )
    hours = models.ForeignKey(
        BusinessHours,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="rotations",
        help_text="On call in these business hours, beside the times above.",
    )
    starts_at = models.DateTimeField(
        null=True, blank=True, help_text="Nobody is on call before it; turns are counted from the first hand-off."
    )
    ends_at = models.DateTimeField(null=True, blank=True, help_text="Nobody is on call from here on; empty: for ever.")
    time_zone = models.CharField(
        max_length=64, blank=True, validators=[validate_zone], help_text="Empty: the zone of the schedule."
    )
    members = models.ManyToManyField(User, through="RotationMember", related_name="rotations")

    class Meta:
        ordering = ["schedule", "-rank", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(length__gte=1), name="rotation_length_positive"),
            models.CheckConstraint(condition=Q(unit__in=ShiftUnit.values), name="rotation_unit_known"),
        ]

    def __str__(self) -> str:
        return f"{self.schedule}: {self.name}"

    def clean(self) -> None:
        """Refuse what would never put anybody on call, or says something that its unit does not read."""
        starts_on: date | None = self.starts_on  # a form that could not read a field leaves it empty
        length: int | None = self.length
        if starts_on is not None and starts_on.year not in YEARS:
            raise ValidationError({"starts_on": f"A hand-off lies between {YEARS[0]} and {YEARS[-1]}."})
        if self.unit == ShiftUnit.MINUTES and length is not None and length < SHORTEST_TURN:
            raise ValidationError({"length": f"A turn lasts at least {SHORTEST_TURN} minutes."})
        if self.active_days and self.unit not in BY_DAY:
            raise ValidationError(
                {"active_days": "Only turns by active days, calendar weeks or calendar months name days; empty it."}
            )
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": "This rotation ends before it is seen, so nobody is ever on call."})


class RotationMember(models.Model):
    """One place in the turn. The same position twice: both are on call together."""

    rotation = models.ForeignKey(Rotation, on_delete=models.CASCADE, related_name="places")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="rotation_places")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["rotation", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["rotation", "position", "user"], name="rotation_place_once")]

    def __str__(self) -> str:
        return f"{self.user} at {self.position} of {self.rotation}"


class Override(models.Model):
    """A span in which somebody else is on call; the newest wins."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="overrides")
    kind = models.CharField(max_length=8, choices=OverrideKind.choices, default=OverrideKind.COVER)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="overrides")
    replaced = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="override_ends_after_start"),
            models.CheckConstraint(
                condition=Q(kind__in=[OverrideKind.COVER, OverrideKind.ADD], user__isnull=False, replaced__isnull=True)
                | Q(kind=OverrideKind.REPLACE, user__isnull=False, replaced__isnull=False)
                | Q(kind=OverrideKind.REMOVE, user__isnull=True, replaced__isnull=False),
                name="override_names_whom_its_kind_needs",
            ),
            paired("override", "cancelled_at", "cancelled_by"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.user or self.replaced} in {self.schedule}"
