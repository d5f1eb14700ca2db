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
    DUPLICATE = "duplicate", "A duplicate"


# It was no incident of its own: no postmortem is written about it.
NOT_OF_ITS_OWN = frozenset({ClosedAs.NOT_AN_INCIDENT, ClosedAs.DUPLICATE})


class Relation(TextChoices):
    """What one incident has to do with another, read from the first to the second."""

    RELATED = "related", "Related to"
    CAUSED_BY = "caused_by", "Caused by"
    DUPLICATE = "duplicate", "A duplicate of"


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


class PromiseKind(TextChoices):
    """What can be owed by a time. A level's duty of the same kind makes it."""

    RESPOND = "respond", "Respond"
    ANSWER = "answer", "Answer a page"
    FIRST_UPDATE = "first_update", "First status update"
    STATUS_UPDATE = "status_update", "Status update"
    PUBLIC_UPDATE = "public_update", "Public update"
    EXECUTIVE_BRIEF = "executive_brief", "Executive brief"
    WATCH = "watch", "Watch"
    TASK = "task", "Task"
    DECISION = "decision", "Look at a decision again"
    CRITICAL = "critical", "Critical decision"
    MITIGATION = "mitigation", "Look at a mitigation"
    HANDOVER = "handover", "Accept the handover"
    CUSTOMER_EMAIL = "customer_email", "Customer email"
    POSTMORTEM = "postmortem", "Postmortem"
    MEETING = "meeting", "Postmortem meeting"
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
    SERVICE_OWNER = "service_owner", "Who is on call for the affected service, else its owner"
    NOBODY = "nobody", "Nobody: this level has no commander"


class RoleSource(TextChoices):
    """By which rule a seat of the response team is filled."""

    NOBODY = "nobody", "Nobody: whoever takes it"
    ON_CALL = "on_call", "Who is on call in a schedule"
    SERVICE_OWNER = "service_owner", "Who is on call for the affected service, else its owner"


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


class MediaType(TextChoices):
    """What may be kept with an incident, found in the content and never believed from a name."""

    PNG = "image/png", "PNG picture"
    JPEG = "image/jpeg", "JPEG picture"
    GIF = "image/gif", "GIF picture"
    WEBP = "image/webp", "WebP picture"
    PDF = "application/pdf", "PDF"
    TEXT = "text/plain", "plain text"
    CSV = "text/csv", "CSV"
    JSON = "application/json", "JSON"
    ZIP = "application/zip", "ZIP archive"
    GZIP = "application/gzip", "gzip archive"


class PhaseAnchor(TextChoices):
    """From when the time box of a phase counts."""

    DECLARED = "declared", "The declaration"
    MITIGATED = "mitigated", "The bleeding stopped"
    RESOLVED = "resolved", "It was resolved"


class FlagAsked(TextChoices):
    """When the question of a flag is asked."""

    TRIAGE = "triage", "In the first minutes"
    AFTER = "after", "Once it is resolved"


class Risk(TextChoices):
    """How dangerous a mitigation is."""

    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"


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


class SectionKind(TextChoices):
    """How a section of a postmortem is written."""

    TEXT = "text", "Text"
    LIST = "list", "A list"
    WHYS = "whys", "Why, five times"


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


class MitigationOutcome(TextChoices):
    """What a mitigation did."""

    EFFECTIVE = "effective", "It worked"
    PARTIAL = "partial", "Partly"
    NONE = "none", "No effect"
    WORSE = "worse", "It got worse"


class ServiceState(TextChoices):
    """How an affected service is."""

    DOWN = "down", "Down"
    DEGRADED = "degraded", "Degraded"
    OK = "ok", "Ok"
