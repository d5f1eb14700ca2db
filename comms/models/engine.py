"""The engine's face: when each sweep last did its work, and when beat and the worker last said that they live."""

from django.db import models
from django.db.models import Q

from comms.enums import EnginePart


class EngineTick(models.Model):
    """The last run of one sweep, written by the sweep itself."""

    sweep = models.CharField(max_length=80, unique=True)
    ticked_at = models.DateTimeField()

    class Meta:
        ordering = ["sweep"]

    def __str__(self) -> str:
        return f"{self.sweep} at {self.ticked_at:%Y-%m-%d %H:%M:%S %Z}"


class EngineReport(models.Model):
    """The last sign of life of beat or of a worker, written by the process itself; `began_at` is when it started.

    Where several workers run, the one that reported last.
    """

    part = models.CharField(max_length=8, choices=EnginePart.choices, unique=True)
    began_at = models.DateTimeField()
    reported_at = models.DateTimeField()

    class Meta:
        ordering = ["part"]
        constraints = [
            models.CheckConstraint(condition=Q(part__in=EnginePart.values), name="enginereport_part_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_part_display()} at {self.reported_at:%Y-%m-%d %H:%M:%S %Z}"
