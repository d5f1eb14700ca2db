"""When an organisation is at its desk: the hours by which rotations and steps of policies may be restricted."""

from datetime import time
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from accounts.models.user import validate_zone
from core.targets import BusinessCalendar


def every_workday() -> list[int]:
    """Monday to Friday."""
    return [1, 2, 3, 4, 5]


def validate_weekdays(value: list[int]) -> None:
    """Refuse a day that no week has, or one that is named twice."""
    if any(day not in range(1, 8) for day in value):
        raise ValidationError("Weekdays are numbers from 1 (Monday) to 7 (Sunday).")
    if len(set(value)) != len(value):
        raise ValidationError("A weekday is named twice.")


class BusinessHours(models.Model):
    """Working hours by name. `workdays` are ISO weekdays; a close not after the opening lies on the next day."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    workdays = ArrayField(
        models.PositiveSmallIntegerField(),
        default=every_workday,
        validators=[validate_weekdays],
        help_text="The days on which it opens.",
    )
    opens_at = models.TimeField(default=time(9, 0), help_text="Local wall time; it stays over a clock change.")
    closes_at = models.TimeField(
        default=time(17, 0),
        help_text="Local wall time. Not after the opening: on the next day; the same time: 24 hours.",
    )
    holidays = ArrayField(models.DateField(), default=list, blank=True, help_text="Days on which it does not open.")

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "business hours"
        constraints = [
            models.CheckConstraint(
                condition=Q(workdays__contained_by=[1, 2, 3, 4, 5, 6, 7], workdays__len__gte=1),
                name="business_hours_workdays_known",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def calendar(self) -> BusinessCalendar:
        """As data: `is_open_at(moment)` answers."""
        return BusinessCalendar(
            zone=ZoneInfo(self.time_zone),
            workdays=tuple(self.workdays),
            holidays=tuple(self.holidays),
            opens_at=self.opens_at,
            closes_at=self.closes_at,
        )
