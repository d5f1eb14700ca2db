"""A standing channel: a place, not a person, that is told about kinds of things."""

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from comms.enums import MessageKind, Transport
from comms.models.address import check_address


class Subscription(models.Model):
    """A standing channel (`#incidents`, a webhook) and the kinds of messages that go there."""

    name = models.SlugField(unique=True, help_text="What a level calls it, like incidents.")
    transport = models.CharField(max_length=12, choices=Transport.choices)
    address = models.CharField(max_length=500)
    secret = models.CharField(max_length=120, blank=True, help_text="Signs webhooks, as in Standard Webhooks.")
    kinds = ArrayField(models.CharField(max_length=20, choices=MessageKind.choices), default=list)
    is_enabled = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=models.Q(transport__in=Transport.values), name="subscription_transport")
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse an address that the transport cannot reach, and a browser: that is a person's own."""
        if self.transport == Transport.PUSH:
            raise ValidationError({"transport": "A push goes to a person's browser, which they switch on themselves."})
        check_address(self.transport, self.address)
