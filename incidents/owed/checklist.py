"""What the checklist still asks: a phase whose time box is over, and checks that hold back resolving."""

from datetime import datetime

from incidents.enums import IncidentStatus, PhaseAnchor
from incidents.owed.facts import IncidentFacts, PhaseBox
from incidents.owed.row import OwedRow, row_of


def is_over(facts: IncidentFacts, box: PhaseBox, now: datetime) -> bool:
    """Whether the box is over with something left. Once it is resolved only those counted from then are asked for."""
    asked = facts.incident.is_open or (
        facts.incident.status == IncidentStatus.RESOLVED and box.anchor == PhaseAnchor.RESOLVED
    )
    return asked and box.left > 0 and box.ends_at <= now


def box_row(box: PhaseBox, now: datetime) -> OwedRow:
    """One row for a phase, never one for an item; a word that is owed to others goes before it."""
    return row_of(
        now,
        key=f"phase:{box.key}",
        what=f"{box.name}: {box.left} of {box.total} open",
        detail="its box is over",
        due_at=box.ends_at,
        tone="soon",
        verb="Tick",
        url="#checklist",
    )


def checks_pending(facts: IncidentFacts, now: datetime) -> OwedRow | None:
    """The bleeding has stopped, and what must be seen before “resolved” was not."""
    total, left = facts.checks
    incident = facts.incident
    calm = incident.mitigated_at is not None or incident.status == IncidentStatus.MONITORING
    if not left or not calm or not incident.is_open:
        return None
    what = f"{left} of {total} checks pending before it is resolved"
    return row_of(now, key="checks", what=what, verb="Tick", url="#checklist")
