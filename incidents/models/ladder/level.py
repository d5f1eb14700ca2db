"""A level of severity, and what hangs on it: targets, pages, the team, duties."""

from datetime import timedelta
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.fields import DurationTextField, TargetField
from core.moments import parse_duration
from core.targets import Target
from incidents.enums import ChatMode, CommanderRule, PagedPolicy, PromiseKind, RoleSource, WatchOrder
from incidents.models.ladder.version import FROZEN, LadderVersion


class Level(models.Model):
    """One level of severity and what hangs on it. Rank 0 or 1 is the worst; a lower rank is worse."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="levels")
    name = models.CharField(max_length=20, help_text="As people say it: SEV1.")
    rank = models.PositiveSmallIntegerField(help_text="The lower, the worse.")
    criteria = models.CharField(max_length=400, help_text="What makes it this level.")
    examples = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    acknowledge_within = TargetField(help_text="How soon somebody must answer a page: “5 min”, “best effort”.")
    respond_within = TargetField(help_text="How soon work must have begun: “15 min”, “next business day”.")
    rings_until_answered = models.BooleanField(
        default=False, help_text="A page that nobody has answered at its end begins from the top again."
    )
    silent_after = DurationTextField(
        help_text="Whoever answered a page and is then silent for so long is asked, then rung anew: “30 min”."
    )
    commander_rule = models.CharField(max_length=16, choices=CommanderRule.choices, default=CommanderRule.FIRST_ANSWER)
    commander_schedule = models.SlugField(blank=True, help_text="With the rule “on call”: which schedule.")
    commander_backup = models.SlugField(
        blank=True,
        help_text="A schedule: who is on call there is rung, and commands once they answer, when nobody commands in "
        "time to acknowledge or whoever does is silent.",
    )
    tells_everyone = models.BooleanField(default=False, help_text="Everybody here is told when it is declared.")
    ticket_only = models.BooleanField(default=False, help_text="A ticket does; nobody has to declare an incident.")
    opens_ticket = models.BooleanField(default=False, help_text="A ticket is opened when it is declared.")
    status_document = models.BooleanField(default=False, help_text="A live status document is kept.")
    is_public = models.BooleanField(default=False, help_text="The public is told by default.")
    chat_mode = models.CharField(max_length=8, choices=ChatMode.choices, default=ChatMode.NONE)
    chat_channel = models.SlugField(blank=True, help_text="The standing channel, a subscription by name.")
    watch_order = models.CharField(max_length=16, choices=WatchOrder.choices, default=WatchOrder.NONE)
    watch_for = DurationTextField(help_text="How long it must stay quiet: “30 min”.")

    class Meta:
        ordering = ["version", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["version", "rank"], name="level_rank_once"),
            models.UniqueConstraint(fields=["version", "name"], name="level_name_once"),
            models.CheckConstraint(
                condition=(Q(watch_order=WatchOrder.NONE) & Q(watch_for=""))
                | (~Q(watch_order=WatchOrder.NONE) & ~Q(watch_for="")),
                name="level_watch_has_its_length",
            ),
            models.CheckConstraint(
                condition=~Q(commander_rule=CommanderRule.ON_CALL) | ~Q(commander_schedule=""),
                name="level_commander_rule_has_its_schedule",
            ),
        ]
        triggers = FROZEN

    def __str__(self) -> str:
        return self.name

    @property
    def watch_length(self) -> timedelta | None:
        """How long the watch lasts, or None for a level without one."""
        return parse_duration(self.watch_for) if self.watch_for else None

    @property
    def acknowledge_target(self) -> Target | None:
        """How soon a page must be answered."""
        return Target.parse(self.acknowledge_within) if self.acknowledge_within else None

    @property
    def silence(self) -> timedelta | None:
        """How long whoever answered may be silent, or None: nobody is asked."""
        return parse_duration(self.silent_after) if self.silent_after else None

    @property
    def respond_target(self) -> Target | None:
        """How soon work must have begun."""
        return Target.parse(self.respond_within) if self.respond_within else None


class LevelPage(models.Model):
    """One group that a level pages, with an acknowledgement of its own."""

    level = models.ForeignKey(Level, on_delete=models.CASCADE, related_name="pages")
    position = models.PositiveSmallIntegerField()
    group = models.CharField(max_length=80, help_text="In words: primary, EM on call.")
    policy_from = models.CharField(max_length=8, choices=PagedPolicy.choices, default=PagedPolicy.SERVICE)
    policy = models.SlugField(blank=True, help_text="With “a named policy”: its slug.")
    makes_commander = models.BooleanField(default=False, help_text="The first who answers it becomes commander.")
    answers_needed = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["level", "position"]
        constraints = [
            models.UniqueConstraint(fields=["level", "position"], name="level_page_position_once"),
            models.CheckConstraint(
                condition=Q(policy_from=PagedPolicy.SERVICE, policy="")
                | (Q(policy_from=PagedPolicy.NAMED) & ~Q(policy="")),
                name="level_page_names_its_policy",
            ),
        ]
        triggers = FROZEN

    def __str__(self) -> str:
        return f"{self.level} pages {self.group}"


class LevelRole(models.Model):
    """One seat of the response team at a level, and by which rule it is filled at the declaration."""

    level = models.ForeignKey(Level, on_delete=models.CASCADE, related_name="team")
    position = models.PositiveSmallIntegerField()
    role = models.SlugField(help_text="A role of the ladder.")
    source = models.CharField(max_length=16, choices=RoleSource.choices, default=RoleSource.NOBODY)
    schedule = models.SlugField(blank=True, help_text="With “on call”: which schedule.")
    duties = models.TextField(blank=True, help_text="What the role does at this level, beside its own duties.")

    class Meta:
        ordering = ["level", "position"]
        constraints = [
            models.UniqueConstraint(fields=["level", "role"], name="level_role_once"),
            models.CheckConstraint(
                condition=Q(source=RoleSource.ON_CALL) & ~Q(schedule="")
                | ~Q(source=RoleSource.ON_CALL) & Q(schedule=""),
                name="level_role_has_its_schedule",
            ),
        ]
        triggers = FROZEN

    def __str__(self) -> str:
        return f"{self.level}: {self.role}"


class Duty(models.Model):
    """What is owed at a level: what, by when, by whom, told where, and what if not.

    `within` counts from the anchor of its kind: the declaration for RESPOND, FIRST_UPDATE and PUBLIC_UPDATE, the one
    before for STATUS_UPDATE and EXECUTIVE_BRIEF, the resolution for CUSTOMER_EMAIL, POSTMORTEM and MEETING. After a
    PUBLIC_UPDATE the next is owed as often as a STATUS_UPDATE is, at a level without one as often as itself.
    """

    level = models.ForeignKey(Level, on_delete=models.CASCADE, related_name="duties")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16, choices=PromiseKind.choices)
    within = TargetField(blank=False, help_text="“30 min”, “48 h”, “next business day”.")
    owed_by = models.SlugField(default="commander", help_text="The role that owes it.")
    told_where = ArrayField(
        models.SlugField(), default=list, blank=True, help_text="Standing channels that receive it, by name."
    )
    remind_before = DurationTextField(help_text="The owner is reminded so long before: “5 min”.")
    deputy = models.SlugField(blank=True, help_text="The role that is told when it is late.")
    deputy_after = DurationTextField(help_text="How long after the moment the deputy is told.")
    escalate_policy = models.SlugField(blank=True, help_text="The escalation policy that is rung at last.")
    escalate_after = DurationTextField(help_text="How long after the moment it is rung.")

    KINDS_OF_A_LEVEL: ClassVar[tuple[PromiseKind, ...]] = (
        PromiseKind.FIRST_UPDATE,
        PromiseKind.STATUS_UPDATE,
        PromiseKind.PUBLIC_UPDATE,
        PromiseKind.EXECUTIVE_BRIEF,
        PromiseKind.CUSTOMER_EMAIL,
        PromiseKind.POSTMORTEM,
        PromiseKind.MEETING,
    )

    class Meta:
        ordering = ["level", "position"]
        verbose_name_plural = "duties"
        constraints = [
            models.UniqueConstraint(fields=["level", "kind"], name="duty_kind_once"),
            models.UniqueConstraint(fields=["level", "position"], name="duty_position_once"),
            models.CheckConstraint(
                condition=Q(escalate_policy="", escalate_after="") | (~Q(escalate_policy="") & ~Q(escalate_after="")),
                name="duty_escalation_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(deputy="", deputy_after="") | (~Q(deputy="") & ~Q(deputy_after="")),
                name="duty_deputy_has_its_moment",
            ),
        ]
        triggers = FROZEN

    def __str__(self) -> str:
        return f"{self.level}: {self.get_kind_display()} within {self.within}"

    @property
    def target(self) -> Target:
        """`within`, read."""
        return Target.parse(self.within)
