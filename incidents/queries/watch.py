"""How long it is still being watched."""

from datetime import datetime

from incidents.enums import PromiseKind, WatchOrder
from incidents.models import Incident, SeverityChange


def watch_until(incident: Incident) -> datetime | None:
    """When the running watch ends, or None when none runs."""
    watch = incident.promises.open().filter(kind=PromiseKind.WATCH).first()
    return watch.due_at if watch else None


def raise_to_come(incident: Incident) -> SeverityChange | None:
    """The raise that shows already and has not taken effect, with its levels."""
    return incident.severity_changes.unsettled().select_related("before", "after").first()


def watch_wanted_until(
    incident: Incident, *, running: datetime | None, raised: SeverityChange | None
) -> datetime | None:
    """Until when the level that is shown, which watches before “resolved”, wants it watched; None: not any longer.

    `running` is the end of the watch that runs, `raised` the raise that has not taken effect: it lengthens the watch,
    counted from the mitigation, or begins one where the level before had none. No query.
    """
    length = incident.level.watch_length
    if raised is None or length is None or incident.mitigated_at is None:
        return running
    was_watched = raised.before.watch_order == WatchOrder.BEFORE_RESOLVED
    wanted = (incident.mitigated_at if was_watched else raised.takes_effect_at) + length
    return max(wanted, running) if running else wanted
