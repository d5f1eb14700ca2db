"""The engine's face: when each sweep last did its work, and when beat and the worker last said that they live."""

from django.db import models
from django.db.models import Q

from comms.enums import EnginePart
from core.constraints import paired


class EngineTick(models.Model):
    """The last run of one sweep, written by the sweep itself."""

    sweep = models.CharField(max_length=80, unique=True)
    ticked_at = models.DateTimeField()
    set_back_at = models.DateTimeField(
        null=True, blank=True, help_text="When the sweep last saw that the clock had been set back."
    )
    set_back_by = models.DurationField(null=True, blank=True, help_text="By how much, as far as the sweep can know.")

    class Meta:
        ordering = ["sweep"]
        constraints = [paired("enginetick", "set_back_at", "set_back_by")]

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
