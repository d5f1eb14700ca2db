"""What the public is told. Muster never says it by itself: each word is a person's press."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actor import MUSTER, Actor
from core.errors import Conflict, InvalidInput, WrongState
from core.moments import check_moment, show_clock
from core.signals import announce
from incidents.actions.lock import lock_incident, lock_to_act
from incidents.actions.promise import keep_promise, make_promise_of_duty, withdraw_promises
from incidents.actions.seen import check_newest_update
from incidents.actions.submission import came_before, claim_submission
from incidents.actions.text import words_for
from incidents.actions.timeline import check_text, note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind, IncidentStatus, Occasion, PromiseKind, TextAudience
from incidents.export.texts import Said
from incidents.models import Incident, Promise, StatusUpdate
from incidents.queries.public_word import last_words_with_public, next_public_by, owes_public, public_rhythm
from incidents.queries.texts import last_words
from incidents.signals import public_update_posted
from incidents.states import OPEN


@transaction.atomic
def tell_public(
    incident: Incident,
    *,
    by: Actor,
    now: datetime,
    text: str = "",
    next_by: datetime | None = None,
    seen: int | None = None,
    submission_key: UUID | None = None,
) -> Incident:
    """Tell the public where it stands, in `text` or in the words that the ladder has ready for this occasion.

    `next_by` is the moment of the next word that `text` prints; it defaults to what the level owes. Owes nobody inside
    anything: their update is a press of its own. The same `submission_key` again does nothing.

    `seen` is the id of the newest update that the writer has read, 0 for none.

    Raises WrongState for what is private or closed, InvalidInput when there are no words, Conflict for a `next_by`
    that is past or later than the level allows or when somebody else posted since `seen`, NotAllowed.
    """
    locked = lock_to_act(incident, by)
    if came_before(claim_submission(submission_key, by=by, now=now, incident=locked)):
        return locked
    check_newest_update(locked, seen)
    upcoming = _moment_told(locked, next_by, now=now)
    words = check_text(text or ready_words(locked, now=now))
    entry = write_entry(locked, by=by, now=now, text=f"**Told the public:** {words}", kind=EntryKind.UPDATE)
    update = StatusUpdate.objects.create(
        incident=locked,
        entry=entry,
        status=locked.status,
        text=words,
        next_by=upcoming,
        posted_at=now,
        posted_by=by.user,
    )
    _make_public(locked, update, words, by=by, now=now)
    note_sign_of_life(locked, by=by, now=now)
    return locked


def ready_words(incident: Incident, *, now: datetime) -> str:
    """What a press would tell the public now: the first word, where it stands, or that it is over."""
    occasion = Occasion.UPDATE if incident.public_state else Occasion.DECLARED
    if incident.status not in OPEN:
        occasion = Occasion.RESOLVED
    said = Said.fields_of(last_words(incident))
    next_by = next_public_by(incident, now=now)
    return words_for(TextAudience.PUBLIC, occasion, incident, said, now=now, next_by=next_by)


def unchanged_words(incident: Incident, *, now: datetime, next_by: datetime | None) -> str:
    """What “no change” tells the public: the status, the new moment, and of the last words what it has read already.

    What was said inside alone stays inside: nobody saw it go out.
    """
    last, read = last_words_with_public(incident)
    spoken = (last.impact, last.action or last.text, last.cause, last.eta) if last else ()
    said = Said("", *(words if words.strip() in read else "" for words in spoken))
    return words_for(TextAudience.PUBLIC, Occasion.UPDATE, incident, said, now=now, next_by=next_by)


def _moment_told(incident: Incident, next_by: datetime | None, *, now: datetime) -> datetime | None:
    """The moment that words print, where they do. Raises Conflict when it is past or too late by now."""
    latest = next_public_by(incident, now=now)
    if next_by is None or latest is None:
        return latest
    if now < check_moment(next_by, field="next_by") <= latest:
        return next_by
    why = "is past" if next_by <= now else "is too late"
    raise Conflict(
        f"The words promise the next ones by {show_clock(next_by)}, which {why}. "
        f"Write {show_clock(latest)} or sooner into them, and tell the public again."
    )


def moment_with_public(incident: Incident, next_by: datetime | None, *, now: datetime) -> datetime | None:
    """When an update that the public reads too promises the next one: `next_by`, else by the level's rhythm.

    Raises InvalidInput for one that is later than the level owes the public.
    """
    rhythm = public_rhythm(incident, now=now)
    if rhythm and next_by and next_by > rhythm:
        says = f"{incident.level} owes the public the next word by {show_clock(rhythm)} at the latest."
        raise InvalidInput(says, field="next_by")
    return next_by or rhythm


def record_public_word(incident: Incident, update: StatusUpdate, *, by: Actor, now: datetime, text: str = "") -> None:
    """What the writer of `update` tells the public with it: `text`, or the ladder's words for it.

    The incident is locked. Raises what tell_public raises.
    """
    said = Said(update.text, update.impact, update.action, update.cause, update.eta)
    if update.is_no_change:
        text = text or unchanged_words(incident, now=now, next_by=update.next_by)
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
    """What was owed is kept; the next word is owed by the moment that these promise, where the level owes any."""
    if not incident.may_be_public:
        raise WrongState(not_public(incident))
    update.public_text, update.told_public_at = words, now
    update.save(update_fields=["public_text", "told_public_at"])
    incident.public_state, incident.public_told_at = incident.status, now
    incident.save(update_fields=["public_state", "public_told_at"])
    for promise in Promise.objects.undone().filter(incident=incident, kind=PromiseKind.PUBLIC_UPDATE):
        keep_promise(promise, by=by, now=now)
    if incident.is_open:
        make_promise_of_duty(incident, PromiseKind.PUBLIC_UPDATE, now=now, told=update.next_by)
    announce_change(incident, "owed", "status")
    announce(public_update_posted, StatusUpdate, update=update, by=by, now=now)


def renew_public_promise(incident: Incident, *, raised: bool, now: datetime) -> None:
    """What the public is owed by the level that the incident has now. The incident is locked.

    The first word is counted anew, sooner at most when the level was `raised`. Once something was said, what it
    promised stands, or comes sooner; what is late stays late. A level that owes the public nothing withdraws it.
    """
    running = Promise.objects.undone().filter(incident=incident, kind=PromiseKind.PUBLIC_UPDATE).first()
    was_told, is_owed = bool(incident.public_state), owes_public(incident)
    latest = running.due_at if running and (raised or was_told) else None
    if is_owed and latest and latest <= now:
        return
    reason = f"the level became {incident.level}"
    withdraw_promises(incident, now=now, kinds=(PromiseKind.PUBLIC_UPDATE,), reason=reason)
    if not is_owed:
        return
    told = next_public_by(incident, now=now) if was_told else None
    make_promise_of_duty(incident, PromiseKind.PUBLIC_UPDATE, now=now, latest=latest, told=told)


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
