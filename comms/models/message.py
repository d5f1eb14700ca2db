"""The outbox: one thing to say to one recipient, written in the transaction that made it true."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.models.audience import VisibleQuerySet
from comms.enums import MessageKind, MessageStatus, Transport, Urgency
from comms.models.contact_point import ContactPoint
from comms.models.discreet import DiscreetSubject
from comms.models.subscription import Subscription

# With what the key of a message begins that says what several would have said.
BUNDLE = "bundle:"
NO_LEASE_IS_LONGER = timedelta(minutes=1)


class MessageQuerySet(VisibleQuerySet):
    """What the sweeps and the pages ask of the outbox."""

    def visible_to(self, user: User | models.Expression) -> Self:
        """What `user` may know of; what is about several things is its reader's alone once one of them is private."""
        private = list(DiscreetSubject.objects.values_list("subject_key", flat=True))
        names_none = Q(facts__about__isnull=True) | ~Q(facts__about__has_any_keys=private)
        return super().visible_to(user).filter(names_none | Q(user=user))

    def naming(self, subject_key: str) -> Self:
        """What is about `subject_key` among other things: its facts list them as `about`."""
        return self.filter(facts__about__contains=[subject_key])

    def unsent(self) -> Self:
        """Rows that still wait to be handed over."""
        return self.filter(status=MessageStatus.WAITING)

    def due(self, now: datetime) -> Self:
        """Rows whose moment has come and that nobody has on lease; one from before the clock was set back is none."""
        free = Q(lease_until__isnull=True) | Q(lease_until__lte=now) | Q(lease_until__gt=now + NO_LEASE_IS_LONGER)
        return self.unsent().filter(free, deliver_after__lte=now)


class Message(models.Model):
    """One thing to say to one recipient.

    `key` is the idempotency key that every repeat carries (Message-ID, webhook-id). `deliver_after` is the next
    moment at which the sweep looks at it: the wish of the writer at first, the back-off after a failure.
    A row that will never be sent has status NOT_SENT and the reason, written when that was decided; one that waits
    longer than was wished has its `held_reason`. Rows that were told in one breath point at that row, a bundle.
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dedup_key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20, choices=MessageKind.choices)
    urgency = models.CharField(max_length=8, choices=Urgency.choices, default=Urgency.NORMAL)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="messages")
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.SET_NULL, null=True, blank=True)
    subscription = models.ForeignKey(Subscription, on_delete=models.SET_NULL, null=True, blank=True)
    transport = models.CharField(max_length=12, choices=Transport.choices, blank=True)
    address = models.CharField(max_length=500, blank=True, help_text="As it was when the row was written.")
    audience = models.ForeignKey("accounts.Audience", on_delete=models.PROTECT, null=True, blank=True)
    subject_key = models.CharField(max_length=80, blank=True, db_index=True, help_text="What it is about; threads.")
    series = models.CharField(max_length=180, blank=True, help_text="What says the same again; a page's own.")
    rule = models.CharField(max_length=80, blank=True, help_text="What of their chain wanted it, and when.")
    is_follow_up = models.BooleanField(default=False, help_text="A later rule of its chain, not the first.")
    is_discreet = models.BooleanField(default=False, help_text="No words by push, SMS and call.")
    subject = models.CharField(max_length=200)
    body = models.TextField(blank=True, help_text="Plain text.")
    link = models.CharField(max_length=500, blank=True, help_text="Where to go; absolute.")
    facts = models.JSONField(default=dict, blank=True, help_text="For machines: sent as JSON by a webhook.")
    status = models.CharField(max_length=12, choices=MessageStatus.choices, default=MessageStatus.WAITING)
    not_sent_reason = models.CharField(max_length=200, blank=True)
    not_sent_at = models.DateTimeField(
        null=True, blank=True, help_text="When that was decided; empty for rows of before this was kept."
    )
    held_reason = models.CharField(max_length=200, blank=True, help_text="Why it waited longer than was wished.")
    bundled_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="parts")
    created_at = models.DateTimeField()
    deliver_after = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        indexes = [
            # Read by comms.actions.delivery.deliver_due.
            models.Index(fields=["deliver_after"], name="message_due", condition=Q(status=MessageStatus.WAITING)),
            # Both read by comms.queries.throttle.
            models.Index(fields=["series", "user"], name="message_series", condition=Q(user__isnull=False)),
            models.Index(
                fields=["contact_point", "sent_at"], name="message_left", condition=Q(status=MessageStatus.SENT)
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=MessageStatus.values), name="message_status_known"),
            models.CheckConstraint(
                condition=Q(status=MessageStatus.SENT, sent_at__isnull=False)
                | (~Q(status=MessageStatus.SENT) & Q(sent_at__isnull=True)),
                name="message_sent_has_its_moment",
            ),
            models.CheckConstraint(
                condition=(Q(status=MessageStatus.NOT_SENT) & ~Q(not_sent_reason=""))
                | (~Q(status=MessageStatus.NOT_SENT) & Q(not_sent_reason="")),
                name="message_not_sent_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(not_sent_at__isnull=True) | Q(status=MessageStatus.NOT_SENT),
                name="message_not_sent_at_is_of_not_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.user or self.subscription}: {self.subject}"
