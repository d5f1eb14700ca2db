"""A calendar kept somewhere else that is a layer here: an address that is asked again and again, or a file."""

from datetime import datetime
from typing import Self
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.models.user import validate_zone
from escalation.models.fixed_layer import FixedLayer


class CalendarSourceQuerySet(models.QuerySet["CalendarSource"]):
    """What the sweep asks."""

    def due(self, now: datetime) -> Self:
        """Those whose next reading has come."""
        return self.filter(wake_at__lte=now)


class CalendarSource(models.Model):
    """Where the shifts of `layer` come from. `text` is the last good copy: it counts until there is a better one.

    `failing_since` and `failure` are set together while the latest readings fail. `unknown` are the names that nobody
    here has, each with the start of the first shift that gives it: [[name, ISO moment], …].
    """

    layer = models.OneToOneField(FixedLayer, on_delete=models.CASCADE, related_name="source")
    url = models.URLField(blank=True, max_length=500, help_text="Empty: it was a file.")
    time_zone = models.CharField(max_length=64, validators=[validate_zone])
    text = models.TextField(blank=True)
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=64, blank=True)
    unknown = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField(null=True, blank=True, help_text="When a good copy was last seen.")
    wake_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)

    objects = CalendarSourceQuerySet.as_manager()

    class Meta:
        ordering = ["layer"]
        indexes = [
            # Read by escalation.actions.calendar_source.read_due_calendars.
            models.Index(fields=["wake_at"], name="calendar_source_wake", condition=Q(wake_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(failing_since__isnull=True, failure="") | Q(failing_since__isnull=False) & ~Q(failure=""),
                name="calendar_source_failure_paired",
            )
        ]

    def __str__(self) -> str:
        return f"Calendar of {self.layer}"

    @property
    def host(self) -> str:
        """What of its address may be shown: the rest is often a key."""
        return urlsplit(self.url).hostname or ""

    @property
    def unknowns(self) -> list[tuple[str, datetime]]:
        """The names that nobody here has, each with the first moment of a shift that gives it."""
        return [(name, datetime.fromisoformat(at)) for name, at in self.unknown]
