"""Words of roles."""

from django.db.models import TextChoices


class RoleKind(TextChoices):
    """Which part of the room a role drives; an organisation names its roles as it likes."""

    COMMANDER = "commander", "Commands"
    DEPUTY = "deputy", "Stands in for the commander"
    COMMS = "comms", "Speaks for the incident"
    SCRIBE = "scribe", "Keeps the record"
    INVESTIGATOR = "investigator", "Investigates"
    OTHER = "other", "Something else"
