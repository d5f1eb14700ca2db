"""Flags that people raise in the room, and the matrix that says who hears of what, and when."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.fields import DurationTextField
from incidents.enums import FlagAsked
from incidents.models.ladder.version import FROZEN, LadderVersion


class Flag(models.Model):
    """Something that is so or not, in the whole incident: breach suspected, user data affected, the API concerned."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="flags")
    position = models.PositiveSmallIntegerField()
    slug = models.SlugField()
    name = models.CharField(max_length=80)
    question = models.CharField(max_length=200, blank=True, help_text="Like “Is data at risk?”")
    asked = models.CharField(
        max_length=10,
        choices=FlagAsked.choices,
        default=FlagAsked.TRIAGE,
        help_text="When: in the first minutes, or once it is resolved, like “Had we never seen it fail this way?”",
    )
    makes_private = models.BooleanField(
        default=False, help_text="Raising it makes the incident private and freezes every unsent public message."
    )
    is_new_failure = models.BooleanField(
        default=False,
        help_text="Raising it owes other words in the runbooks that were taken up, or a runbook where none was.",
    )

    class Meta:
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "slug"], name="flag_once")]
        triggers = FROZEN

    def __str__(self) -> str:
        return self.name


class EscalationRule(models.Model):
    """One row of the matrix: a condition, whom it reaches, and what is expected of them."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="escalations")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    levels = ArrayField(models.CharField(max_length=20), default=list, blank=True, help_text="None: at every level.")
    unresolved_after = DurationTextField(help_text="It is not resolved so long after it came to these levels.")
    flag = models.SlugField(blank=True, help_text="This flag is up.")
    revenue_over = models.PositiveIntegerField(null=True, blank=True, help_text="More revenue than this is lost.")
    policies = ArrayField(models.SlugField(), default=list, help_text="Escalation policies that are rung.")
    expected = models.CharField(max_length=200, blank=True, help_text="What is expected of them.")

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="escalation_rule_once"),
            models.CheckConstraint(
                condition=(~Q(unresolved_after="") & Q(flag="", revenue_over__isnull=True))
                | (Q(unresolved_after="", revenue_over__isnull=True) & ~Q(flag=""))
                | Q(unresolved_after="", flag="", revenue_over__isnull=False),
                name="escalation_rule_has_one_condition",
            ),
        ]
        triggers = FROZEN

    def __str__(self) -> str:
        return self.name
