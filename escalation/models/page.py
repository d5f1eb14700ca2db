"""A page: a run to make somebody answer.

It knows no incident. Whoever starts it writes down what it needs: a key of its subject, what the first hundred
characters of every message say, the level, the people in the roles that a step may name, the service, the audience.
"""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Left
from django.urls import reverse

from accounts.enums import Via
from accounts.models import Audience, User
from accounts.models.audience import VisibleQuerySet
from core.constraints import paired
from escalation.enums import AnswerKind, AttemptOutcome, PageStatus
from escalation.models.policy import Policy
from escalation.models.schedule import Override
from escalation.models.service import Service
from escalation.states import LOOKS_FOR_SOMEBODY, LOUD

CODE_SIZE = 3
CODE = Left("ref", CODE_SIZE)


class PageQuerySet(VisibleQuerySet):
    """What the sweep, the room and "my pages" ask."""

    def ringing(self) -> Self:
        """Pages that nobody has answered yet; an exhausted one still looks for somebody."""
        return self.filter(status__in=LOUD)

    def unanswered(self) -> Self:
        """The same with those that maintenance holds: what an end of their subject has to stop."""
        return self.filter(status__in=LOOKS_FOR_SOMEBODY)

    def about(self, subject_key: str | models.Expression) -> Self:
        """Pages of one subject, in the order in which they began."""
        return self.filter(subject_key=subject_key).order_by("started_at", "pk")

    def reaching(self, user: User | models.Expression) -> Self:
        """Pages that have rung `user`."""
        return self.filter(attempts__user=user, attempts__outcome=AttemptOutcome.RUNG).distinct()


class Page(models.Model):
    """One run of one group's policy, from the snapshot taken when it began.

    `wake_at` is the next moment at which the sweep looks at it, or None when nothing is left to do.
    `snapshot` is the policy as data: see escalation.plan.PolicySnapshot.
    """

    ref = models.CharField(max_length=12, unique=True, help_text="Public, in addresses and messages.")
    group = models.CharField(max_length=120, help_text="Who is rung, in words: platform primary.")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, null=True, blank=True, related_name="pages")
    snapshot = models.JSONField()
    subject_key = models.CharField(max_length=80, db_index=True)
    subject = models.CharField(max_length=200, help_text="Level, summary, service: the first words of any message.")
    body = models.TextField(blank=True, help_text="What else every message says, in plain text.")
    link = models.CharField(max_length=300, help_text="Path of the room.")
    level_name = models.CharField(max_length=40)
    level_rank = models.PositiveSmallIntegerField()
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, blank=True, related_name="pages")
    roles = models.JSONField(default=dict, help_text="{role: [user id]} of the people that a step may name.")
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, null=True, blank=True, related_name="pages")
    makes_commander = models.BooleanField(default=False, help_text="The first who answers may become commander.")
    answers_needed = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(max_length=12, choices=PageStatus.choices, default=PageStatus.RINGING)
    round = models.PositiveIntegerField(default=0, help_text="How often it has begun from the top again.")
    run = models.PositiveSmallIntegerField(default=0, help_text="Which pass of this round it is, from 0.")
    step = models.PositiveSmallIntegerField(default=0, help_text="Index of the step that is rung next.")
    wake_at = models.DateTimeField(null=True, blank=True)
    by_machine = models.BooleanField(default=False, help_text="A machine started it, so maintenance may hold it.")
    held_until = models.DateTimeField(
        null=True, blank=True, help_text="The end of the maintenance that holds it, as long as it wakes then."
    )
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    nudged_at = models.DateTimeField(
        null=True, blank=True, help_text="When whoever answered was asked for a sign of life; empty: not since."
    )
    stopped_at = models.DateTimeField(null=True, blank=True)
    stop_reason = models.CharField(max_length=200, blank=True)

    objects = PageQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [
            # Read by escalation.actions.page.sweep.
            models.Index(fields=["wake_at"], name="page_wake", condition=Q(wake_at__isnull=False)),
            # Read by escalation.queries.incoming: is a code free?
            models.Index(CODE, name="page_code"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PageStatus.values), name="page_status_known"),
            models.CheckConstraint(
                condition=~Q(status__in=[PageStatus.RINGING, PageStatus.HELD]) | Q(wake_at__isnull=False),
                name="page_ringing_wakes_again",
            ),
            models.CheckConstraint(
                condition=(Q(status=PageStatus.ACKNOWLEDGED) & Q(acknowledged_at__isnull=False))
                | (~Q(status=PageStatus.ACKNOWLEDGED) & Q(acknowledged_at__isnull=True)),
                name="page_acknowledged_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at__isnull=True, stop_reason="")
                | (Q(stopped_at__isnull=False) & ~Q(stop_reason="")),
                name="page_stopped_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status=PageStatus.STOPPED) | Q(stopped_at__isnull=False, wake_at__isnull=True),
                name="page_stopped_rests",
            ),
            models.CheckConstraint(
                condition=Q(nudged_at__isnull=True) | Q(status=PageStatus.ACKNOWLEDGED, wake_at__isnull=False),
                name="page_nudged_waits_for_life",
            ),
            paired("page", "acknowledged_at", "acknowledged_by"),
        ]

    def __str__(self) -> str:
        return f"Page {self.ref} of {self.group}"

    @property
    def waits_for_maintenance(self) -> bool:
        """Whether its next step waits for the end of maintenance of its service."""
        return self.held_until is not None and self.held_until == self.wake_at

    @property
    def code(self) -> str:
        """What a person types to answer it: no other page of the same day has it."""
        return self.ref[:CODE_SIZE].upper()

    @property
    def message_key(self) -> str:
        """With what the keys of this page's messages begin."""
        return f"page:{self.ref}:"

    def ring_key(self, round: int, run: int, step: int, whom: object) -> str:
        """The key of the messages of one ring: nobody is rung twice by one step of one pass of one round."""
        turn = f"{round}.{run}" if round else str(run)
        return f"{self.message_key}{turn}:{step}:{whom}"

    def get_absolute_url(self) -> str:
        """The page's own address, for those who are signed in."""
        return reverse("escalation:page-detail", args=[self.ref])


class PageAttempt(models.Model):
    """One target of one step in one pass of one round: who was rung, or why nobody was."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="attempts")
    round = models.PositiveIntegerField(default=0)
    run = models.PositiveSmallIntegerField()
    step = models.PositiveSmallIntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="page_attempts")
    outcome = models.CharField(max_length=20, choices=AttemptOutcome.choices)
    source = models.CharField(max_length=200, help_text="Where the person comes from: on call in Platform.")
    layer = models.CharField(max_length=200, blank=True, help_text="The layer of the schedule that had them on call.")
    override = models.ForeignKey(Override, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    instead_of = ArrayField(
        models.BigIntegerField(), default=list, blank=True, help_text="Ids of those whom the override took off."
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["page", "at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=AttemptOutcome.values), name="page_attempt_outcome_known"),
            models.UniqueConstraint(
                fields=["page", "round", "run", "step", "user"],
                condition=Q(outcome=AttemptOutcome.RUNG, user__isnull=False),
                name="page_attempt_rings_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.user or self.source}"


class PageAnswer(models.Model):
    """What one person answered to one page. It lapses when they fell silent in every way, and the page rings anew."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="answers")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="page_answers")
    kind = models.CharField(max_length=12, choices=AnswerKind.choices)
    via = models.CharField(max_length=8, choices=Via.choices)
    at = models.DateTimeField()
    arrives_at = models.DateTimeField(null=True, blank=True, help_text="When they will be there; empty: at once.")
    lapsed_at = models.DateTimeField(null=True, blank=True, help_text="When it no longer counted; empty: it counts.")

    class Meta:
        ordering = ["page", "at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["page", "user", "kind"], condition=Q(lapsed_at__isnull=True), name="page_answer_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=AnswerKind.values), name="page_answer_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_kind_display()}"


class PageRecurrence(models.Model):
    """What a page is about came up once more while nobody had answered; steps may wait for enough of these."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="recurrences")
    at = models.DateTimeField()

    class Meta:
        ordering = ["page", "at", "pk"]

    def __str__(self) -> str:
        return f"{self.page} came up again"


class SignOfLife(models.Model):
    """The last act of a person about one subject: in the room, by chat, by link, by API. The app above reports it.

    It also says who has the subject now, where whoever answered has passed it on: they are asked when nothing is
    heard.
    """

    subject_key = models.CharField(max_length=80, unique=True)
    at = models.DateTimeField()
    in_charge = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["subject_key"]
        verbose_name_plural = "signs of life"

    def __str__(self) -> str:
        return f"Somebody acted for {self.subject_key}"
