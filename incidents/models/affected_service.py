"""A service that an incident affects, and how it is."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from core.history import written_once
from escalation.models import Service
from incidents.enums import ServiceState
from incidents.models.incident import Incident


class AffectedService(models.Model):
    """How one service is now, as somebody last said; what it was before is in the timeline.

    `incident.service` stays the main one, with a row here once its state was said.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="affected_services")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=ServiceState.choices)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["incident", "service__name"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "service"], name="affected_service_once"),
            models.CheckConstraint(condition=Q(state__in=ServiceState.values), name="affected_service_state_known"),
        ]
        triggers = written_once(free=["state", "set_at", "set_by"])

    def __str__(self) -> str:
        return f"{self.service.slug} {self.get_state_display().lower()}"
