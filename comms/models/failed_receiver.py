"""What should have followed from something announced, and did not: kept until it has."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import User
from core.constraints import paired


class FailedReceiverQuerySet(models.QuerySet["FailedReceiver"]):
    """What the sweep and the pages ask."""

    def undone(self) -> Self:
        """Those that are still tried."""
        return self.filter(wake_at__isnull=False)

    def due(self, now: datetime) -> Self:
        """Those whose next try has come."""
        return self.filter(wake_at__lte=now)


class FailedReceiver(models.Model):
    """One receiver that failed at one announcement: what it was told, and when it is tried again.

    `name` and `receiver` are dotted names, `sender` is a model's label, `named` what was announced, with rows by their
    ids (see comms.actions.failed_receiver). `wake_at` is the next try, None once it was done or dropped.
    """

    name = models.CharField("signal", max_length=200)
    receiver = models.CharField(max_length=200)
    sender = models.CharField(max_length=100, blank=True)
    named = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=500, help_text="What the newest try said.")
    tries = models.PositiveIntegerField(default=1)
    failed_at = models.DateTimeField(help_text="When it failed first.")
    wake_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = FailedReceiverQuerySet.as_manager()

    class Meta:
        ordering = ["-failed_at", "-pk"]
        indexes = [
            # Read by comms.actions.failed_receiver.retry_failed_receivers.
            models.Index(fields=["wake_at"], name="failedreceiver_wake", condition=Q(wake_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(wake_at__isnull=False, done_at__isnull=True, dropped_at__isnull=True)
                | Q(wake_at__isnull=True, done_at__isnull=False, dropped_at__isnull=True)
                | Q(wake_at__isnull=True, done_at__isnull=True, dropped_at__isnull=False),
                name="failedreceiver_tried_done_or_dropped",
            ),
            paired("failedreceiver", "dropped_at", "dropped_by"),
        ]

    def __str__(self) -> str:
        return f"{self.receiver} at {self.name}"
