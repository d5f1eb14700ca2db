"""A task: one line, a named person, and minutes if wanted."""

from datetime import UTC

from django.db import models
from django.db.models import F, Q

from accounts.models import User
from core.constraints import by_at
from core.history import written_once
from incidents.enums import TaskStatus
from incidents.models.incident import Incident


class Task(models.Model):
    """One thing that `owner` was asked to do. `number` counts within the incident.

    `due_at` is what the promise of the same number owes by; `understood_at` is when the owner said that they have
    it, asked for where the ladder wants it. Reassigned, it has another owner and is not understood yet.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="tasks")
    number = models.PositiveIntegerField()
    text = models.CharField(max_length=300)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tasks")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    due_at = models.DateTimeField(null=True, blank=True)
    understood_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=8, choices=TaskStatus.choices, default=TaskStatus.OPEN)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was dropped.")

    class Meta:
        ordering = ["incident", "number"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="task_number_once"),
            models.CheckConstraint(condition=Q(status__in=TaskStatus.values), name="task_status_known"),
            models.CheckConstraint(
                condition=Q(status=TaskStatus.OPEN, ended_at__isnull=True)
                | (~Q(status=TaskStatus.OPEN) & Q(ended_at__gte=F("made_at"))),
                name="task_ended_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(status=TaskStatus.DROPPED) & ~Q(reason="") | ~Q(status=TaskStatus.DROPPED) & Q(reason=""),
                name="task_dropped_has_reason",
            ),
            by_at("task", "ended"),
        ]
        triggers = written_once(
            later=["ended_at", "ended_by", "reason"], free=["owner", "due_at", "understood_at", "status"]
        )

    def __str__(self) -> str:
        return f"Task {self.number} of {self.incident.reference}: {self.text}"

    @property
    def state(self) -> str:
        """Whose it is and until when: what two people may change at once."""
        return f"{self.owner.handle} {self.due_at.astimezone(UTC).isoformat() if self.due_at else ''}".strip()

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do it."""
        return self.status == TaskStatus.OPEN

    @property
    def subject_key(self) -> str:
        """What its promise calls it."""
        return f"task:{self.number}"
