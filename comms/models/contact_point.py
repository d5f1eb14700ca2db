"""Where a person is reached, and when each of these places is tried."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from comms.enums import Transport, Urgency
from comms.models.address import check_address, shown_address
from core.moments import show_duration

LONGEST_DELAY_SECONDS = 86400


class ContactPoint(models.Model):
    """One address of a person on one transport. When it is tried is said by rules (ContactRule).

    `verified_at` is None until its person typed the code that was sent there; comms/plan.py says what that costs.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="contact_points")
    transport = models.CharField(max_length=12, choices=Transport.choices)
    address = models.CharField(max_length=500, help_text="A mail address, an https address, or an Apprise URL.")
    label = models.CharField(max_length=40, blank=True, help_text="What its person calls it, like “work phone”.")
    secret = models.CharField(max_length=120, blank=True, help_text="Signs webhooks, as in Standard Webhooks.")
    verified_at = models.DateTimeField(null=True, blank=True)
    is_enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["user", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "transport", "address"], name="contact_point_address_once"),
            models.CheckConstraint(condition=Q(transport__in=Transport.values), name="contact_point_transport"),
        ]

    def __str__(self) -> str:
        return f"{self.user} by {self.shown}"

    def get_absolute_url(self) -> str:
        """The page of its person, where it is verified and tried."""
        return f"{reverse('comms:contact-point-list', args=[self.user.handle])}#point-{self.pk}"

    @property
    def shown(self) -> str:
        """How it is called on a screen: transport, and its label or as much of the address as anybody may see."""
        return f"{self.get_transport_display()} ({self.label or self.shown_address})"

    @property
    def shown_address(self) -> str:
        """As much of the address as everybody may see."""
        return shown_address(self.transport, self.address) or self.get_transport_display()

    def clean(self) -> None:
        """Refuse an address that the transport cannot reach."""
        check_address(self.transport, self.address)


class ContactRule(models.Model):
    """When one contact point is tried in one chain of its person; the same one may stand there again, later.

    A chain without rules is the standard one of comms/plan.py.
    """

    contact_point = models.ForeignKey(ContactPoint, on_delete=models.CASCADE, related_name="rules")
    chain = models.CharField(max_length=8, choices=Urgency.choices, default=Urgency.URGENT)
    after_seconds = models.PositiveIntegerField(default=0, help_text="Seconds after the message; 0 is at once.")

    class Meta:
        ordering = ["chain", "after_seconds", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["contact_point", "chain", "after_seconds"], name="contact_rule_once"),
            models.CheckConstraint(condition=Q(chain__in=Urgency.values), name="contact_rule_chain"),
            # The signed link of a page ends a day after it.
            models.CheckConstraint(
                condition=Q(after_seconds__lte=LONGEST_DELAY_SECONDS), name="contact_rule_within_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.contact_point} in the {self.get_chain_display().lower()} chain after {self.after_seconds} s"

    @property
    def words(self) -> str:
        """“At once”, “After 2 min”."""
        return moment_in_words(timedelta(seconds=self.after_seconds))


def moment_in_words(after: timedelta) -> str:
    """“At once”, “After 2 min”."""
    return f"After {show_duration(after)}" if after else "At once"
