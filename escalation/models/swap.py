"""Somebody asks for a shift of theirs to be taken by somebody else."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import User
from core.constraints import paired
from escalation.models.schedule import Override, Schedule

# How long before the shift everybody is reminded once more, and the asker told that it is still theirs.
BEFORE_THE_START = (timedelta(hours=24), timedelta(hours=4), timedelta(hours=1))
DAILY = timedelta(days=1)


class ShiftSwapQuerySet(models.QuerySet["ShiftSwap"]):
    """What the sweep and the pages ask."""

    def open(self) -> Self:
        """Nobody has taken them and nobody took them back; some may be over."""
        return self.filter(taken_at__isnull=True, cancelled_at__isnull=True)

    def due(self, now: datetime) -> Self:
        """Those whose next reminder has come."""
        return self.open().filter(wake_at__lte=now)

    def with_people(self) -> Self:
        """With all that a line of text names."""
        return self.select_related("schedule", "asked_by", "offered_to", "taken_by")


class ShiftSwap(models.Model):
    """A span of the asker's own shifts that somebody else may take; until then the asker stays on call.

    Open, then either taken (with the override that this made) or cancelled; `cancelled_by` is nobody when Muster let
    go of it because the shifts had changed. `wake_at` is the next reminder, None when none is to come.
    """

    ref = models.CharField(max_length=12, unique=True, help_text="Public, in addresses and messages.")
    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="swaps")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="swaps_asked")
    offered_to = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="Asked by name as well."
    )
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="swaps_taken")
    override = models.OneToOneField(Override, on_delete=models.RESTRICT, null=True, blank=True, related_name="swap")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    wake_at = models.DateTimeField(null=True, blank=True)

    objects = ShiftSwapQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [
            # Read by escalation.actions.swap.follow_up_swaps.
            models.Index(fields=["wake_at"], name="shift_swap_wake", condition=Q(wake_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="shift_swap_ends_after_start",
                violation_error_message="A swap ends after it starts.",
            ),
            paired("shiftswap", "taken_at", "taken_by", "override"),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=False) | Q(cancelled_by__isnull=True),
                name="shift_swap_cancelled_when",
            ),
            models.CheckConstraint(
                condition=Q(taken_at__isnull=True) | Q(cancelled_at__isnull=True), name="shift_swap_ends_once"
            ),
            models.CheckConstraint(
                condition=Q(wake_at__isnull=True) | Q(taken_at__isnull=True, cancelled_at__isnull=True),
                name="shift_swap_sleeps_when_over",
            ),
            models.CheckConstraint(
                condition=Q(taken_by__isnull=True) | ~Q(taken_by=F("asked_by")), name="shift_swap_taken_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked_by} asks for a swap in {self.schedule}"

    def get_absolute_url(self) -> str:
        """Where it can be taken."""
        return reverse("escalation:swap-detail", args=[self.ref])

    @property
    def subject_key(self) -> str:
        """What its messages are about."""
        return f"swap:{self.ref}"

    def is_open_at(self, now: datetime) -> bool:
        """Whether somebody may still take what is left of it."""
        return self.taken_at is None and self.cancelled_at is None and now < self.ends_at

    def next_follow_up(self, now: datetime) -> datetime | None:
        """The first reminder after `now`: daily until a day before the start, then 24, 4 and 1 h before; else None."""
        days = (now - self.asked_at) // DAILY + 1
        daily = self.asked_at + max(1, days) * DAILY
        last = [self.starts_at - before for before in BEFORE_THE_START]
        moments = [moment for moment in last if moment > now]
        if daily < last[0]:
            moments.append(daily)
        return min(moments, default=None)
