"""Something owed by a time: kept, broken, withdrawn."""

from typing import Any, Self

import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.models import User
from core.constraints import by_at
from core.history import FilledInOnce
from escalation.models import Page
from incidents.enums import PromiseKind, PromiseStage
from incidents.models.incident import Incident
from incidents.models.status_update import StatusUpdate


class PromiseQuerySet(models.QuerySet[Any]):
    """What the sweep, the room and the board ask."""

    def open(self) -> Self:
        """Neither kept nor withdrawn; a broken one stays open until it is."""
        return self.filter(kept_at__isnull=True, withdrawn_at__isnull=True)

    def undone(self) -> Self:
        """Open, and nobody has done it yet."""
        return self.open().filter(done_at__isnull=True)


class Promise(models.Model):
    """Something owed by a time.

    `done_at` is when somebody did it; it is kept only once the words were handed over (`status_update` names them).
    `wake_at` is the next moment at which the sweep must do something about it: remind, turn red, tell the deputy,
    escalate. An upper app (postmortem, customer email, action item) keeps its promises here, by calling actions.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="promises")
    kind = models.CharField(max_length=16, choices=PromiseKind.choices)
    subject = models.CharField(max_length=200, help_text="What is owed, in words.")
    subject_key = models.CharField(max_length=80, blank=True, help_text="Tells two of a kind apart: an action item.")
    link = models.CharField(max_length=300, blank=True, help_text="Path of the page where it is done.")
    owed_by = models.SlugField(blank=True, help_text="The role that owes it.")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="promises")
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    stage = models.CharField(max_length=12, choices=PromiseStage.choices, default=PromiseStage.MADE)
    wake_at = models.DateTimeField(null=True, blank=True)
    escalate_policy = models.SlugField(blank=True, help_text="Rung at last; empty: what the level's duty says.")
    escalate_at = models.DateTimeField(null=True, blank=True)
    broken_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True, help_text="When it was done; kept once it was handed over.")
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    status_update = models.ForeignKey(
        StatusUpdate, on_delete=models.PROTECT, null=True, blank=True, related_name="promises"
    )
    kept_at = models.DateTimeField(null=True, blank=True)
    kept_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=200, blank=True)
    page = models.ForeignKey(
        Page,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="Rings because it is late; none once that was stopped.",
    )

    objects = PromiseQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        indexes = [
            # Read by incidents.actions.promise.sweep_promises.
            models.Index(
                fields=["wake_at"],
                name="promise_wake",
                condition=Q(wake_at__isnull=False, kept_at__isnull=True, withdrawn_at__isnull=True),
            ),
            # Read by incidents.actions.promise_page.due_rings.
            models.Index(fields=["page"], name="promise_page", condition=Q(page__isnull=False)),
            # Read by incidents.queries.board: what is owed after the fire.
            models.Index(
                fields=["due_at"],
                name="promise_open",
                condition=Q(kept_at__isnull=True, withdrawn_at__isnull=True),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "kind", "subject_key"],
                condition=Q(kept_at__isnull=True, withdrawn_at__isnull=True, done_at__isnull=True),
                name="promise_one_open_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(kept_at__isnull=True) | Q(withdrawn_at__isnull=True), name="promise_kept_or_withdrawn"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")),
                name="promise_withdrawn_has_reason",
            ),
            models.CheckConstraint(condition=Q(kind__in=PromiseKind.values), name="promise_kind_known"),
            models.CheckConstraint(
                condition=Q(escalate_policy="", escalate_at__isnull=True)
                | (~Q(escalate_policy="") & Q(escalate_at__isnull=False)),
                name="promise_escalation_has_its_moment",
            ),
            by_at("promise", "done"),
            by_at("promise", "kept"),
        ]
        triggers = [
            pgtrigger.Protect(name="never_taken_away", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="kept_as_it_was", fields=["incident", "kind", "subject_key"]),
            FilledInOnce(["kept_at", "kept_by", "withdrawn_at", "withdrawn_reason"], name="filled_in_once"),
        ]

    @property
    def late_words(self) -> str:
        """`public update is late`: how a page that rings about it ends its name."""
        return f"{self.subject.lower()} is late"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.incident.reference} by {self.due_at:%Y-%m-%d %H:%M %Z}"
