"""A failure that was new: the runbook that did not know it is to be updated, or one is to be written."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.actor import Actor
from core.errors import InvalidInput, WrongState
from core.signals import announce
from incidents.actions.lock import lock_incident, lock_to_act
from incidents.actions.promise import due_of_duty, keep_promise, make_promise
from incidents.actions.timeline import note_sign_of_life, record, write_entry
from incidents.enums import EntryKind, PromiseKind
from incidents.models import Incident, IncidentRunbook, Promise
from incidents.permissions import check_can_respond
from incidents.queries.scenario import RUNBOOK, RUNBOOK_TO_WRITE
from incidents.signals import action_done, action_owed

# By when a runbook is written anew where the level owes no postmortem.
A_WEEK = timedelta(days=7)


@transaction.atomic
def note_new_failure(incident: Incident, *, by: Actor, now: datetime, runbook: str = "") -> Promise:
    """The failure was new to `runbook`, or, where none was taken up, to all: other words are owed, by `by`.

    An action item of the incident, due when the postmortem is; it outlives the fire. A second press changes nothing.
    Sends action_owed. Raises InvalidInput for a runbook that nobody took up, or for none where one was, NotAllowed,
    WrongState for a closed incident.
    """
    locked = lock_to_act(incident, by)
    if not runbook and locked.runbooks.exists():
        raise InvalidInput("A runbook was taken up; say which one did not know this failure.", field="runbook")
    promise = _owe(locked, _taken_up(locked, runbook) if runbook else None, by=by, now=now)
    note_sign_of_life(locked, by=by, now=now)
    return promise


def owe_words(incident: Incident, *, by: Actor, now: datetime) -> list[Promise]:
    """Other words in every runbook that was taken up, else a runbook of its own; the incident is locked."""
    taken: list[IncidentRunbook | None] = list(incident.runbooks.select_related("runbook"))
    return [_owe(incident, one, by=by, now=now) for one in taken or [None]]


def _owe(incident: Incident, taken: IncidentRunbook | None, *, by: Actor, now: datetime) -> Promise:
    key = f"{RUNBOOK}{taken.runbook.slug}" if taken else RUNBOOK_TO_WRITE
    before = incident.promises.filter(kind=PromiseKind.ACTION_ITEM, subject_key=key).order_by("pk").last()
    if before:
        return before
    subject, link, facts = f"Write a runbook for: {incident.summary}", "", {}
    text = "The failure was new: a runbook is to be written"
    if taken:
        taken.was_new_at = now
        taken.save(update_fields=["was_new_at"])
        text = f"The failure was new: the runbook **{taken.runbook.name}** needs other words"
        subject = f"Update the runbook: {taken.runbook.name}"
        link, facts = f"#runbook-{taken.runbook.slug}", {"outdated": taken.runbook.slug}
    write_entry(incident, by=by, now=now, text=text, kind=EntryKind.RUNBOOK, facts=facts)
    promise = make_promise(
        incident,
        by=by,
        now=now,
        kind=PromiseKind.ACTION_ITEM,
        due_at=due_of_duty(incident, PromiseKind.POSTMORTEM, now=now) or now + A_WEEK,
        subject=subject[:200],
        owner=by.user or incident.commander,
        subject_key=key,
        link=f"{incident.get_absolute_url()}{link}",
    )
    announce(action_owed, Promise, promise=promise, by=by, now=now)
    return promise


@transaction.atomic
def finish_runbook_update(incident: Incident, *, by: Actor, now: datetime, runbook: str = "") -> Promise:
    """The runbook says now what it should, or was written: the promise is kept, also after the incident was closed.

    Sends action_done. Raises InvalidInput for a runbook that nobody took up, WrongState when nothing is owed about it,
    NotAllowed.
    """
    check_can_respond(by, incident)
    locked = lock_incident(incident)
    taken = _taken_up(locked, runbook) if runbook else None
    key = f"{RUNBOOK}{taken.runbook.slug}" if taken else RUNBOOK_TO_WRITE
    promise = locked.promises.undone().filter(kind=PromiseKind.ACTION_ITEM, subject_key=key).first()
    if promise is None:
        about = f"the runbook “{taken.runbook.name}”" if taken else "a runbook to be written"
        raise WrongState(f"Nothing is owed about {about}.")
    keep_promise(promise, by=by, now=now)
    text = f"The runbook **{taken.runbook.name}** was updated" if taken else "A runbook for this was written"
    record(locked, now=now, text=text, kind=EntryKind.RUNBOOK, by=by, updated=taken.runbook.slug if taken else "")
    announce(action_done, Promise, promise=promise, by=by, now=now)
    return promise


def _taken_up(incident: Incident, slug: str) -> IncidentRunbook:
    taken = incident.runbooks.select_related("runbook").filter(runbook__slug=slug).first()
    if taken is None:
        raise InvalidInput(f"Nobody took up a runbook “{slug[:50]}” here.", field="runbook")
    return taken
