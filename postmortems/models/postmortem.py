"""A postmortem: one document for one incident, section by section."""

from django.db import models
from django.urls import reverse

from accounts.models import Audience, User
from accounts.models.audience import VisibleQuerySet
from core.constraints import paired
from incidents.models import Incident
from postmortems.enums import PostmortemStatus


class Postmortem(models.Model):
    """The document. Its derived parts follow the incident's record until edited or published."""

    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="postmortem")
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, null=True, blank=True, related_name="postmortems")
    status = models.CharField(max_length=12, choices=PostmortemStatus.choices, default=PostmortemStatus.DRAFT)
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="postmortems")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = VisibleQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=PostmortemStatus.values), name="postmortem_status_known"
            ),
            paired("postmortem", "published_at", "published_by"),
        ]

    def __str__(self) -> str:
        return f"Postmortem of {self.incident}"

    def get_absolute_url(self) -> str:
        """The document's page."""
        return reverse("postmortems:postmortem-detail", args=[self.incident.reference])


class Section(models.Model):
    """One section. `body` is Markdown, `html` the same rendered and sanitised when it was written.

    `edited_at` empty means that a derived section still follows the record. `revision` is what two editors compare.
    """

    postmortem = models.ForeignKey(Postmortem, on_delete=models.CASCADE, related_name="sections")
    key = models.SlugField()
    heading = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField()
    is_derived = models.BooleanField(default=False)
    body = models.TextField(blank=True)
    html = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=0)
    edited_at = models.DateTimeField(null=True, blank=True)
    edited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["postmortem", "position"]
        constraints = [
            models.UniqueConstraint(fields=["postmortem", "key"], name="section_once"),
            paired("section", "edited_at", "edited_by"),
        ]

    def __str__(self) -> str:
        return f"{self.heading} of {self.postmortem}"
