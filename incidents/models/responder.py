"""Who is here without a role, from when to when."""

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from core.history import written_once
from incidents.models.incident import Incident


class Responder(models.Model):
    """One person who joined the response for a span; both ends are kept."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="responders")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["incident", "joined_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "user"], condition=Q(left_at__isnull=True), name="responder_once_a_person"
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("joined_at")),
                name="responder_leaves_after_joining",
            ),
        ]
        triggers = written_once(later=["left_at"])

    def __str__(self) -> str:
        return f"{self.user} in {self.incident.reference}"
