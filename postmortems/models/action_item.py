"""What will be changed so that it does not happen again: specific, testable, owned, dated."""

from django.db import models

from accounts.models import User
from core.constraints import paired
from postmortems.models.postmortem import Postmortem


class ActionItem(models.Model):
    """One change, owned by a named person, due on a day."""

    postmortem = models.ForeignKey(Postmortem, on_delete=models.CASCADE, related_name="action_items")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300, help_text="Specific and testable.")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="action_items")
    due_on = models.DateField()
    created_at = models.DateTimeField()
    promise_key = models.CharField(
        max_length=80, blank=True, help_text="What its promise is called, where the incident made it."
    )
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["postmortem", "number"]
        constraints = [
            models.UniqueConstraint(fields=["postmortem", "number"], name="action_item_number_once"),
            models.UniqueConstraint(
                fields=["postmortem", "promise_key"],
                condition=~models.Q(promise_key=""),
                name="action_item_promise_once",
            ),
            paired("actionitem", "done_at", "done_by"),
            models.CheckConstraint(
                condition=models.Q(dropped_at__isnull=True, dropped_reason="")
                | (models.Q(dropped_at__isnull=False, done_at__isnull=True) & ~models.Q(dropped_reason="")),
                name="action_item_dropped_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text[:60]}"

    @property
    def is_open(self) -> bool:
        """Whether it is still owed: neither done nor dropped."""
        return self.done_at is None and self.dropped_at is None

    @property
    def subject_key(self) -> str:
        """What its promise is called among the incident's action items."""
        return self.promise_key or f"action:{self.number}"
