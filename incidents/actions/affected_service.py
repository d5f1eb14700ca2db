"""Which services are affected, and how they are."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from core.errors import InvalidInput
from escalation.models import Service
from incidents.actions.lock import lock_to_act
from incidents.actions.seen import check_seen
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind, ServiceState
from incidents.models import AffectedService, Incident


@transaction.atomic
def set_service_state(
    incident: Incident, *, by: Actor, now: datetime, service: Service, state: str, seen: str | None = None
) -> AffectedService:
    """`service` is down, degraded or ok now; the same again says nothing. Rings nobody.

    The main service of the incident stays what it is. `seen` is the state that the writer had before them, empty for
    none. Raises Conflict when it is another by now, InvalidInput for another word, NotAllowed, WrongState for a closed
    incident.
    """
    locked = lock_to_act(incident, by)
    if state not in ServiceState.values:
        raise InvalidInput(f"“{state}” is none of {', '.join(ServiceState.values)}.", field="state")
    row = AffectedService.objects.filter(incident=locked, service=service).first()
    before = row.state if row else ""
    row = row or AffectedService(incident=locked, service=service)
    if before == state:
        return row
    if before:
        words = f"{service.slug} is {row.get_state_display().lower()}"
        check_seen(seen, is_now=before, what=words, by=row.set_by, at=row.set_at)
    row.state, row.set_at, row.set_by = state, now, by.user
    row.save()
    was = f", was {ServiceState(before).label.lower()}" if before else ""
    text = f"{service.slug} is {row.get_state_display().lower()}{was}"
    facts = {"service": service.slug, "before": before, "after": state}
    write_entry(locked, by=by, now=now, text=text, kind=EntryKind.IMPACT, facts=facts)
    note_sign_of_life(locked, by=by, now=now)
    announce_change(locked, "facts")
    return row
