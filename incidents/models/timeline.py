"""The timeline: what happened, when it happened, and when that was recorded. Append-only, by trigger."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models

from accounts.enums import Via
from accounts.models import User
from core.history import written_once
from incidents.enums import EntryKind
from incidents.models.incident import Incident


class TimelineEntry(models.Model):
    """One thing that happened.

    `number` counts within the incident without a hole and is the id of the event in the live stream. `happened_at` is
    the entry's own time, `recorded_at` when it was written. `html` is rendered and sanitised once, here.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=EntryKind.choices)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    is_about = models.BooleanField(default=False, help_text="`happened_at` is a guess: shown as ~14:15.")
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    via = models.CharField(max_length=8, choices=Via.choices)
    text = models.TextField(help_text="Markdown, as it was typed.")
    html = models.TextField(blank=True)
    facts = models.JSONField(default=dict, blank=True, help_text="For machines: ids, before, after.")
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections")

    class Meta:
        ordering = ["incident", "-happened_at", "-number"]
        verbose_name_plural = "timeline entries"
        indexes = [
            # Read by incidents.queries.timeline: the newest fifty, whatever the size.
            models.Index(fields=["incident", "-happened_at", "-number"], name="entry_newest"),
            # Read by incidents.queries.search: the same words as there, letter for letter.
            GinIndex(SearchVector("text", config="simple"), name="entry_words"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["incident", "number"], name="entry_number_once"),
            models.CheckConstraint(condition=models.Q(kind__in=EntryKind.values), name="entry_kind_known"),
            models.CheckConstraint(
                condition=models.Q(happened_at__lte=models.F("recorded_at")), name="entry_not_of_the_future"
            ),
        ]
        triggers = written_once()

    def __str__(self) -> str:
        return f"{self.incident.reference} #{self.number}: {self.text[:60]}"

    @property
    def is_dated_back(self) -> bool:
        """Whether it was written down more than a minute after it happened."""
        return (self.recorded_at - self.happened_at).total_seconds() >= 60
