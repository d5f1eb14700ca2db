"""The end of the watch: what follows is a press."""

from datetime import datetime, timedelta

from incidents.enums import IncidentStatus, PromiseKind, WatchOrder
from incidents.owed.facts import IncidentFacts
from incidents.owed.row import OwedRow, row_of


def watch_over(facts: IncidentFacts, now: datetime) -> OwedRow | None:
    """The watch is over, also by a level whose raise has yet to take effect: what follows is a press."""
    incident = facts.incident
    if any(promise.kind == PromiseKind.WATCH for promise in facts.promises):
        return None
    quiet = "It stayed quiet" if incident.level.watch_length else "There is no watch"
    if incident.status == IncidentStatus.RESOLVED:
        return row_of(now, key="close", what=f"{quiet}: close it", verb="Close", url="#close", tone="soon")
    before = incident.level.watch_order == WatchOrder.BEFORE_RESOLVED
    quiet_at = incident.mitigated_at and incident.mitigated_at + (incident.level.watch_length or timedelta(0))
    if before and incident.status == IncidentStatus.MONITORING and quiet_at and quiet_at <= now:
        return row_of(now, key="resolve", what=f"{quiet}: resolve", verb="Resolve", url="#resolve", tone="soon")
    return None
