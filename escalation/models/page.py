"""A page: a run to make somebody answer.

It knows no incident. Whoever starts it writes down what it needs: a key of its subject, what the first hundred
characters of every message say, the level, the people in the roles that a step may name, the service, the audience.
"""

from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.enums import Via
from accounts.models import Audience, User
from accounts.models.audience import VisibleQuerySet
from core.constraints import paired
from escalation.enums import AnswerKind, AttemptOutcome, PageStatus
from escalation.models.policy import Policy
from escalation.models.service import Service
from escalation.states import LOOKS_FOR_SOMEBODY

CODE_SIZE = 3


class PageQuerySet(VisibleQuerySet):
    """What the sweep, the room and "my pages" ask."""

    def ringing(self) -> Self:
        """Pages that nobody has answered yet; an exhausted one still looks for somebody."""
        return self.filter(status__in=[PageStatus.RINGING, PageStatus.EXHAUSTED])

    def unanswered(self) -> Self:
        """The same with those that maintenance holds: what an end of their subject has to stop."""
        return self.filter(status__in=LOOKS_FOR_SOMEBODY)

    def about(self, subject_key: str) -> Self:
        """Pages of one subject, in the order in which they began."""
        return self.filter(subject_key=subject_key).order_by("started_at", "pk")

    def reaching(self, user: User) -> Self:
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
    step = models.PositiveSmallIntegerField(default=0, help_text="Index of the step that is rung next.")
    run = models.PositiveSmallIntegerField(default=0, help_text="Which pass over the steps this is, from 0.")
    wake_at = models.DateTimeField(null=True, blank=True)
    by_machine = models.BooleanField(default=False, help_text="A machine started it, so maintenance may hold it.")
    held_until = models.DateTimeField(
        null=True, blank=True, help_text="The end of the maintenance that holds it, as long as it wakes then."
    )
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    stopped_at = models.DateTimeField(null=True, blank=True)
    stop_reason = models.CharField(max_length=200, blank=True)

    objects = PageQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [
            # Read by escalation.actions.page.sweep.
            models.Index(fields=["wake_at"], name="page_wake", condition=Q(wake_at__isnull=False)),
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

    def get_absolute_url(self) -> str:
        """The page's own address, for those who are signed in."""
        return reverse("escalation:page-detail", args=[self.ref])


class PageAttempt(models.Model):
    """One target of one step in one pass: who was rung, or why nobody was."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="attempts")
    run = models.PositiveSmallIntegerField()
    step = models.PositiveSmallIntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="page_attempts")
    outcome = models.CharField(max_length=20, choices=AttemptOutcome.choices)
    source = models.CharField(max_length=200, help_text="Where the person comes from: on call in Platform.")
    at = models.DateTimeField()

    class Meta:
        ordering = ["page", "at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.user or self.source}"


class PageAnswer(models.Model):
    """What one person answered to one page."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="answers")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="page_answers")
    kind = models.CharField(max_length=12, choices=AnswerKind.choices)
    via = models.CharField(max_length=8, choices=Via.choices)
    at = models.DateTimeField()
    arrives_at = models.DateTimeField(null=True, blank=True, help_text="When they will be there; empty: at once.")

    class Meta:
        ordering = ["page", "at", "pk"]
        constraints = [models.UniqueConstraint(fields=["page", "user", "kind"], name="page_answer_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_kind_display()}"
