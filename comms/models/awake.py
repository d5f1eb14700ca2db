"""Somebody is awake and looks: for a while, what they have seen already comes quietly."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.models import User

LONGEST = timedelta(hours=12)


class AwakeSpanQuerySet(models.QuerySet["AwakeSpan"]):
    """Who is awake."""

    def running(self, now: datetime) -> Self:
        """Spans that count at `now`."""
        return self.filter(starts_at__lte=now, ends_at__gt=now, ended_at__isnull=True)


class AwakeSpan(models.Model):
    """“I am awake”: from `starts_at` until `ends_at`, or until its person ended it.

    Each page's first message to them rings all the same; repeats come bundled, and quietly. It runs out by itself.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="awake_spans")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When it was ended before its time or replaced.")

    objects = AwakeSpanQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_at__isnull=True), name="awakespan_one_that_stands"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at"), ends_at__lte=F("starts_at") + LONGEST),
                name="awakespan_lasts_twelve_hours_at_most",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} awake until {self.ends_at:%Y-%m-%d %H:%M %Z}"
