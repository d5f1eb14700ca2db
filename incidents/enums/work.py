"""Words of what people do in the room: tasks, hypotheses, decisions, mitigations."""

from django.db.models import TextChoices


class TaskStatus(TextChoices):
    """What became of a task."""

    OPEN = "open", "Open"
    DONE = "done", "Done"
    DROPPED = "dropped", "Dropped"


class HypothesisStatus(TextChoices):
    """What is thought of a hypothesis."""

    OPEN = "open", "Open"
    TESTING = "testing", "Testing"
    RULED_OUT = "ruled_out", "Ruled out"
    CONFIRMED = "confirmed", "Confirmed"


class LineKind(TextChoices):
    """What a line under a hypothesis is."""

    EVIDENCE = "evidence", "Evidence"
    STEP = "step", "A step to find out"


class DecisionOutcome(TextChoices):
    """Whether a decision did what was expected of it."""

    WORKED = "worked", "It worked"
    FAILED = "failed", "It did not"


class Risk(TextChoices):
    """How dangerous a mitigation is."""

    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"


class MitigationOutcome(TextChoices):
    """What a mitigation did."""

    EFFECTIVE = "effective", "It worked"
    PARTIAL = "partial", "Partly"
    NONE = "none", "No effect"
    WORSE = "worse", "It got worse"
