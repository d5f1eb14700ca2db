"""Words of incidents."""

from django.db.models import TextChoices


class IncidentStatus(TextChoices):
    """Where the response stands. RESOLVED: it is over. CLOSED: the response owes nothing urgent any more."""

    INVESTIGATING = "investigating", "Investigating"
    IDENTIFIED = "identified", "Identified"
    MONITORING = "monitoring", "Monitoring"
    RESOLVED = "resolved", "Resolved"
    CLOSED = "closed", "Closed"


class ClosedAs(TextChoices):
    """How the record ended."""

    RESPONSE_OVER = "response_over", "Response over"
    NOT_AN_INCIDENT = "not_an_incident", "Not an incident"


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
    CORRECTION = "correction", "Correction"


class PromiseKind(TextChoices):
    """What can be owed by a time. A level's duty of the same kind makes it."""

    RESPOND = "respond", "Respond"
    ANSWER = "answer", "Answer a page"
    FIRST_UPDATE = "first_update", "First status update"
    STATUS_UPDATE = "status_update", "Status update"
    WATCH = "watch", "Watch"
    CUSTOMER_EMAIL = "customer_email", "Customer email"
    POSTMORTEM = "postmortem", "Postmortem"
    ACTION_ITEM = "action_item", "Action item"


class PromiseStage(TextChoices):
    """What was already done about an open promise."""

    MADE = "made", "Made"
    REMINDED = "reminded", "Owner reminded"
    BROKEN = "broken", "Broken, owner told"
    DEPUTY_TOLD = "deputy_told", "Deputy told"
    ESCALATED = "escalated", "Escalated"


class WatchOrder(TextChoices):
    """When the watch stands: 000 watches after “resolved”, 003 and 004 before it."""

    NONE = "none", "No watch"
    BEFORE_RESOLVED = "before_resolved", "Watch, then resolve"
    AFTER_RESOLVED = "after_resolved", "Resolve, then watch"


class ChatMode(TextChoices):
    """What a declaration opens in chat."""

    NONE = "none", "Nothing"
    THREAD = "thread", "A thread in the standing channel"
    ROOM = "room", "A room of its own"


class CommanderRule(TextChoices):
    """Whose answer makes a commander."""

    FIRST_ANSWER = "first_answer", "The first who answers a page marked so"
    DECLARER = "declarer", "Whoever declares"
    ON_CALL = "on_call", "Who is on call in a schedule"
    NOBODY = "nobody", "Nobody: this level has no commander"


class PagedPolicy(TextChoices):
    """Where a level's page finds its escalation policy."""

    SERVICE = "service", "The service's own policy, else the ladder's default"
    NAMED = "named", "A named policy"


class DataIntegrity(TextChoices):
    """Is data at risk? Empty: not looked at yet."""

    NONE = "none", "None"
    SUSPECTED = "suspected", "Suspected"
    CONFIRMED = "confirmed", "Confirmed"


class RevenueImpact(TextChoices):
    """Is revenue lost? Empty: not looked at yet."""

    NONE = "none", "None"
    ESTIMATED = "estimated", "Estimated"


class RoleKind(TextChoices):
    """Which part of the room a role drives; an organisation names its roles as it likes."""

    COMMANDER = "commander", "Commands"
    DEPUTY = "deputy", "Stands in for the commander"
    COMMS = "comms", "Speaks for the incident"
    SCRIBE = "scribe", "Keeps the record"
    INVESTIGATOR = "investigator", "Investigates"
    OTHER = "other", "Something else"
