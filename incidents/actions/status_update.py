"""Words for others, with the promised moment of the next ones printed in them."""

from dataclasses import astuple
from datetime import datetime
from typing import TypedDict, Unpack
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from comms.models import Subscription
from core.errors import Conflict, InvalidInput, WrongState
from core.moments import check_moment, show_clock
from incidents.actions.brief import post_brief
from incidents.actions.channels import OWED, answer_owed, answers, channels_of, hand_over
from incidents.actions.lock import lock_to_act
from incidents.actions.promise import make_promise_of_duty
from incidents.actions.public_word import moment_with_public, record_public_word
from incidents.actions.seen import check_newest_update
from incidents.actions.status import STEPS, step_to
from incidents.actions.submission import came_before, claim_submission
from incidents.actions.text import words_for
from incidents.actions.timeline import check_text, note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind, IncidentStatus, Occasion, PromiseKind, TextAudience
from incidents.export.texts import Said, difference
from incidents.models import Incident, Promise, StatusUpdate
from incidents.queries.public_word import no_change_reaches_public
from incidents.queries.texts import last_words
from incidents.states import OPEN

LONGEST_ETA = 200


class Words(TypedDict, total=False):
    """What an update says, by the names of Said."""

    text: str
    impact: str
    action: str
    cause: str
    eta: str


@transaction.atomic
def post_status_update(
    incident: Incident,
    *,
    by: Actor,
    now: datetime,
    status: str | None = None,
    next_by: datetime | None = None,
    is_no_change: bool = False,
    tell_public: bool = False,
    public_text: str = "",
    tell_executives: bool = False,
    seen: int | None = None,
    submission_key: UUID | None = None,
    **words: Unpack[Words],
) -> StatusUpdate:
    """Say where it stands, step to `status` if it differs, promise the next one, hand it to the channels.

    What is said is `text` in words of one's own, or impact, action, cause and eta, or both. The ladder's texts make
    the internal words of it, with `tell_public` the public ones (`public_text` in their place), with
    `tell_executives` the brief. `next_by` defaults to what the level owes and may be sooner, never later. The promises
    that this answers are done now and kept when the words were handed over. `seen` is the id of the newest update that
    the writer had before them (0: none). The same `submission_key` again returns the update that it posted.

    Raises InvalidInput for no words, another status word, or a next moment that is past or later than the level
    allows; Conflict when somebody else posted one since `seen`; WrongState once it is resolved, or for public words
    about what is private; NotAllowed.
    """
    locked = lock_to_act(incident, by)
    if came_before(claim_submission(submission_key, by=by, now=now, incident=locked)):
        return _posted_before(locked)
    check_newest_update(locked, seen)
    said = _said(words)
    _step(locked, status, by=by, now=now)
    answered = answer_owed(locked, OWED, by=by, now=now)
    upcoming = _promise_next(locked, by=by, now=now, next_by=next_by, tell_public=tell_public)
    update = _say(locked, said, answered, by=by, now=now, upcoming=upcoming, is_no_change=is_no_change)
    _tell_others(locked, update, by=by, now=now, public=public_text if tell_public else None, brief=tell_executives)
    note_sign_of_life(locked, by=by, now=now)
    announce_change(locked, "band", "owed", "status")
    return update


def _tell_others(
    incident: Incident, update: StatusUpdate, *, by: Actor, now: datetime, public: str | None, brief: bool
) -> None:
    """The public, in words of one's own or the ladder's where `public` is empty (None: not at all); the executives."""
    if public is not None:
        record_public_word(incident, update, by=by, now=now, text=public)
    if brief:
        post_brief(incident, update, by=by, now=now)


def _say(
    incident: Incident,
    said: Said,
    answered: list[Promise],
    *,
    by: Actor,
    now: datetime,
    upcoming: datetime | None,
    is_no_change: bool,
) -> StatusUpdate:
    """Write down what is said inside, with what it answers, and hand it to the channels that wait for it."""
    channels = _channels_for(incident, answered)
    words = words_for(TextAudience.INTERNAL, Occasion.UPDATE, incident, said, now=now, next_by=upcoming)
    update = _write(incident, said, channels, words, by=by, now=now, upcoming=upcoming, is_no_change=is_no_change)
    answers(answered, update)
    hand_over(update, words, channels, now=now)
    return update


def _channels_for(incident: Incident, answered: list[Promise]) -> list[Subscription]:
    """Where words go that answer these: the first ones where the first update is owed."""
    is_first = PromiseKind.FIRST_UPDATE in [promise.kind for promise in answered]
    return channels_of(incident, PromiseKind.FIRST_UPDATE if is_first else PromiseKind.STATUS_UPDATE)


def _said(words: Words) -> Said:
    """The words without white space around them. Raises InvalidInput for none, or too many."""
    said = Said(*(part.strip() for part in astuple(Said(**words))))
    check_text(said.paragraph)
    if len(said.eta) > LONGEST_ETA:
        raise InvalidInput(f"When it is over is said in {LONGEST_ETA} characters at most.", field="eta")
    return said


@transaction.atomic
def post_no_change(
    incident: Incident, *, by: Actor, now: datetime, submission_key: UUID | None = None
) -> StatusUpdate:
    """One press: nothing has changed since the last words inside; the next ones come by the level's cadence.

    The public reads it too where it was told before and is owed the next word. What only the public was told is not
    repeated inside. Raises what post_status_update raises, and InvalidInput when nothing was said inside before that
    could be unchanged.
    """
    locked = lock_to_act(incident, by)
    last = locked.status_updates.said_inside().first()
    if last is None:
        raise InvalidInput("Nothing has been said yet; write the first status update.", field="text")
    words = last.text if not last.is_no_change else last.text.partition(": ")[2] or last.text
    return post_status_update(
        locked,
        by=by,
        now=now,
        text=f"No change since {show_clock(last.posted_at)}: {words}",
        is_no_change=True,
        tell_public=no_change_reaches_public(locked),
        submission_key=submission_key,
    )


def _step(incident: Incident, status: str | None, *, by: Actor, now: datetime) -> None:
    """To the status that the words say, if it is another. Raises InvalidInput or WrongState."""
    if incident.status not in OPEN:
        raise WrongState(f"{incident.reference} is resolved; nothing more is owed to anybody waiting.")
    if status is not None and status not in STEPS:
        raise InvalidInput(f"“{status}” is no status; there are {', '.join(STEPS)}.", field="status")
    if status and status != incident.status:
        step_to(incident, status, by=by, now=now, text=f"Status: {IncidentStatus(status).label.lower()}")


def _posted_before(incident: Incident) -> StatusUpdate:
    """What a press that came twice has posted. Raises Conflict for a key that has pressed something else."""
    update = incident.status_updates.order_by("posted_at", "pk").last()
    if update is None:
        raise Conflict("This key was used for something else; send the words again with a key of their own.")
    return update


def _promise_next(
    incident: Incident, *, by: Actor, now: datetime, next_by: datetime | None, tell_public: bool
) -> datetime | None:
    """Promise the next update, at `next_by` or when the level owes it. Raises InvalidInput out of range."""
    if next_by is not None and check_moment(next_by, field="next_by") <= now:
        raise InvalidInput(
            f"{show_clock(next_by, by.zone)} is past; promise the next update for later.", field="next_by"
        )
    promise = make_promise_of_duty(incident, PromiseKind.STATUS_UPDATE, now=now, latest=next_by)
    if promise is None:
        return moment_with_public(incident, next_by, now=now) if tell_public else next_by
    if next_by and promise.due_at < next_by:
        raise InvalidInput(
            f"{incident.level} owes the next update by {show_clock(promise.due_at, by.zone)} at the latest.",
            field="next_by",
        )
    return promise.due_at


def _write(
    incident: Incident,
    said: Said,
    channels: list[Subscription],
    words: str,
    *,
    by: Actor,
    now: datetime,
    upcoming: datetime | None,
    is_no_change: bool,
) -> StatusUpdate:
    """The entry and the update itself, with the channels that are told and what it says otherwise than the last."""
    last = last_words(incident)
    facts = {"told": [channel.name for channel in channels]}
    if last and not is_no_change:
        facts["changed"] = difference(last, incident.status, said)
    state = incident.get_status_display()
    text = f"**{state}.** {words.removeprefix(f'{state}. ')}" if words.startswith(f"{state}. ") else words
    entry = write_entry(incident, by=by, now=now, text=text, kind=EntryKind.UPDATE, facts=facts)
    return StatusUpdate.objects.create(
        incident=incident,
        entry=entry,
        status=incident.status,
        text=said.paragraph,
        impact=said.impact,
        action=said.action,
        cause=said.cause,
        eta=said.eta,
        next_by=upcoming,
        is_no_change=is_no_change,
        told_where=facts["told"],
        posted_at=now,
        posted_by=by.user,
    )
