"""Words of checklists: phases, their items, and how an item stands."""

from django.db.models import TextChoices


class PhaseAnchor(TextChoices):
    """From when the time box of a phase counts."""

    DECLARED = "declared", "The declaration"
    MITIGATED = "mitigated", "The bleeding stopped"
    RESOLVED = "resolved", "It was resolved"


class ItemKind(TextChoices):
    """What an item of a checklist is."""

    STEP = "step", "A step"
    CHECK = "check", "A verification point"


class Evidence(TextChoices):
    """What an item asks of the person who ticks it."""

    NONE = "none", "Nothing but their name"
    NOTE = "note", "A note"
    FILE = "file", "A file: a screenshot, a log"


class Gate(TextChoices):
    """What an open item holds back; a reason opens it all the same."""

    NONE = "none", "Nothing"
    RESOLVE = "resolve", "Resolving"
    CLOSE = "close", "Closing"


class CheckOutcome(TextChoices):
    """How an item of an incident's checklist stands."""

    OPEN = "open", "Open"
    PASSED = "passed", "Passed"
    FAILED = "failed", "Failed"
    NOT_APPLICABLE = "not_applicable", "Does not apply"
