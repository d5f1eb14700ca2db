"""The meeting about the postmortem: when it is."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from core.errors import InvalidInput, WrongState
from core.moments import check_moment, show_moment
from incidents.actions.lock import lock_incident
from incidents.actions.promise import keep_promise
from incidents.actions.seen import check_seen
from incidents.actions.timeline import write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import NOT_OF_ITS_OWN, EntryKind, PromiseKind
from incidents.models import Incident, Promise
from incidents.permissions import check_can_respond
from incidents.queries.meeting import meeting_of


@transaction.atomic
def schedule_meeting(
    incident: Incident, *, by: Actor, now: datetime, at: datetime, seen: str | None = None
) -> Incident:
    """Say when the meeting is, or move it; what was owed is kept. Also in a closed record. Invites nobody by itself.

    `seen` is the moment that the writer had before them, in ISO format, empty for none. Raises Conflict when it is
    another by now, InvalidInput for a moment that is past or sooner than the ladder allows, WrongState while it is
    going on or when it was no incident of its own, NotAllowed.
    """
    check_can_respond(by, incident)
    locked = lock_incident(incident)
    if locked.closed_as in NOT_OF_ITS_OWN:
        raise WrongState(f"{locked.reference} has no postmortem, so there is no meeting about it.")
    earliest = meeting_of(locked).earliest
    if earliest is None:
        raise WrongState(f"{locked.reference} is not over; the meeting is scheduled once it is resolved.")
    if check_moment(at, field="at") <= now:
        raise InvalidInput(f"{show_moment(at)} is past.", field="at")
    if at < earliest:
        raise InvalidInput(f"The meeting is not before {show_moment(earliest)}, says the policy.", field="at")
    if at == locked.meeting_at:
        return locked
    if locked.meeting_at:
        words = f"the meeting is {show_moment(locked.meeting_at)}"
        check_seen(seen, is_now=locked.meeting_at.isoformat(), what=words)
    word = "Postmortem meeting moved to" if locked.meeting_at else "Postmortem meeting scheduled for"
    locked.meeting_at = at
    locked.save(update_fields=["meeting_at"])
    write_entry(locked, by=by, now=now, text=f"{word} {show_moment(at)}", kind=EntryKind.PROMISE)
    for promise in Promise.objects.undone().filter(incident=locked, kind=PromiseKind.MEETING):
        keep_promise(promise, by=by, now=now)
    announce_change(locked, "owed", "status")
    return locked
