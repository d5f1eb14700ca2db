"""Phases of a response: their time boxes, checklists and verification points, and what to do when stuck."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.fields import DurationTextField
from incidents.enums import Evidence, Gate, ItemKind, PhaseAnchor
from incidents.models.ladder.version import FROZEN, LadderVersion


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
