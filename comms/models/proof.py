"""Whether somebody is truly reached: a test page that its person confirmed is a dated proof."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

from accounts.models import User
from comms.models.contact_point import ContactPoint
from comms.models.message import Message

LASTS = timedelta(hours=24)
TRIES = 5


class ReachProof(models.Model):
    """One test page to one contact point: asked for, handed over, confirmed by its person."""

    contact_point = models.ForeignKey(ContactPoint, on_delete=models.CASCADE, related_name="proofs")
    message = models.OneToOneField(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="proof")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="proofs_asked")
    sent_at = models.DateTimeField(help_text="When it was asked for; its message may leave later, as the chain says.")
    handed_over_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    wrong = models.PositiveSmallIntegerField(default=0, help_text="How often another code was typed.")

    class Meta:
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(confirmed_at__gte=models.F("sent_at")),
                name="reach_proof_confirmed_after_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"Test page to {self.contact_point} at {self.sent_at:%Y-%m-%d %H:%M %Z}"

    def is_open(self, now: datetime) -> bool:
        """Whether it may still be confirmed: for a day."""
        return self.confirmed_at is None and now < self.sent_at + LASTS

    @property
    def code(self) -> str:
        """The six digits that its message carries, for a call and for a phone without a browser."""
        digest = salted_hmac("muster.comms.proof", f"{self.pk}:{self.sent_at.isoformat()}", algorithm="sha256")
        return f"{int(digest.hexdigest(), 16) % 1_000_000:06}"
