"""Words of one incident: where it stands, how it ended, what it does to others."""

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


class ServiceState(TextChoices):
    """How an affected service is."""

    DOWN = "down", "Down"
    DEGRADED = "degraded", "Degraded"
    OK = "ok", "Ok"


class DataIntegrity(TextChoices):
    """Is data at risk? Empty: not looked at yet."""

    NONE = "none", "None"
    SUSPECTED = "suspected", "Suspected"
    CONFIRMED = "confirmed", "Confirmed"


class RevenueImpact(TextChoices):
    """Is revenue lost? Empty: not looked at yet."""

    NONE = "none", "None"
    ESTIMATED = "estimated", "Estimated"
