"""The engine's face: when each sweep last did its work."""

from django.db import models


class EngineTick(models.Model):
    """The last run of one sweep, written by the sweep itself."""

    sweep = models.CharField(max_length=80, unique=True)
    ticked_at = models.DateTimeField()

    class Meta:
        ordering = ["sweep"]

    def __str__(self) -> str:
        return f"{self.sweep} at {self.ticked_at:%Y-%m-%d %H:%M:%S %Z}"
