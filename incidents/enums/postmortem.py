"""Words of the document after the fire, as a policy asks for it."""

from django.db.models import TextChoices


class SectionKind(TextChoices):
    """How a section of a postmortem is written."""

    TEXT = "text", "Text"
    LIST = "list", "A list"
    WHYS = "whys", "Why, five times"
