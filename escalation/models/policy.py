"""Whom to ring, in which order, how long to wait."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from accounts.models import Team, User
from escalation.enums import HoursRule, TargetKind, UnmetRule
from escalation.models.business_hours import BusinessHours
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
    rings_until_answered = models.BooleanField(
        default=False,
        help_text="When nobody has answered at the end, begin from the top again, on all channels of everybody.",
    )
    answers_needed = models.PositiveSmallIntegerField(default=1, help_text="How many must answer.")
    silent_after_seconds = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Whoever answered and then shows no sign of life for so long is asked once; half as long after that "
        "it rings again from the top. Empty: as the level says.",
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "policies"
        constraints = [
            models.CheckConstraint(condition=Q(answers_needed__gte=1), name="policy_needs_an_answer"),
            models.CheckConstraint(
                condition=Q(silent_after_seconds__isnull=True) | Q(silent_after_seconds__gte=2),
                name="policy_silence_takes_time",
            ),
        ]

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
    answers_needed = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How many must answer once this step was rung. Empty: as the policy says."
    )
    worst_rank = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Only at levels of this rank or milder; the lower the rank, the worse."
    )
    mildest_rank = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Only at levels of this rank or worse: 1 rings at the ranks 0 and 1."
    )
    hours = models.ForeignKey(
        BusinessHours, on_delete=models.PROTECT, null=True, blank=True, related_name="steps", help_text="Empty: any."
    )
    hours_rule = models.CharField(max_length=8, choices=HoursRule.choices, default=HoursRule.INSIDE)
    more_than = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Only once it came up more than so many times …"
    )
    within_seconds = models.PositiveIntegerField(null=True, blank=True, help_text="… within so many seconds.")
    if_not_met = models.CharField(max_length=9, choices=UnmetRule.choices, default=UnmetRule.PASS_OVER)

    class Meta:
        ordering = ["policy", "position"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "position"], name="policy_step_position_once"),
            models.CheckConstraint(
                condition=Q(answers_needed__isnull=True) | Q(answers_needed__gte=1), name="policy_step_needs_an_answer"
            ),
            models.CheckConstraint(
                condition=Q(worst_rank__isnull=True)
                | Q(mildest_rank__isnull=True)
                | Q(worst_rank__lte=F("mildest_rank")),
                name="policy_step_ranks_in_order",
                violation_error_message="No level is milder than the first rank and worse than the second.",
            ),
            models.CheckConstraint(
                condition=Q(more_than__isnull=True, within_seconds__isnull=True)
                | Q(more_than__isnull=False, within_seconds__isnull=False, within_seconds__gte=1),
                name="policy_step_counts_within_a_span",
                violation_error_message="Say both: more than how many times, and within how many seconds.",
            ),
            models.CheckConstraint(condition=Q(hours_rule__in=HoursRule.values), name="policy_step_hours_rule_known"),
            models.CheckConstraint(condition=Q(if_not_met__in=UnmetRule.values), name="policy_step_if_not_met_known"),
        ]

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
