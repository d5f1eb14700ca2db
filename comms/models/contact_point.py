"""One way to reach one person."""

from django.db import models

from accounts.models import User
from comms.enums import Transport, Urgency
from comms.models.address import check_address


class ContactPoint(models.Model):
    """An address of a person on one transport, with the moment in their chain at which it is tried."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="contact_points")
    transport = models.CharField(max_length=12, choices=Transport.choices)
    address = models.CharField(max_length=500, help_text="A mail address, an https address, or an Apprise URL.")
    chain = models.CharField(max_length=8, choices=Urgency.choices, default=Urgency.URGENT)
    after_seconds = models.PositiveIntegerField(default=0, help_text="Seconds after the first channel; 0 is at once.")
    secret = models.CharField(max_length=120, blank=True, help_text="Signs webhooks, as in Standard Webhooks.")
    verified_at = models.DateTimeField(null=True, blank=True)
    is_enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["user", "chain", "after_seconds", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "transport", "address", "chain"], name="contact_point_once"),
            models.CheckConstraint(condition=models.Q(transport__in=Transport.values), name="contact_point_transport"),
            models.CheckConstraint(condition=models.Q(chain__in=Urgency.values), name="contact_point_chain"),
        ]

    def __str__(self) -> str:
        return f"{self.user} by {self.get_transport_display()}"

    def clean(self) -> None:
        """Refuse an address that the transport cannot reach."""
        check_address(self.transport, self.address)
