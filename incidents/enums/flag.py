"""Words of flags."""

from django.db.models import TextChoices


class FlagAsked(TextChoices):
    """When the question of a flag is asked."""

    TRIAGE = "triage", "In the first minutes"
    AFTER = "after", "Once it is resolved"
