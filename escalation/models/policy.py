"""Whom to ring, in which order, how long to wait."""

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.models import Team, User
from escalation.enums import TargetKind
from escalation.models.schedule import Schedule


class Policy(models.Model):
    """An escalation policy: steps, and how often they are gone through again."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=300, blank=True)
    repeats = models.PositiveSmallIntegerField(default=0, help_text="Passes after the first.")
    last_resort = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="last_resort_of",
        help_text="Rung when every pass is over and nobody has answered.",
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "policies"

    def __str__(self) -> str:
        return self.name


class PolicyStep(models.Model):
    """Ring these, then wait before the next step."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    wait_seconds = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="How long before the next step. Empty: the level's acknowledge-within, else 5 minutes.",
    )

    class Meta:
        ordering = ["policy", "position"]
        constraints = [models.UniqueConstraint(fields=["policy", "position"], name="policy_step_position_once")]

    def __str__(self) -> str:
        return f"Step {self.position} of {self.policy}"


def _only(kind: TargetKind, named: str) -> Q:
    """The row is of `kind` and names exactly what that kind needs."""
    condition = Q(kind=kind)
    for field in ("user", "schedule", "team"):
        condition &= Q(**{f"{field}__isnull": field != named})
    for field in ("role", "url"):
        condition &= ~Q(**{field: ""}) if field == named else Q(**{field: ""})
    return condition


class StepTarget(models.Model):
    """One target of a step: a person, who is on call, a team, a role of the incident, or a webhook."""

    step = models.ForeignKey(PolicyStep, on_delete=models.CASCADE, related_name="targets")
    kind = models.CharField(max_length=8, choices=TargetKind.choices)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    turn = models.PositiveSmallIntegerField(
        default=0, help_text="With a schedule: 0 is who is on call now, 1 who comes next in the rotation."
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    role = models.SlugField(blank=True)
    url = models.URLField(blank=True)

    class Meta:
        ordering = ["step", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=_only(TargetKind.PERSON, "user")
                | _only(TargetKind.ON_CALL, "schedule")
                | _only(TargetKind.TEAM, "team")
                | _only(TargetKind.ROLE, "role")
                | _only(TargetKind.WEBHOOK, "url"),
                name="step_target_names_what_its_kind_needs",
            )
        ]

    def __str__(self) -> str:
        named: Any = self.user or self.schedule or self.team or self.role or self.url
        return f"{self.get_kind_display()}: {named}"
