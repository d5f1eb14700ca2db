"""The outside monitor: it raises the alarm when our heartbeat stops, which no engine can do for itself."""

from django.db import models
from django.db.models import Q


class OutsideMonitor(models.Model):
    """How the heartbeats to one monitor went. `host` is all that is kept of its address: the rest is its secret.

    `failing_since` and `error` tell of heartbeats that were sent and not taken, `held_since` of the stalled engine
    that sends none.
    """

    host = models.CharField(max_length=300, unique=True)
    taken_at = models.DateTimeField(null=True, blank=True, help_text="The last heartbeat that it took.")
    failing_since = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)
    held_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["host"]
        constraints = [
            models.CheckConstraint(
                condition=Q(failing_since__isnull=True, error="") | (Q(failing_since__isnull=False) & ~Q(error="")),
                name="outsidemonitor_failing_has_its_error",
            ),
        ]

    def __str__(self) -> str:
        return self.host
