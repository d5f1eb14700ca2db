"""The catalogue of mitigations, and the table from symptom to likely cause."""

from django.db import models
from django.db.models import Q

from core.fields import DurationTextField
from incidents.enums import Risk
from incidents.models.ladder.version import FROZEN, LadderVersion


class MitigationOption(models.Model):
    """One way to stop the bleeding: when, how dangerous, how quick, and the command. Muster never runs it."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="mitigations")
    position = models.PositiveSmallIntegerField()
    slug = models.SlugField()
    name = models.CharField(max_length=80)
    when = models.CharField(max_length=200, blank=True)
    risk = models.CharField(max_length=8, choices=Risk.choices, blank=True)
    speed = models.CharField(max_length=60, blank=True, help_text="In words: minutes, 10-15 min.")
    command = models.TextField(blank=True, help_text="{names} are filled in by the person, quoted for the shell.")
    way_back = models.TextField(blank=True, help_text="The command that undoes it; {names} as in the command.")
    target = models.CharField(max_length=200, blank=True, help_text="What must be seen when it works.")
    watch_for = DurationTextField(help_text="So long after it was done somebody looks whether it worked.")

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "slug"], name="mitigation_option_once"),
            models.CheckConstraint(condition=Q(risk__in=["", *Risk.values]), name="mitigation_option_risk_known"),
        ]
        triggers = FROZEN

    def __str__(self) -> str:
        return self.name


class Symptom(models.Model):
    """What is seen, what is likely behind it, and where to look."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="symptoms")
    position = models.PositiveSmallIntegerField()
    symptom = models.CharField(max_length=200)
    cause = models.CharField(max_length=200)
    look = models.CharField(max_length=200, blank=True)
    mitigation = models.SlugField(blank=True, help_text="A mitigation of the catalogue that helps.")
    runbook = models.SlugField(blank=True, help_text="The runbook for it.")

    class Meta:
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "symptom"], name="symptom_once")]
        triggers = FROZEN

    def __str__(self) -> str:
        return self.symptom
