"""Words prepared in quiet hours: texts for others, links, and whom to reach."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from core.fields import TargetField
from incidents.enums import LinkKind, Occasion, TextAudience
from incidents.models.ladder.version import FROZEN, LadderVersion

# What a text may name in braces, and what stands there then.
PLACEHOLDERS: dict[str, str] = {
    "level": "the level: SEV2",
    "summary": "the summary",
    "reference": "INC-20260418-0042",
    "service": "the affected service",
    "status": "Investigating, Identified, Monitoring, Resolved",
    "impact": "what users see, and how many",
    "action": "what we do about it",
    "cause": "the cause as far as it is known",
    "eta": "when it should be over",
    "business_impact": "revenue, users, reputation",
    "resolution": "what ended it",
    "commander": "who commands",
    "room": "the chat room, else the address of the page",
    "next_update": "when the next one is promised",
    "duration": "from the beginning of the impact to the resolution",
    "now": "this moment, with its zone",
    "thanks": "everybody who held a role or answered",
}

# What is known only then: an update says it in fields, a promise dates it, the end has it. The others always may be.
_SAID = {"action", "cause", "eta"}
_ENDED = {"resolution", "duration"}
_THEN = _SAID | _ENDED | {"next_update"}
_OUTSIDE = (TextAudience.PUBLIC, TextAudience.SOCIAL, TextAudience.CUSTOMERS)

# {(audience, occasion): the placeholders that are never known then}; no other text is ever asked for.
NEVER_KNOWN: dict[tuple[str, str], set[str]] = {
    (TextAudience.INTERNAL, Occasion.DECLARED): _THEN - {"next_update"},
    (TextAudience.INTERNAL, Occasion.UPDATE): _ENDED,
    (TextAudience.INTERNAL, Occasion.RESOLVED): {"next_update"},
    (TextAudience.INTERNAL, Occasion.MEETING): {"next_update"},
    (TextAudience.EXECUTIVE, Occasion.UPDATE): _ENDED,
    **{(audience, Occasion.DECLARED): _ENDED for audience in _OUTSIDE},
    **{(audience, Occasion.UPDATE): _ENDED for audience in _OUTSIDE},
    **{(audience, Occasion.RESOLVED): {"next_update"} for audience in _OUTSIDE},
}


class MessageTemplate(models.Model):
    """A text for one audience on one occasion, at the levels that it names (none: at all)."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="texts")
    position = models.PositiveSmallIntegerField()
    audience = models.CharField(max_length=12, choices=TextAudience.choices)
    occasion = models.CharField(max_length=12, choices=Occasion.choices)
    levels = ArrayField(models.CharField(max_length=20), default=list, blank=True, help_text="None: at every level.")
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField()

    class Meta:
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="message_template_position_once")]
        triggers = FROZEN

    def __str__(self) -> str:
        return f"{self.get_audience_display()}: {self.get_occasion_display().lower()}"


class LinkTemplate(models.Model):
    """A dashboard or a search in the logs, of one service or of all."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="links")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=LinkKind.choices, default=LinkKind.DASHBOARD)
    service = models.SlugField(blank=True, help_text="Empty: whatever the service.")
    url = models.CharField(max_length=500, help_text="{service}, {from} and {until} are filled in.")
    hint = models.CharField(max_length=200, blank=True, help_text="What to look for there.")

    class Meta:
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "name"], name="link_template_once")]
        triggers = FROZEN

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """Whom to reach by what, and how soon they answer."""

    version = models.ForeignKey(LadderVersion, on_delete=models.CASCADE, related_name="contacts")
    position = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=80)
    method = models.CharField(max_length=120)
    within = TargetField(help_text="How soon they answer.")

    class Meta:
        ordering = ["version", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "role"], name="contact_once")]
        triggers = FROZEN

    def __str__(self) -> str:
        return f"{self.role}: {self.method}"
