"""A file or a screenshot of an incident, kept in the database: one backup holds the whole record."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from core.history import written_once
from incidents.enums import MediaType
from incidents.models.incident import Incident
from incidents.models.timeline import TimelineEntry


class Attachment(models.Model):
    """What a file held when it was put here. The same bytes are kept once in an incident, under their first name.

    `size` in bytes, `sha256` in lower-case hex. `media_type` was found in the content. Fetch it without its content
    (`.defer("content")`) wherever only its name is shown.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40, choices=MediaType.choices)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["incident", "added_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "sha256"], name="attachment_once"),
            models.CheckConstraint(condition=Q(media_type__in=MediaType.values), name="attachment_type_known"),
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty"),
        ]
        triggers = [pgtrigger.Protect(name="kept_as_it_was", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Where it is shown or downloaded."""
        return reverse("incidents:attachment-detail", args=[self.incident.reference, self.sha256])


class EntryFile(models.Model):
    """A file that shows what an entry of the timeline says, with who put it there and when. Only ever added."""

    entry = models.ForeignKey(TimelineEntry, on_delete=models.PROTECT, related_name="entry_files")
    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["entry", "pk"]
        constraints = [models.UniqueConstraint(fields=["entry", "attachment"], name="entry_file_once")]
        triggers = written_once()

    def __str__(self) -> str:
        return f"{self.attachment} at {self.entry}"
