"""A span in which another plan counts than the rotations: the week of a move, the days of Christmas."""

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from core.constraints import paired
from escalation.models.schedule import Schedule


class TemporarySchedule(models.Model):
    """From `starts_at` to `ends_at` only its FixedShift rows count, and nobody is on call where there is none.

    Among the overrides of its schedule it has an age: an older one counts no more inside the span, a newer one has the
    last word over it. Like an override it is cancelled, never deleted.
    """

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="temporary_schedules")
    name = models.CharField(max_length=120, help_text="What people see in place of the layer, like “Christmas”.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="temporary_ends_after_start"),
            paired("temporaryschedule", "cancelled_at", "cancelled_by"),
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.schedule}"
