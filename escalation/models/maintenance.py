"""Maintenance: somebody works on these services, so what machines say about them may wait."""

import secrets
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from core.constraints import paired
from escalation.models.service import Service

LONGEST = timedelta(hours=4)
LONGER = tuple(timedelta(minutes=minutes) for minutes in (30, 60, 120))


def new_ref() -> str:
    """A name for addresses."""
    return secrets.token_hex(4)


class MaintenanceWindowQuerySet(models.QuerySet["MaintenanceWindow"]):
    """What the engine and the pages ask."""

    def running(self, now: datetime) -> Self:
        """Windows that hold pages at `now`."""
        return self.filter(starts_at__lte=now, ends_at__gt=now, ended_at__isnull=True)

    def coming(self, now: datetime) -> Self:
        """Windows that have not begun."""
        return self.filter(starts_at__gt=now, ended_at__isnull=True)

    def over(self, now: datetime) -> Self:
        """Windows that ran out or were ended."""
        return self.filter(Q(ended_at__isnull=False) | Q(ends_at__lte=now))


class MaintenanceWindow(models.Model):
    """A span in which pages that machines start about `services` wait. It runs out by itself: nobody has to end it.

    It never holds what a person started, and never longer than LONGEST (product.md, rule of safety 4).
    """

    ref = models.CharField(max_length=12, unique=True, default=new_ref, editable=False)
    services = models.ManyToManyField(Service, related_name="maintenance_windows")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="At most 4 hours after the start.")
    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When somebody ended it before its time.")
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    extended_at = models.DateTimeField(null=True, blank=True, help_text="When its end was last moved.")
    extended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = MaintenanceWindowQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-pk"]
        indexes = [
            # Read by escalation.queries.maintenance.
            models.Index(fields=["ends_at"], name="maintenance_open", condition=Q(ended_at__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at"), ends_at__lte=F("starts_at") + LONGEST),
                name="maintenance_lasts_four_hours_at_most",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="maintenance_has_a_reason"),
            paired("maintenancewindow", "ended_at", "ended_by"),
            paired("maintenancewindow", "extended_at", "extended_by"),
        ]

    def __str__(self) -> str:
        return f"Maintenance from {self.starts_at:%Y-%m-%d %H:%M %Z}: {self.reason}"

    @property
    def latest_end(self) -> datetime:
        """Until when it may last."""
        return self.starts_at + LONGEST

    @property
    def later_ends(self) -> list[datetime]:
        """The ends that are offered instead of its own: none when it lasts as long as it may."""
        ends = {min(self.ends_at + longer, self.latest_end) for longer in LONGER}
        return sorted(end for end in ends if end > self.ends_at)
