"""A closed record is opened again, for a week."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.actor import Actor
from core.errors import InvalidInput, WrongState
from core.signals import announce
from incidents.actions.escalation import apply_matrix
from incidents.actions.lock import lock_incident
from incidents.actions.promise import OF_THE_RESOLUTION, withdraw_promises
from incidents.actions.promise_return import owe_response_again
from incidents.actions.runbook import begin_runbooks
from incidents.actions.status import step_to, tell_channel
from incidents.actions.timeline import note_sign_of_life
from incidents.actions.watchers import announce_change
from incidents.enums import IncidentStatus, Relation
from incidents.models import Incident, IncidentLink
from incidents.permissions import check_can_respond
from incidents.signals import incident_reopened

REOPENED_WITHIN = timedelta(days=7)
CLOSING = ("closed_at", "closed_as", "closed_reason")


@transaction.atomic
def reopen_incident(incident: Incident, *, by: Actor, now: datetime, reason: str) -> Incident:
    """Back to investigating, with the story kept; updates are owed again, and what was owed after it no longer is.

    What its end withdrew undone comes back with them. Rings nobody, for whom to page is a press of its own, but whom a
    runbook pages that was taken up while it was over. A duplicate stays linked. Sends incident_reopened. Raises
    InvalidInput without a reason, WrongState unless it was closed within the last seven days, NotAllowed.
    """
    check_can_respond(by, incident)
    locked = lock_incident(incident)
    reason = reason.strip()
    if not reason:
        raise InvalidInput("Say in a few words what came back.", field="reason")
    if locked.closed_at is None:
        raise WrongState(f"{locked.reference} is not closed. If it is back, say that the watch failed.")
    if now - locked.closed_at > REOPENED_WITHIN:
        raise WrongState(f"{locked.reference} was closed more than seven days ago; declare a new one, and link it.")
    over_since = locked.resolved_at
    locked.closed_at, locked.closed_as, locked.closed_reason = None, "", ""
    IncidentLink.objects.filter(source=locked, relation=Relation.DUPLICATE).update(relation=Relation.RELATED)
    withdraw_promises(locked, now=now, kinds=OF_THE_RESOLUTION, reason="it was reopened")
    step_to(locked, IncidentStatus.INVESTIGATING, by=by, now=now, text=f"Reopened: {reason}", also=CLOSING)
    apply_matrix(locked, now=now)
    owe_response_again(locked, now=now)
    begin_runbooks(locked, over_since=over_since, by=by, now=now)
    tell_channel(locked, now=now, event="reopened", body=f"It was reopened: {reason}")
    note_sign_of_life(locked, by=by, now=now)
    announce_change(locked, "people")
    announce(incident_reopened, Incident, incident=locked, by=by, now=now)
    return locked
