"""Chains: who is rung after whom, as the policy wants its escalation policies to be."""

from django.db import models

from core.fields import DurationTextField
from incidents.models.ladder.version import FROZEN, LadderVersion


class Chain(models.Model):
    """How one escalation policy that the ladder names is meant to ring."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="chains")
    position = models.PositiveSmallIntegerField()
    policy = models.SlugField(help_text="The escalation policy by its short name.")

    class Meta:
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "policy"], name="chain_once")]
        triggers = FROZEN

    def __str__(self) -> str:
        return self.policy


class ChainStep(models.Model):
    """One step: who is on call in a schedule now, or next, and how long they have."""

    chain = models.ForeignKey(Chain, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    who = models.CharField(max_length=80, help_text="In words: the next in the rotation.")
    schedule = models.SlugField(help_text="Who is on call in this schedule.")
    turn = models.PositiveSmallIntegerField(default=0, help_text="0: who is on call now; 1: who is next.")
    wait = DurationTextField(help_text="How long they have before the next step; empty: as the level says.")

    class Meta:
        ordering = ["chain", "position"]
        constraints = [models.UniqueConstraint(fields=["chain", "position"], name="chain_step_position_once")]
        triggers = FROZEN

    def __str__(self) -> str:
        return f"{self.chain}: {self.who}"
