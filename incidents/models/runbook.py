"""Scenario runbooks that somebody took up in one incident."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from core.history import written_once
from incidents.models.incident import Incident
from incidents.models.ladder import Runbook


class IncidentRunbook(models.Model):
    """A runbook taken up in an incident. Its row in the policy's version never changes, so it is the copy."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="runbooks")
    runbook = models.ForeignKey(Runbook, on_delete=models.PROTECT, related_name="+")
    taken_up_at = models.DateTimeField()
    taken_up_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    was_new_at = models.DateTimeField(null=True, blank=True, help_text="The failure was new: it needs other words.")

    class Meta:
        ordering = ["incident", "taken_up_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "runbook"], name="incident_runbook_once"),
            models.CheckConstraint(
                condition=Q(was_new_at__isnull=True) | Q(was_new_at__gte=models.F("taken_up_at")),
                name="incident_runbook_new_after_taken_up",
            ),
        ]
        triggers = written_once(later=["was_new_at"])

    def __str__(self) -> str:
        return f"{self.runbook} in {self.incident.reference}"
