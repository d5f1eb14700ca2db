"""The matrix in one incident: what will be rung when, what was, and what never will be."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from core.history import written_once
from incidents.models.incident import Incident
from incidents.models.ladder import EscalationRule


class IncidentEscalationQuerySet(models.QuerySet[Any]):
    """What the sweep and the room ask."""

    def waiting(self) -> Self:
        """Neither fired nor withdrawn."""
        return self.filter(fired_at__isnull=True, withdrawn_at__isnull=True)


class IncidentEscalation(models.Model):
    """One rule of the matrix in one incident; it fires at most once, whatever happens.

    `due_at` is the moment of a rule by time; one by flag or by amount fires in the press that made it true.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="escalations")
    rule = models.ForeignKey(EscalationRule, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True, help_text="Its condition cannot come true any more.")

    objects = IncidentEscalationQuerySet.as_manager()

    class Meta:
        ordering = ["incident", "due_at", "pk"]
        indexes = [
            # Read by incidents.actions.escalation.fire_due_escalations.
            models.Index(
                fields=["due_at"],
                name="incident_escalation_due",
                condition=Q(fired_at__isnull=True, withdrawn_at__isnull=True),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["incident", "rule"], name="incident_escalation_once"),
            models.CheckConstraint(
                condition=Q(fired_at__isnull=True) | Q(withdrawn_at__isnull=True),
                name="incident_escalation_fired_or_withdrawn",
            ),
        ]
        triggers = written_once(later=["fired_at"], free=["due_at", "withdrawn_at"])

    def __str__(self) -> str:
        return f"{self.rule} in {self.incident.reference}"
