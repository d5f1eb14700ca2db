"""What a postmortem of this ladder looks like, and what it needs before it is published."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.fields import DurationTextField
from incidents.enums import SectionKind
from incidents.models.ladder.version import FROZEN, LadderVersion


class PostmortemTemplate(models.Model):
    """The template of a version; one at most."""

    version = models.OneToOneField(LadderVersion, on_delete=models.CASCADE, related_name="postmortem")
    confidence_over = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Published only when the cause is known with more than so many percent."
    )
    actions_at_least = models.PositiveSmallIntegerField(default=0, help_text="Action items that it closes with.")
    action_label = models.CharField(max_length=60, blank=True, help_text="The label of their tickets.")
    meeting_after = DurationTextField(help_text="The meeting is so long after the resolution at the earliest.")
    meeting_length = DurationTextField(help_text="How long it lasts.")
    meeting_roles = ArrayField(models.SlugField(), default=list, blank=True, help_text="Who is asked to come.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confidence_over__isnull=True) | Q(confidence_over__lt=100),
                name="postmortem_template_confidence_possible",
            )
        ]
        triggers = FROZEN

    def __str__(self) -> str:
        return f"Postmortem of {self.version}"


class PostmortemSection(models.Model):
    """One section, or one question of it."""

    template = models.ForeignKey(PostmortemTemplate, on_delete=models.CASCADE, related_name="sections")
    position = models.PositiveSmallIntegerField()
    slug = models.SlugField()
    title = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=SectionKind.choices, default=SectionKind.TEXT)
    questions = ArrayField(models.CharField(max_length=200), default=list, blank=True)

    class Meta:
        ordering = ["template", "position"]
        constraints = [models.UniqueConstraint(fields=["template", "slug"], name="postmortem_section_once")]
        triggers = FROZEN

    def __str__(self) -> str:
        return self.title
