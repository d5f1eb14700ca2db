"""How long maintenance made a page wait."""

from django.db import models
from django.db.models import Q

from escalation.models.page import Page


class PageHold(models.Model):
    """One span in which the next step of a page waited for the end of maintenance, as it was decided at `held_at`.

    `released_at` is when it went on; empty while it waits, and where an answer or a stop came before.
    """

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="holds")
    held_at = models.DateTimeField()
    until = models.DateTimeField(help_text="The end of the maintenance, as it was known at that moment.")
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["page", "held_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["page"], condition=Q(released_at__isnull=True), name="page_hold_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page} held until {self.until:%Y-%m-%d %H:%M %Z}"
