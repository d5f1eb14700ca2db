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
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["postmortem", "number"]
        constraints = [
            models.UniqueConstraint(fields=["postmortem", "number"], name="action_item_number_once"),
            paired("actionitem", "done_at", "done_by"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.text[:60]}"
