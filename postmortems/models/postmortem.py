"""A postmortem: one document for one incident, section by section."""

from typing import Self

from django.db import models
from django.urls import reverse

from accounts.models import Audience, User
from accounts.models.audience import VisibleQuerySet
from core.constraints import paired
from incidents.models import Incident
from postmortems.enums import PostmortemStatus


class PostmortemQuerySet(VisibleQuerySet):
    """What the list and the document ask."""

    def visible_to(self, user: User | models.Expression) -> Self:
        """What `user` may know of. An incident that became private after its postmortem was opened hides both."""
        return super().visible_to(user).filter(incident__in=Incident.objects.visible_to(user))

    def for_rows(self) -> Self:
        """With everything that one row of the list shows, in a fixed number of queries."""
        return self.select_related("incident__level", "author").prefetch_related("reviews__reviewer")


class Postmortem(models.Model):
    """The document. Its derived parts follow the incident's record until edited or published.

    `record` is the head of the document (date, duration, phases …) as it stood at publication; empty before.
    """

    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="postmortem")
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, null=True, blank=True, related_name="postmortems")
    status = models.CharField(max_length=12, choices=PostmortemStatus.choices, default=PostmortemStatus.DRAFT)
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="postmortems")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    record = models.JSONField(default=dict, blank=True, help_text="The document's head as it was published.")

    objects = PostmortemQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=PostmortemStatus.values), name="postmortem_status_known"
            ),
            paired("postmortem", "published_at", "published_by"),
            models.CheckConstraint(
                condition=models.Q(status=PostmortemStatus.PUBLISHED, published_at__isnull=False)
                | (~models.Q(status=PostmortemStatus.PUBLISHED) & models.Q(published_at__isnull=True)),
                name="postmortem_published_has_its_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(status=PostmortemStatus.WITHDRAWN, withdrawn_at__isnull=False)
                | (~models.Q(status=PostmortemStatus.WITHDRAWN) & models.Q(withdrawn_at__isnull=True)),
                name="postmortem_withdrawn_has_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"Postmortem of {self.incident}"

    def get_absolute_url(self) -> str:
        """The document's page."""
        return reverse("postmortems:postmortem-detail", args=[self.incident.reference])

    @property
    def is_final(self) -> bool:
        """Whether its words no longer change: published or withdrawn."""
        return self.status in {PostmortemStatus.PUBLISHED, PostmortemStatus.WITHDRAWN}


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

    @property
    def follows_record(self) -> bool:
        """Whether what it shows is made from the incident's record at every view."""
        return self.is_derived and self.edited_at is None and not self.postmortem.record
