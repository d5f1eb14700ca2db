"""How long it is still being watched."""

from datetime import datetime

from incidents.enums import PromiseKind
from incidents.models import Incident


def watch_until(incident: Incident) -> datetime | None:
    """When the running watch ends, or None when none runs."""
    watch = incident.promises.open().filter(kind=PromiseKind.WATCH).first()
    return watch.due_at if watch else None
