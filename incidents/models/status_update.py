"""Words for others, with the moment of the next ones printed in them."""

from django.db import models

from accounts.models import User
from incidents.enums import IncidentStatus
from incidents.models.incident import Incident
from incidents.models.timeline import TimelineEntry


class StatusUpdate(models.Model):
    """One status update as it went out."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="status_updates")
    entry = models.OneToOneField(TimelineEntry, on_delete=models.PROTECT, related_name="status_update")
    status = models.CharField(max_length=14, choices=IncidentStatus.choices)
    text = models.TextField()
    next_by = models.DateTimeField(null=True, blank=True, help_text="The promised next one.")
    is_no_change = models.BooleanField(default=False)
    told_where = models.JSONField(default=list, help_text="Names of the standing channels it went to.")
    posted_at = models.DateTimeField()
    posted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["incident", "-posted_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.incident.reference}: {self.text[:60]}"
