"""A code on its way to a contact point: whoever can read it there proves that the address is theirs."""

from datetime import datetime, timedelta

from django.db import models
from django.utils.crypto import constant_time_compare, salted_hmac

from comms.models.contact_point import ContactPoint

LASTS = timedelta(minutes=15)
NEXT_AFTER = timedelta(minutes=1)
TRIES = 5


class ContactCode(models.Model):
    """The newest code that was sent to a contact point. Only its hash is kept, keyed with Muster's secret."""

    contact_point = models.OneToOneField(ContactPoint, on_delete=models.CASCADE, related_name="code")
    code_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    wrong = models.PositiveSmallIntegerField(default=0, help_text="How often something else was typed.")

    class Meta:
        ordering = ["-sent_at", "-pk"]

    def __str__(self) -> str:
        return f"Code for {self.contact_point}"

    def is_open(self, now: datetime) -> bool:
        """Whether it may still be typed: for fifteen minutes, and not after five wrong ones."""
        return self.wrong < TRIES and now < self.sent_at + LASTS

    def is_right(self, code: str) -> bool:
        """Whether `code` is what was sent."""
        return constant_time_compare(self.code_hash, hash_of(self.contact_point_id, code))


def hash_of(contact_point: int, code: str) -> str:
    """What is kept of a `code`; blanks in it do not matter."""
    return salted_hmac("muster.comms.code", f"{contact_point}:{''.join(code.split())}", algorithm="sha256").hexdigest()
