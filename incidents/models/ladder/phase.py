"""Phases of a response: their time boxes, checklists and verification points, and what to do when stuck."""

from datetime import datetime
from typing import Protocol

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.fields import DurationTextField
from core.moments import parse_duration
from incidents.enums import Evidence, Gate, ItemKind, PhaseAnchor
from incidents.models.ladder.version import FROZEN, LadderVersion


class Anchored(Protocol):
    """What a time box counts from: an incident."""

    declared_at: datetime
    mitigated_at: datetime | None
    resolved_at: datetime | None


class Phase(models.Model):
    """A phase and its time box, counted from its anchor; phases may overlap, and one without an end has no box."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="phases")
    position = models.PositiveSmallIntegerField()
    slug = models.SlugField()
    name = models.CharField(max_length=80)
    anchor = models.CharField(max_length=12, choices=PhaseAnchor.choices, default=PhaseAnchor.DECLARED)
    begins_after = DurationTextField(help_text="The box begins so long after its anchor; empty: with it.")
    ends_after = DurationTextField(help_text="The box ends so long after its anchor; empty: no box.")
    output = models.CharField(max_length=300, blank=True, help_text="What there is when it is over.")

    class Meta:
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "slug"], name="phase_once")]
        triggers = FROZEN

    def __str__(self) -> str:
        return self.name

    def begins_at(self, incident: Anchored) -> datetime | None:
        """When the box begins; None while its anchor has not come."""
        return self._after(incident, self.begins_after)

    def ends_at(self, incident: Anchored) -> datetime | None:
        """When the box ends; None without an end, or while its anchor has not come."""
        return self._after(incident, self.ends_after) if self.ends_after else None

    def _after(self, incident: Anchored, span: str) -> datetime | None:
        moments = {
            PhaseAnchor.DECLARED: incident.declared_at,
            PhaseAnchor.MITIGATED: incident.mitigated_at,
            PhaseAnchor.RESOLVED: incident.resolved_at,
        }
        anchor = moments[PhaseAnchor(self.anchor)]
        return anchor + parse_duration(span) if anchor and span else anchor


class PhaseItem(models.Model):
    """A step or a verification point of a phase, at the levels that it names (none: at all)."""

    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    kind = models.CharField(max_length=8, choices=ItemKind.choices, default=ItemKind.STEP)
    levels = ArrayField(models.CharField(max_length=20), default=list, blank=True, help_text="None: at every level.")
    flag = models.SlugField(blank=True, help_text="Only while this flag is up.")
    within = DurationTextField(help_text="A time box of its own, from the beginning of the phase's.")
    role = models.SlugField(blank=True, help_text="The role that does it.")
    command = models.CharField(max_length=500, blank=True, help_text="To copy; {names} are filled in.")
    link = models.CharField(max_length=500, blank=True, help_text="Where it is done; {names} are filled in.")
    evidence = models.CharField(max_length=8, choices=Evidence.choices, default=Evidence.NONE)
    holds = models.CharField(max_length=8, choices=Gate.choices, default=Gate.NONE)

    class Meta:
        ordering = ["phase", "position"]
        constraints = [
            models.UniqueConstraint(fields=["phase", "position"], name="phase_item_position_once"),
            models.CheckConstraint(condition=~Q(text=""), name="phase_item_says_something"),
        ]
        triggers = FROZEN

    def __str__(self) -> str:
        return self.text

    def due_at(self, incident: Anchored) -> datetime | None:
        """When its own box is over; None without one, or while that of the phase has not begun to count."""
        begins = self.phase.begins_at(incident) if self.within else None
        return begins + parse_duration(self.within) if begins else None


class PhaseTrouble(models.Model):
    """What may go wrong in a phase, why, and what then."""

    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="troubles")
    position = models.PositiveSmallIntegerField()
    issue = models.CharField(max_length=200)
    cause = models.CharField(max_length=200, blank=True)
    remedy = models.CharField(max_length=300)

    class Meta:
        ordering = ["phase", "position"]
        constraints = [models.UniqueConstraint(fields=["phase", "position"], name="phase_trouble_position_once")]
        triggers = FROZEN

    def __str__(self) -> str:
        return self.issue
