"""A layer of single shifts: typed one by one, or brought in from a calendar."""

from django.db import models

from escalation.models.schedule import Schedule


class FixedLayer(models.Model):
    """One layer whose shifts are rows (FixedShift) and not turns; ranked among the rotations of its schedule.

    This is also what an imported calendar becomes: whoever imports writes its shifts by set_fixed_layer, which
    replaces them all at once.
    """

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="fixed_layers")
    name = models.CharField(max_length=120, default="Single shifts")
    rank = models.PositiveSmallIntegerField(default=0, help_text="The higher rank wins; equal ranks share.")

    class Meta:
        ordering = ["schedule", "-rank", "pk"]

    def __str__(self) -> str:
        return f"{self.schedule}: {self.name}"
