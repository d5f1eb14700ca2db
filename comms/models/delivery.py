"""One attempt to hand a message over."""

from django.db import models
from django.db.models import Q

from comms.enums import DeliveryOutcome, Report
from comms.models.message import Message


class Delivery(models.Model):
    """One attempt: written before sending, marked after. A row left RUNNING tells that its worker died.

    `their_key` is what the other side calls what it took, by which it speaks of it later. `report` is what the
    provider has said since, when it says such things: whether it reached the phone.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    number = models.PositiveIntegerField()
    transport = models.CharField(max_length=12)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=DeliveryOutcome.choices, default=DeliveryOutcome.RUNNING)
    detail = models.CharField(max_length=500, blank=True, help_text="What the other side said.")
    their_key = models.CharField(max_length=200, blank=True, help_text="What the other side calls it.")
    report = models.CharField(max_length=12, choices=Report.choices, blank=True)
    report_detail = models.CharField(max_length=200, blank=True, help_text="The report in the provider's own words.")
    reported_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["message", "number"]
        verbose_name_plural = "deliveries"
        indexes = [
            # Read by comms.queries.delivery.
            models.Index(fields=["their_key", "transport"], name="delivery_their_key", condition=~Q(their_key="")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["message", "number"], name="delivery_number_once"),
            models.CheckConstraint(
                condition=Q(outcome=DeliveryOutcome.RUNNING, ended_at__isnull=True)
                | (~Q(outcome=DeliveryOutcome.RUNNING) & Q(ended_at__isnull=False)),
                name="delivery_ended_unless_running",
            ),
            models.CheckConstraint(
                condition=Q(report="", reported_at__isnull=True) | (~Q(report="") & Q(reported_at__isnull=False)),
                name="delivery_report_has_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"Attempt {self.number} at {self.message}"
