"""What is still to do holds back resolving and closing; a reason opens the gate."""

from datetime import datetime

from core.errors import InvalidInput
from incidents.actions.checklist.item import add_level_items
from incidents.actions.watchers import announce_change
from incidents.enums import Gate
from incidents.models import Incident
from incidents.queries.checklist import open_holding
from incidents.queries.watch import raise_to_come

VERBS = {Gate.RESOLVE: "resolve", Gate.CLOSE: "close"}


def check_gate(incident: Incident, gate: Gate, *, now: datetime, reason: str) -> str:
    """What the entry says of items that hold back `gate` and are still to do: nothing, or which they are.

    A level that is shown asks for its own already while its raise has yet to take effect. Raises InvalidInput without
    a reason, with the list.
    """
    if raise_to_come(incident) and add_level_items(incident, now=now):
        announce_change(incident, "checklist")
    rows = open_holding(incident, gate)
    if not rows:
        return ""
    named = ", ".join(f"“{row.text}”" + (" (failed)" if row.is_failed else "") for row in rows)
    if not reason.strip():
        count = "1 check is" if len(rows) == 1 else f"{len(rows)} checks are"
        sentence = f"{count} still to do: {named}. To {VERBS[gate]} it all the same, give a reason."
        raise InvalidInput(sentence, field="reason")
    return f" (still to do: {named})"
