"""One person on call from one moment to another."""

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from core.constraints import one_of
from escalation.models.fixed_layer import FixedLayer
from escalation.models.temporary_schedule import TemporarySchedule


class FixedShift(models.Model):
    """A single shift, either of a fixed layer or of a temporary schedule; where shifts overlap all are on call."""

    layer = models.ForeignKey(FixedLayer, on_delete=models.CASCADE, null=True, blank=True, related_name="shifts")
    temporary = models.ForeignKey(
        TemporarySchedule, on_delete=models.CASCADE, null=True, blank=True, related_name="shifts"
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="fixed_shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="fixed_shift_ends_after_start"),
            one_of("fixed_shift", "belongs_to_one", "layer", "temporary"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.layer or self.temporary}"
