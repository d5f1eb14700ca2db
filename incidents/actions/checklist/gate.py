"""What is still to do holds back resolving and closing; a reason opens the gate, and says all that it opened for."""

from collections.abc import Sequence
from datetime import datetime

from core.errors import InvalidInput
from incidents.actions.checklist.item import add_level_items
from incidents.actions.watchers import announce_change
from incidents.enums import Gate
from incidents.models import Incident
from incidents.queries.checklist import open_holding
from incidents.queries.watch import raise_to_come

VERBS = {Gate.RESOLVE: "resolve", Gate.CLOSE: "close"}


def check_gate(incident: Incident, gate: Gate, *, now: datetime, reason: str, also: Sequence[str] = ()) -> str:
    """What the entry says of items that hold back `gate` and are still to do: nothing, or which they are.

    A level that is shown asks for its own already while its raise has yet to take effect. Raises InvalidInput without
    a reason, with whatever `also` holds it back, a sentence each, and the list.
    """
    if raise_to_come(incident) and add_level_items(incident, now=now):
        announce_change(incident, "checklist")
    rows = open_holding(incident, gate)
    named = ", ".join(f"“{row.text}”" + (" (failed)" if row.is_failed else "") for row in rows)
    why = list(also)
    if rows:
        count = "1 check is" if len(rows) == 1 else f"{len(rows)} checks are"
        why.append(f"{count} still to do: {named}.")
    if why and not reason.strip():
        raise InvalidInput(" ".join([*why, f"To {VERBS[gate]} it all the same, give a reason."]), field="reason")
    return f" (still to do: {named})" if rows else ""
