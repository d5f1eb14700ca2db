"""Words of the timeline."""

from django.db.models import TextChoices


class EntryKind(TextChoices):
    """What a timeline entry is; filters and dots follow it."""

    NOTE = "note", "Note"
    DECLARED = "declared", "Declared"
    PAGE = "page", "Page"
    STATUS = "status", "Status"
    UPDATE = "update", "Status update"
    SEVERITY = "severity", "Severity"
    ROLE = "role", "Role"
    IMPACT = "impact", "Impact"
    PROMISE = "promise", "Promise"
    MITIGATION = "mitigation", "Mitigation"
    CHECK = "check", "Check"
    CORRECTION = "correction", "Correction"
    FLAG = "flag", "Flag"
    RUNBOOK = "runbook", "Runbook"
    AUDIENCE = "audience", "Who may see it"
    TASK = "task", "Task"
    HYPOTHESIS = "hypothesis", "Hypothesis"
    DECISION = "decision", "Decision"
    DEPLOYMENT = "deployment", "Deployment"
