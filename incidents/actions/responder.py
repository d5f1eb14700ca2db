"""Who is here without a role: joins with one press, and leaves with another."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from core.errors import InvalidInput
from incidents.actions.lock import lock_to_act
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind
from incidents.models import Incident, Responder


@transaction.atomic
def join_incident(incident: Incident, *, by: Actor, now: datetime) -> Responder:
    """`by` is here too: they stand among the people, and count as a sign of life. A second time changes nothing.

    Raises NotAllowed, WrongState for a closed incident, InvalidInput for a machine.
    """
    locked = lock_to_act(incident, by)
    if by.user is None:
        raise InvalidInput("Only a person can be here.")
    responder, is_new = Responder.objects.get_or_create(
        incident=locked, user=by.user, left_at__isnull=True, defaults={"joined_at": now, "left_at": None}
    )
    if is_new:
        _record(locked, f"@{by.user.handle} is here too", by=by, now=now)
    note_sign_of_life(locked, by=by, now=now)
    return responder


@transaction.atomic
def leave_incident(incident: Incident, *, by: Actor, now: datetime) -> Responder | None:
    """`by` is no longer here; roles that they hold stay theirs. Nobody who did not join changes anything.

    Raises NotAllowed, WrongState for a closed incident.
    """
    locked = lock_to_act(incident, by)
    responder = Responder.objects.filter(incident=locked, user=by.user, left_at__isnull=True).first()
    if responder is None:
        return None
    responder.left_at = now
    responder.save(update_fields=["left_at"])
    _record(locked, f"@{responder.user.handle} left", by=by, now=now)
    note_sign_of_life(locked, by=by, now=now)
    return responder


def _record(incident: Incident, text: str, *, by: Actor, now: datetime) -> None:
    write_entry(incident, by=by, now=now, text=text, kind=EntryKind.ROLE)
    announce_change(incident, "people", "owed")
