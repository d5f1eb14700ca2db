"""Words for others, with the moment of the next ones printed in them."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.models import User
from core.history import written_once
from incidents.enums import IncidentStatus
from incidents.models.incident import Incident
from incidents.models.timeline import TimelineEntry


class StatusUpdateQuerySet(models.QuerySet[Any]):
    """Status updates, by what they say."""

    def said_inside(self) -> Self:
        """Those that people inside were told, newest first; not what only the public was told."""
        return self.filter(entry__facts__has_key="told").order_by("-posted_at", "-pk")

    def with_substance(self) -> Self:
        """Those that say where it stands, newest first: neither “no change” nor what only the public was told."""
        return self.said_inside().filter(is_no_change=False)


class StatusUpdate(models.Model):
    """One status update as it went out."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="status_updates")
    entry = models.OneToOneField(TimelineEntry, on_delete=models.PROTECT, related_name="status_update")
    status = models.CharField(max_length=14, choices=IncidentStatus.choices)
    text = models.TextField()
    impact = models.TextField(blank=True)
    action = models.TextField(blank=True, help_text="What we do about it.")
    cause = models.TextField(blank=True, help_text="As far as it is known.")
    eta = models.CharField(max_length=200, blank=True, help_text="When it should be over, in words.")
    public_text = models.TextField(blank=True, help_text="What became public, as it stood there.")
    told_public_at = models.DateTimeField(null=True, blank=True)
    brief = models.TextField(blank=True, help_text="What executives were told.")
    next_by = models.DateTimeField(null=True, blank=True, help_text="The promised next one.")
    is_no_change = models.BooleanField(default=False)
    told_where = models.JSONField(default=list, help_text="Names of the standing channels it went to.")
    posted_at = models.DateTimeField()
    posted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = StatusUpdateQuerySet.as_manager()

    class Meta:
        ordering = ["incident", "-posted_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(public_text="", told_public_at__isnull=True)
                | (~Q(public_text="") & Q(told_public_at__isnull=False)),
                name="status_update_public_has_its_moment",
            )
        ]
        triggers = written_once(later=["public_text", "told_public_at", "brief"])

    def __str__(self) -> str:
        return f"{self.incident.reference}: {self.text[:60]}"
