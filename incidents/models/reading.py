"""What readers of one incident keep of it: pins for everybody, how far each has read, hints that one sent away."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from core.history import written_once
from incidents.models.incident import Incident
from incidents.models.timeline import TimelineEntry


class Pin(models.Model):
    """An entry that stands on top of the timeline, for everybody, until somebody takes it down."""

    entry = models.ForeignKey(TimelineEntry, on_delete=models.PROTECT, related_name="pins")
    pinned_at = models.DateTimeField()
    pinned_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    taken_down_at = models.DateTimeField(null=True, blank=True)
    taken_down_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["pinned_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["entry"], condition=Q(taken_down_at__isnull=True), name="pin_once"),
            models.CheckConstraint(
                condition=Q(taken_down_at__isnull=True, taken_down_by__isnull=True)
                | Q(taken_down_at__isnull=False, taken_down_by__isnull=False),
                name="pin_taken_down_by_somebody",
            ),
        ]
        triggers = written_once(later=["taken_down_at", "taken_down_by"])

    def __str__(self) -> str:
        return f"Pinned: {self.entry}"


class LastLook(models.Model):
    """How far one person has read one incident: the number of the newest entry that they had before them."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="looks")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(help_text="Entries up to this number were seen.")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "user"], name="last_look_once")]

    def __str__(self) -> str:
        return f"{self.user} has read {self.incident.reference} up to {self.number}"


class SentAway(models.Model):
    """A hint that one person does not want to read again in one incident."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="sent_away")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    hint = models.CharField(max_length=40, help_text="The key of a contradiction.")
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "hints sent away"
        constraints = [models.UniqueConstraint(fields=["incident", "user", "hint"], name="sent_away_once")]

    def __str__(self) -> str:
        return f"{self.hint} of {self.incident.reference}, by {self.user}"
