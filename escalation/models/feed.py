"""A calendar feed: shifts in somebody's own calendar program, by an address that is its key."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from accounts.models import User
from escalation.models.schedule import Schedule


class CalendarFeed(models.Model):
    """All shifts of `user`, or with `schedule` the whole of it. The secret of its address is never stored.

    `content_digest` and `changed_at` say what was last handed out and since when it is so.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="calendar_feeds")
    schedule = models.ForeignKey(
        Schedule, on_delete=models.CASCADE, null=True, blank=True, related_name="calendar_feeds"
    )
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the secret part, in hexadecimal.")
    reminders = ArrayField(
        models.PositiveIntegerField(), default=list, blank=True, help_text="Minutes before a shift, each an alarm."
    )
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    content_digest = models.CharField(max_length=64, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(revoked_at__isnull=True, schedule__isnull=True),
                name="feed_of_a_person_once",
            ),
            models.UniqueConstraint(
                fields=["user", "schedule"], condition=Q(revoked_at__isnull=True), name="feed_of_a_schedule_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} for {self.user}"

    @property
    def name(self) -> str:
        """What a calendar program calls it."""
        return f"On call: {self.schedule}" if self.schedule else "My shifts on call"
