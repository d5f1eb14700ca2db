"""A hypothesis: what may be behind it, what speaks for it, and how to find out."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from core.constraints import by_at
from core.history import written_once
from incidents.enums import HypothesisStatus, LineKind
from incidents.models.incident import Incident


class Hypothesis(models.Model):
    """One idea of the cause. `number` counts within the incident; its history is in the timeline."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="hypotheses")
    number = models.PositiveIntegerField()
    text = models.CharField(max_length=300)
    status = models.CharField(max_length=12, choices=HypothesisStatus.choices, default=HypothesisStatus.OPEN)
    confidence = models.PositiveSmallIntegerField(null=True, blank=True, help_text="In percent: 0 to 100.")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField(help_text="When its status was last set.")

    class Meta:
        ordering = ["incident", "number"]
        verbose_name_plural = "hypotheses"
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="hypothesis_number_once"),
            models.CheckConstraint(condition=Q(status__in=HypothesisStatus.values), name="hypothesis_status_known"),
            models.CheckConstraint(
                condition=Q(confidence__isnull=True) | Q(confidence__lte=100), name="hypothesis_confidence_in_percent"
            ),
        ]
        triggers = written_once(free=["status", "confidence", "changed_at"])

    def __str__(self) -> str:
        return f"Hypothesis {self.number} of {self.incident.reference}: {self.text}"


class HypothesisLine(models.Model):
    """One piece of evidence, or one step that is ticked once it was taken. `number` counts within the hypothesis."""

    hypothesis = models.ForeignKey(Hypothesis, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=LineKind.choices)
    text = models.CharField(max_length=300)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["hypothesis", "number"]
        constraints = [
            models.UniqueConstraint(fields=["hypothesis", "number"], name="hypothesis_line_once"),
            models.CheckConstraint(condition=Q(kind__in=LineKind.values), name="hypothesis_line_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=LineKind.STEP) | Q(done_at__isnull=True), name="hypothesis_line_only_steps_are_done"
            ),
            by_at("hypothesisline", "done"),
        ]
        triggers = written_once(later=["done_at", "done_by"])

    def __str__(self) -> str:
        return self.text
