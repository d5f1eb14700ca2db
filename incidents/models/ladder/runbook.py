"""Runbooks by scenario: quick actions, critical decisions on a clock, and who is told at once."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.fields import DurationTextField
from incidents.models.ladder.version import FROZEN, LadderVersion


class Runbook(models.Model):
    """A scenario. An incident keeps the one of its version: that row never changes, so it is the copy."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="runbooks")
    position = models.PositiveSmallIntegerField()
    slug = models.SlugField()
    name = models.CharField(max_length=120)
    symptoms = models.CharField(max_length=400, blank=True, help_text="How it looks.")
    level = models.CharField(max_length=20, blank=True, help_text="The level that it is declared at.")
    levels = ArrayField(models.CharField(max_length=20), default=list, blank=True, help_text="Pinned at these levels.")
    services = ArrayField(models.SlugField(), default=list, blank=True, help_text="Pinned for these services.")
    link = models.CharField(max_length=500, blank=True, help_text="Where the long one stands.")
    flag = models.SlugField(blank=True, help_text="Raised with it: “breach-suspected”.")
    pages = ArrayField(models.SlugField(), default=list, blank=True, help_text="Escalation policies rung at once.")
    act_after = DurationTextField(help_text="Nothing to do unless it lasts longer than this.")
    customers = models.CharField(max_length=400, blank=True, help_text="A line for customers.")

    class Meta:
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "slug"], name="runbook_once")]
        triggers = FROZEN

    def __str__(self) -> str:
        return self.name


class QuickAction(models.Model):
    """One line of what to do, ticked like an item of a checklist."""

    runbook = models.ForeignKey(Runbook, on_delete=models.CASCADE, related_name="actions")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    command = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["runbook", "position"]
        constraints = [models.UniqueConstraint(fields=["runbook", "position"], name="quick_action_position_once")]
        triggers = FROZEN

    def __str__(self) -> str:
        return self.text


class CriticalDecision(models.Model):
    """What must be decided within a time; undecided it escalates."""

    runbook = models.ForeignKey(Runbook, on_delete=models.CASCADE, related_name="decisions")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    within = DurationTextField(blank=False, help_text="From when the runbook was taken up.")
    escalate_policy = models.SlugField(blank=True, help_text="Rung when nobody has decided by then.")

    class Meta:
        ordering = ["runbook", "position"]
        constraints = [
            models.UniqueConstraint(fields=["runbook", "position"], name="critical_decision_position_once"),
            models.CheckConstraint(condition=~Q(within=""), name="critical_decision_has_its_time"),
        ]
        triggers = FROZEN

    def __str__(self) -> str:
        return self.text
