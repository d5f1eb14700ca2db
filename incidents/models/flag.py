"""Flags as people raised them in one incident; which there are is the ladder's."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from core.constraints import by_at
from core.history import written_once
from incidents.models.incident import Incident


class IncidentFlagQuerySet(models.QuerySet[Any]):
    """What the room and the matrix ask."""

    def up(self) -> Self:
        """Raised, and not lowered since."""
        return self.filter(raised_at__isnull=False, lowered_at__isnull=True)


class IncidentFlag(models.Model):
    """One flag of the ladder in one incident, from when to when it was up; both ends are kept.

    A row that was never raised says that somebody was asked and answered no, at `lowered_at`.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="flags")
    flag = models.SlugField(help_text="A flag of the ladder, by its slug.")
    name = models.CharField(max_length=80)
    raised_at = models.DateTimeField(null=True, blank=True)
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lowered_at = models.DateTimeField(null=True, blank=True)
    lowered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = IncidentFlagQuerySet.as_manager()

    class Meta:
        ordering = ["incident", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "flag"],
                condition=Q(raised_at__isnull=False, lowered_at__isnull=True),
                name="flag_up_once",
            ),
            models.CheckConstraint(
                condition=Q(raised_at__isnull=False) | Q(lowered_at__isnull=False), name="flag_says_something"
            ),
            models.CheckConstraint(
                condition=Q(lowered_at__isnull=True) | Q(raised_at__isnull=True) | Q(lowered_at__gte=F("raised_at")),
                name="flag_lowered_after_it_was_raised",
            ),
            by_at("incidentflag", "raised"),
            by_at("incidentflag", "lowered"),
        ]
        triggers = written_once(later=["lowered_at", "lowered_by"])

    def __str__(self) -> str:
        return f"{self.name} in {self.incident.reference}"
