"""Words that came in from outside: an SMS, a mail, a key on the phone."""

from typing import Self

from django.db import models
from django.db.models import Q

from accounts.enums import Via
from accounts.models import User
from escalation.enums import IncomingOutcome
from escalation.models.page import Page


class IncomingAnswerQuerySet(models.QuerySet["IncomingAnswer"]):
    """What the admin and the page's story ask."""

    def visible_to(self, user: User) -> Self:
        """All but those that answered a page of which `user` may not know."""
        return self.filter(Q(page__isnull=True) | Q(page__in=Page.objects.visible_to(user)))


class IncomingAnswer(models.Model):
    """One message as it came in, what it was taken to mean, and what became of it.

    Written before it is read, so nothing that arrived is lost. `key` is its name at the provider: the same again is
    the same row. `reply` is what its sender was told; of private pages that it only lists, it says nothing more. Where
    nobody was told, `reason` says why it was ignored.
    """

    key = models.CharField(max_length=200, unique=True)
    via = models.CharField(max_length=8, choices=Via.choices)
    sender = models.CharField(
        max_length=254, blank=True, help_text="A number or a mail address, as the provider says."
    )
    subject = models.CharField(max_length=500, blank=True, help_text="Of a mail; the code may stand there.")
    text = models.TextField(blank=True)
    meaning = models.CharField(max_length=80, blank=True, help_text="Empty: it meant nothing for certain.")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="incoming_answers")
    page = models.ForeignKey(Page, on_delete=models.SET_NULL, null=True, blank=True, related_name="incoming_answers")
    outcome = models.CharField(max_length=10, choices=IncomingOutcome.choices, default=IncomingOutcome.WAITING)
    reply = models.TextField(blank=True)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was ignored.")
    at = models.DateTimeField()

    objects = IncomingAnswerQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            # Read by escalation.actions.incoming_sweep.settle_waiting_answers.
            models.Index(fields=["at"], name="incoming_answer_waiting", condition=Q(outcome=IncomingOutcome.WAITING)),
            # Read by escalation.queries.incoming.shut_until.
            models.Index(
                fields=["sender", "at"], name="incoming_answer_wrong", condition=Q(outcome=IncomingOutcome.WRONG_CODE)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=IncomingOutcome.values), name="incoming_answer_outcome_known"
            ),
            models.CheckConstraint(
                condition=~Q(outcome=IncomingOutcome.ANSWERED) | Q(user__isnull=False),
                name="incoming_answer_is_of_a_person",
            ),
        ]

    def __str__(self) -> str:
        who, what = self.user or self.sender or "nobody", self.meaning or self.get_outcome_display()
        return f"{self.get_via_display()} from {who}: {what}"
