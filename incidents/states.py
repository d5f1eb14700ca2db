"""The workflow of an incident, as tables side by side. docs/states.md is generated from them."""

from incidents.enums import IncidentStatus, PromiseKind, RoleKind

S = IncidentStatus

# {status: statuses that may follow}. What did not hold goes back to investigating and keeps the story: a failed
# watch, and for a week a closed record.
TRANSITIONS: dict[str, frozenset[str]] = {
    S.INVESTIGATING: frozenset({S.IDENTIFIED, S.MONITORING, S.RESOLVED, S.CLOSED}),
    S.IDENTIFIED: frozenset({S.INVESTIGATING, S.MONITORING, S.RESOLVED, S.CLOSED}),
    S.MONITORING: frozenset({S.INVESTIGATING, S.IDENTIFIED, S.RESOLVED, S.CLOSED}),
    S.RESOLVED: frozenset({S.INVESTIGATING, S.CLOSED}),
    S.CLOSED: frozenset({S.INVESTIGATING}),
}

# Statuses in which the response goes on: pages may ring, updates are owed.
OPEN: frozenset[str] = frozenset({S.INVESTIGATING, S.IDENTIFIED, S.MONITORING})

# Owed after the fire: they never hold the closing of an incident, and go on after it.
AFTER_THE_FIRE: tuple[PromiseKind, ...] = (
    PromiseKind.CUSTOMER_EMAIL,
    PromiseKind.POSTMORTEM,
    PromiseKind.ACTION_ITEM,
    PromiseKind.MEETING,
)

# Whoever commands or speaks hands it over to somebody who accepts it; the other roles change hands at once.
HANDED_OVER: frozenset[str] = frozenset({RoleKind.COMMANDER, RoleKind.COMMS})
