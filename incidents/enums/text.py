"""Words of texts and links."""

from django.db.models import TextChoices


class TextAudience(TextChoices):
    """For whom a text is."""

    INTERNAL = "internal", "Inside"
    PUBLIC = "public", "The public"
    EXECUTIVE = "executive", "Executives"
    CUSTOMERS = "customers", "Customers, by mail"
    SOCIAL = "social", "Social media, to copy"


class Occasion(TextChoices):
    """When a text is written."""

    DECLARED = "declared", "It was declared"
    UPDATE = "update", "A status update"
    RESOLVED = "resolved", "It was resolved"
    MEETING = "meeting", "The postmortem meeting"


class LinkKind(TextChoices):
    """Where a link leads."""

    DASHBOARD = "dashboard", "Dashboard"
    LOGS = "logs", "Logs"
    STATUS = "status", "Status page of a provider"
    OTHER = "other", "Something else"
