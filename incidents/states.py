"""The workflow of an incident, as tables side by side. docs/states.md is generated from them."""

from incidents.enums import EntryKind, IncidentStatus

S = IncidentStatus

# {status: statuses that may follow}. A failed watch goes back to investigating and keeps the story.
TRANSITIONS: dict[str, frozenset[str]] = {
    S.INVESTIGATING: frozenset({S.IDENTIFIED, S.MONITORING, S.RESOLVED, S.CLOSED}),
    S.IDENTIFIED: frozenset({S.INVESTIGATING, S.MONITORING, S.RESOLVED, S.CLOSED}),
    S.MONITORING: frozenset({S.INVESTIGATING, S.IDENTIFIED, S.RESOLVED, S.CLOSED}),
    S.RESOLVED: frozenset({S.INVESTIGATING, S.CLOSED}),
    S.CLOSED: frozenset(),
}

# What the timeline calls the step into a status.
ENTRY_KIND: dict[str, EntryKind] = {
    S.INVESTIGATING: EntryKind.STATUS,
    S.IDENTIFIED: EntryKind.STATUS,
    S.MONITORING: EntryKind.STATUS,
    S.RESOLVED: EntryKind.STATUS,
    S.CLOSED: EntryKind.STATUS,
}

# Statuses in which the response goes on: pages may ring, updates are owed.
OPEN: frozenset[str] = frozenset({S.INVESTIGATING, S.IDENTIFIED, S.MONITORING})
