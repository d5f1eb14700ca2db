"""A decision in one line, and when somebody looks whether it worked."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from core.constraints import by_at
from core.history import written_once
from incidents.enums import DecisionOutcome
from incidents.models.incident import Incident


class Decision(models.Model):
    """What was decided. `number` counts within the incident; `check_at` comes back as a promise."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="decisions")
    number = models.PositiveIntegerField()
    text = models.CharField(max_length=300)
    risk = models.CharField(max_length=200, blank=True)
    way_back = models.CharField(max_length=200, blank=True, help_text="How it is undone.")
    expected = models.CharField(max_length=200, blank=True, help_text="What is seen when it works.")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    check_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=DecisionOutcome.choices, blank=True)
    outcome_at = models.DateTimeField(null=True, blank=True)
    outcome_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["incident", "number"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="decision_number_once"),
            models.CheckConstraint(
                condition=Q(outcome="", outcome_at__isnull=True)
                | Q(outcome__in=DecisionOutcome.values, outcome_at__isnull=False),
                name="decision_outcome_has_its_moment",
            ),
            by_at("decision", "outcome"),
        ]
        triggers = written_once(free=["outcome", "outcome_at", "outcome_by"])

    def __str__(self) -> str:
        return f"Decision {self.number} of {self.incident.reference}: {self.text}"

    @property
    def subject_key(self) -> str:
        """What its promise calls it."""
        return f"decision:{self.number}"
