"""What the public is told. Muster never says it by itself: each word is a person's press."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actor import MUSTER, Actor
from core.errors import InvalidInput, WrongState
from core.signals import announce
from incidents.actions.lock import lock_incident, lock_to_act
from incidents.actions.promise import keep_promise
from incidents.actions.submission import came_before, claim_submission
from incidents.actions.text import words_for
from incidents.actions.timeline import check_text, note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind, IncidentStatus, Occasion, PromiseKind, TextAudience
from incidents.export.texts import Said
from incidents.models import Incident, Promise, StatusUpdate
from incidents.signals import public_update_posted
from incidents.states import OPEN


@transaction.atomic
def tell_public(
    incident: Incident, *, by: Actor, now: datetime, text: str = "", submission_key: UUID | None = None
) -> Incident:
    """Tell the public where it stands, in `text` or in the words that the ladder has ready for this occasion.

    Owes nobody inside anything: their update is a press of its own. The same `submission_key` again does nothing.
    Raises WrongState for what is private or closed, InvalidInput when there are no words, NotAllowed.
    """
    locked = lock_to_act(incident, by)
    if came_before(claim_submission(submission_key, by=by, now=now, incident=locked)):
        return locked
    words = check_text(text or ready_words(locked, now=now))
    entry = write_entry(locked, by=by, now=now, text=f"**Told the public:** {words}", kind=EntryKind.UPDATE)
    update = StatusUpdate.objects.create(
        incident=locked, entry=entry, status=locked.status, text=words, posted_at=now, posted_by=by.user
    )
    _make_public(locked, update, words, by=by, now=now)
    note_sign_of_life(locked, by=by, now=now)
    return locked


def ready_words(incident: Incident, *, now: datetime) -> str:
    """What a press would tell the public now: the first word, where it stands, or that it is over."""
    occasion = Occasion.UPDATE if incident.public_state else Occasion.DECLARED
    if incident.status not in OPEN:
        occasion = Occasion.RESOLVED
    last = incident.status_updates.filter(is_no_change=False).order_by("-posted_at", "-pk").first()
    said = Said(impact=last.impact, action=last.action, cause=last.cause, eta=last.eta) if last else Said()
    next_by = last.next_by if last and incident.is_open else None
    return words_for(TextAudience.PUBLIC, occasion, incident, said, now=now, next_by=next_by)


def record_public_word(incident: Incident, update: StatusUpdate, *, by: Actor, now: datetime, text: str = "") -> None:
    """What the writer of `update` tells the public with it: `text`, or the ladder's words for it.

    The incident is locked. Raises what tell_public raises.
    """
    said = Said(update.text, update.impact, update.action, update.cause, update.eta)
    words = check_text(words_with_update(incident, said, now=now, next_by=update.next_by, own=text))
    write_entry(incident, by=by, now=now, text=f"**Told the public:** {words}", kind=EntryKind.UPDATE)
    _make_public(incident, update, words, by=by, now=now)


def words_with_update(
    incident: Incident, said: Said, *, now: datetime, next_by: datetime | None, own: str = ""
) -> str:
    """What an update that says `said` tells the public: `own`, or the ladder's words for it. Writes nothing."""
    fields = Said(impact=said.impact, action=said.action or said.text, cause=said.cause, eta=said.eta)
    return own or words_for(TextAudience.PUBLIC, Occasion.UPDATE, incident, fields, now=now, next_by=next_by)


def _make_public(incident: Incident, update: StatusUpdate, words: str, *, by: Actor, now: datetime) -> None:
    if not incident.may_be_public:
        raise WrongState(not_public(incident))
    update.public_text, update.told_public_at = words, now
    update.save(update_fields=["public_text", "told_public_at"])
    incident.public_state, incident.public_told_at = incident.status, now
    incident.save(update_fields=["public_state", "public_told_at"])
    for promise in Promise.objects.undone().filter(incident=incident, kind=PromiseKind.PUBLIC_UPDATE):
        keep_promise(promise, by=by, now=now)
    announce_change(incident, "owed", "status")
    announce(public_update_posted, StatusUpdate, update=update, by=by, now=now)


def not_public(incident: Incident) -> str:
    """Why the public hears nothing of it, as a sentence."""
    what = "a drill" if incident.is_drill else "private"
    return f"{incident.reference} is {what}; nothing of it is told to the public."


@transaction.atomic
def set_public_state(incident: Incident, *, now: datetime, state: str) -> Incident:
    """What the public reads now, as an upper app (the status page) knows it; the same again changes nothing.

    Also in a closed record. Raises InvalidInput for a word that is no status, WrongState for what is private.
    """
    locked = lock_incident(incident)
    if state == locked.public_state:
        return locked
    if state not in IncidentStatus.values:
        raise InvalidInput(f"“{state}” is no status.", field="state")
    if not locked.may_be_public:
        raise WrongState(not_public(locked))
    locked.public_state, locked.public_told_at = state, now
    locked.save(update_fields=["public_state", "public_told_at"])
    text = f"The public reads: {IncidentStatus(state).label.lower()}"
    write_entry(locked, by=MUSTER, now=now, text=text, kind=EntryKind.UPDATE, facts={"public_state": state})
    announce_change(locked, "status")
    return locked
