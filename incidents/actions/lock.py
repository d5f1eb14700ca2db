"""The order of locks, in one place: pages before the incident, the incident before its promises and entries.

Every action on an incident takes its row first, so that two people never interleave inside one record; what has to
do with pages (stop them) comes before that, because an answer holds its page and then writes to the incident.
"""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from core.errors import Conflict, WrongState
from escalation.actions.page import lock_pages, stop_pages
from escalation.models import Page
from incidents.enums import IncidentStatus
from incidents.models import Incident
from incidents.permissions import check_can_note, check_can_respond

TRIES = 5


def lock_incident(incident: Incident) -> Incident:
    """The incident's own fresh row, locked until the transaction ends."""
    rows = Incident.objects.select_for_update(of=("self",)).select_related("level__version__ladder", "service")
    return rows.get(pk=incident.pk)


def lock_to_act(incident: Incident, by: Actor) -> Incident:
    """The locked row, once `by` may act in it and it is not closed. Raises NotAllowed or WrongState."""
    check_can_respond(by, incident)
    return _lock_open(incident)


def lock_to_note(incident: Incident, by: Actor) -> Incident:
    """The locked row, once `by` may write a note in it and it is not closed. Raises NotAllowed or WrongState."""
    check_can_note(by, incident)
    return _lock_open(incident)


def _lock_open(incident: Incident) -> Incident:
    locked = lock_incident(incident)
    if locked.status == IncidentStatus.CLOSED:
        raise WrongState(f"{locked.reference} is closed; nothing was changed.")
    return locked


def lock_to_end(incident: Incident, by: Actor, *, now: datetime, reason: str) -> Incident:
    """The locked row of an incident that is over, with every page of it stopped. Raises NotAllowed or WrongState.

    A page that somebody began while this waited for the lock is stopped too: both are let go, and taken again in their
    order. Raises Conflict when that happens again and again.
    """
    check_can_respond(by, incident)
    for _ in range(TRIES):
        point = transaction.savepoint()
        stop_pages(incident.subject_key, by=by, now=now, reason=reason)
        locked = lock_to_act(incident, by)
        if not Page.objects.filter(subject_key=incident.subject_key, stopped_at__isnull=True).exists():
            transaction.savepoint_commit(point)
            return locked
        transaction.savepoint_rollback(point)
    raise Conflict("Somebody is ringing people for it at this very moment; try again.")


def lock_with_pages(incident: Incident, by: Actor) -> Incident:
    """The locked row with every page of it held too, for what changes both. Raises NotAllowed or WrongState.

    Raises Conflict when somebody begins a page again and again while this waits.
    """
    check_can_respond(by, incident)
    for _ in range(TRIES):
        point = transaction.savepoint()
        held = lock_pages(incident.subject_key)
        locked = lock_to_act(incident, by)
        there = Page.objects.filter(subject_key=incident.subject_key).order_by("pk").values_list("pk", flat=True)
        if held == list(there):
            transaction.savepoint_commit(point)
            return locked
        transaction.savepoint_rollback(point)
    raise Conflict("Somebody is ringing people for it at this very moment; try again.")
