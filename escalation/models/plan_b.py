"""Plan B: the sheet that people hold when Muster itself cannot be reached, and who gets it by mail."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from comms.models import Subscription
from core.constraints import one_of


class PlanBReader(models.Model):
    """A person who asked for the sheet, or a standing channel that an admin sends it to, numbers and all."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, null=True, blank=True, related_name="plan_b_reader")
    subscription = models.OneToOneField(
        Subscription, on_delete=models.CASCADE, null=True, blank=True, related_name="plan_b_reader"
    )
    asked_at = models.DateTimeField(editable=False)
    asked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = "reader of plan B"
        verbose_name_plural = "readers of plan B"
        constraints = [one_of("planbreader", "is_one", "user", "subscription")]

    def __str__(self) -> str:
        return str(self.user or self.subscription)

    @property
    def is_there(self) -> bool:
        """Whether it can be sent at all: a person who was switched off reads nothing."""
        return self.user is None or self.user.is_active


class PlanBSheet(models.Model):
    """The sheet as it was mailed at `made_at`: true up to `covers_until`, unless a newer one says otherwise.

    `content` is what escalation.export.plan_b made of it, `digest` its SHA-256: the sweep compares them.
    """

    made_at = models.DateTimeField()
    covers_until = models.DateTimeField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(covers_until__gt=models.F("made_at")), name="plan_b_sheet_covers_time")
        ]

    def __str__(self) -> str:
        return f"Plan B of {self.made_at:%Y-%m-%d %H:%M %Z}"
