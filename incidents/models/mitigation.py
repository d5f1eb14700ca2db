"""A mitigation that somebody carries out: what, with which command, and what became of it. Muster never runs it."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from core.constraints import by_at
from core.history import written_once
from incidents.enums import MitigationOutcome
from incidents.models.incident import Incident
from incidents.models.ladder import MitigationOption


class Mitigation(models.Model):
    """One way to stop the bleeding, as it was taken in this incident. `number` counts within it.

    `option` is the row of the catalogue that it came from, if any; `command` and `way_back` are filled in and quoted
    for the shell, to be copied. `undoes` is the mitigation that this one rolls back.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="mitigations")
    number = models.PositiveIntegerField()
    option = models.ForeignKey(MitigationOption, on_delete=models.PROTECT, null=True, blank=True, related_name="uses")
    name = models.CharField(max_length=200)
    command = models.TextField(blank=True)
    way_back = models.TextField(blank=True, help_text="The command that undoes it.")
    target = models.CharField(max_length=200, blank=True, help_text="What is seen when it works.")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    check_at = models.DateTimeField(null=True, blank=True, help_text="When somebody looks whether it worked.")
    outcome = models.CharField(max_length=10, choices=MitigationOutcome.choices, blank=True)
    outcome_at = models.DateTimeField(null=True, blank=True)
    outcome_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    remaining = models.CharField(max_length=300, blank=True, help_text="What is left when it helped in part.")
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by")

    class Meta:
        ordering = ["incident", "number"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="mitigation_number_once"),
            models.CheckConstraint(
                condition=Q(outcome="", outcome_at__isnull=True)
                | Q(outcome__in=MitigationOutcome.values, outcome_at__isnull=False),
                name="mitigation_outcome_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(remaining="") | Q(outcome=MitigationOutcome.PARTIAL),
                name="mitigation_remaining_of_partial",
            ),
            by_at("mitigation", "outcome"),
        ]
        triggers = written_once(free=["outcome", "outcome_at", "outcome_by", "remaining"])

    def __str__(self) -> str:
        return f"Mitigation {self.number} of {self.incident.reference}: {self.name}"

    @property
    def subject_key(self) -> str:
        """What its promise calls it."""
        return f"mitigation:{self.number}"
