"""Words for others, with the promised moment of the next ones printed in them."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from comms.enums import MessageKind, MessageStatus
from comms.models import Message, Subscription
from core.errors import Conflict, InvalidInput, WrongState
from core.moments import check_moment, show_clock
from incidents.actions.lock import lock_incident, lock_to_act
from incidents.actions.message import tell
from incidents.actions.promise import make_promise_of_duty
from incidents.actions.status import STEPS, step_to
from incidents.actions.submission import claim_submission
from incidents.actions.timeline import check_text, note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind, IncidentStatus, PromiseKind
from incidents.models import Duty, Incident, Promise, StatusUpdate
from incidents.states import OPEN

OWED = (PromiseKind.FIRST_UPDATE, PromiseKind.STATUS_UPDATE)
# So long words may be on their way before the sweep asks where they are, also when they were written late.
HANDED_OVER_WITHIN = timedelta(minutes=1)


@transaction.atomic
def post_status_update(
    incident: Incident,
    *,
    by: Actor,
    now: datetime,
    text: str,
    status: str | None = None,
    next_by: datetime | None = None,
    is_no_change: bool = False,
    submission_key: UUID | None = None,
) -> StatusUpdate:
    """Write `text` for others, step to `status` if it differs, promise the next one, hand it to the channels.

    `next_by` defaults to what the level owes and may be sooner, never later. The promise that this answers is done now
    and kept when the words were handed over. The same `submission_key` again returns the update that it posted. Raises
    InvalidInput for no text, another status word, or a next moment that is past or later than the level allows;
    WrongState once it is resolved; NotAllowed.
    """
    locked = lock_to_act(incident, by)
    submission = claim_submission(submission_key, by=by, now=now, incident=locked)
    if submission and submission.was_here_before:
        return _posted_before(locked)
    text = check_text(text)
    if locked.status not in OPEN:
        raise WrongState(f"{locked.reference} is resolved; nothing more is owed to anybody waiting.")
    if status is not None and status not in STEPS:
        raise InvalidInput(f"“{status}” is no status; there are {', '.join(STEPS)}.", field="status")
    if status and status != locked.status:
        step_to(locked, status, by=by, now=now, text=f"Status: {IncidentStatus(status).label.lower()}")
    answered = _answer_owed(locked, by=by, now=now)
    upcoming = _promise_next(locked, now=now, next_by=next_by)
    channels = _channels(locked)
    update = _write(locked, channels, by=by, now=now, text=text, upcoming=upcoming, is_no_change=is_no_change)
    Promise.objects.filter(pk__in=answered).update(status_update=update)
    _tell(locked, update, channels, now=now)
    note_sign_of_life(locked, by=by, now=now)
    announce_change(locked, "band", "owed", "status")
    return update


def post_no_change(
    incident: Incident, *, by: Actor, now: datetime, submission_key: UUID | None = None
) -> StatusUpdate:
    """One press: nothing has changed since the last words; the next ones come by the level's cadence.

    Raises what post_status_update raises, and InvalidInput when nothing was said before that could be unchanged.
    """
    last = incident.status_updates.order_by("-posted_at", "-pk").first()
    if last is None:
        raise InvalidInput("Nothing has been said yet; write the first status update.", field="text")
    words = last.text if not last.is_no_change else last.text.partition(": ")[2] or last.text
    return post_status_update(
        incident,
        by=by,
        now=now,
        text=f"No change since {show_clock(last.posted_at)}: {words}",
        is_no_change=True,
        submission_key=submission_key,
    )


def _posted_before(incident: Incident) -> StatusUpdate:
    """What a press that came twice has posted. Raises Conflict for a key that has pressed something else."""
    update = incident.status_updates.order_by("posted_at", "pk").last()
    if update is None:
        raise Conflict("This key was used for something else; send the words again with a key of their own.")
    return update


def _answer_owed(incident: Incident, *, by: Actor, now: datetime) -> list[int]:
    """What was owed is done now, and wakes the sweep unless the words arrive. Returns the promises' ids."""
    answered = list(Promise.objects.undone().filter(incident=incident, kind__in=OWED))
    for promise in answered:
        promise.done_at, promise.done_by = now, by.user
        promise.wake_at = max(promise.due_at, now + HANDED_OVER_WITHIN)
        promise.save(update_fields=["done_at", "done_by", "wake_at"])
    return [promise.pk for promise in answered]


def _promise_next(incident: Incident, *, now: datetime, next_by: datetime | None) -> datetime | None:
    """Promise the next update, at `next_by` or when the level owes it. Raises InvalidInput out of range."""
    if next_by is not None and check_moment(next_by, field="next_by") <= now:
        raise InvalidInput(f"{show_clock(next_by)} is past; promise the next update for later.", field="next_by")
    promise = make_promise_of_duty(incident, PromiseKind.STATUS_UPDATE, now=now, latest=next_by)
    if promise is None or next_by is None:
        return promise.due_at if promise else next_by
    if promise.due_at < next_by:
        raise InvalidInput(
            f"{incident.level} owes the next update by {show_clock(promise.due_at)} at the latest.", field="next_by"
        )
    return promise.due_at


def _write(
    incident: Incident,
    channels: list[Subscription],
    *,
    by: Actor,
    now: datetime,
    text: str,
    upcoming: datetime | None,
    is_no_change: bool,
) -> StatusUpdate:
    """The entry and the update itself, with the channels that will be told."""
    words = f"**{incident.get_status_display()}.** {text}"
    if upcoming:
        words += f"\n\nNext update by {show_clock(upcoming)}."
    facts = {"told": [channel.name for channel in channels]}
    entry = write_entry(incident, by=by, now=now, text=words, kind=EntryKind.UPDATE, facts=facts)
    return StatusUpdate.objects.create(
        incident=incident,
        entry=entry,
        status=incident.status,
        text=text,
        next_by=upcoming,
        is_no_change=is_no_change,
        told_where=facts["told"],
        posted_at=now,
        posted_by=by.user,
    )


def _channels(incident: Incident) -> list[Subscription]:
    """The standing channels that the level's duty names; none of a private incident, which is told in its room."""
    if incident.audience_id is not None:
        return []
    duty = Duty.objects.filter(level_id=incident.level_id, kind=PromiseKind.STATUS_UPDATE).first()
    names = duty.told_where if duty else [incident.level.chat_channel]
    return list(Subscription.objects.filter(name__in=names, is_enabled=True))


def _tell(incident: Incident, update: StatusUpdate, channels: list[Subscription], *, now: datetime) -> None:
    """Hand the words to the channels; without any, they were said where everybody can read them: in the room."""
    body = f"{incident.get_status_display()}. {update.text}"
    if update.next_by:
        body += f"\n\nNext update by {show_clock(update.next_by)}."
    for channel in channels:
        tell(
            incident,
            channel,
            now=now,
            kind=MessageKind.STATUS_UPDATE,
            dedup_key=f"update:{update.pk}:{channel.name}",
            body=body,
            event="status_update",
            status=update.status,
            status_update=update.pk,
            next_by=update.next_by.isoformat() if update.next_by else None,
        )
    if not channels:
        _keep_answered(update, now=now)


@transaction.atomic
def record_handed_over(message: Message, *, now: datetime) -> bool:
    """The promise that an update answers is kept once all of its messages were handed over.

    Messages of anything else change nothing. Returns whether it was kept now.
    """
    number = message.facts.get("status_update") if message.kind == MessageKind.STATUS_UPDATE else None
    update = StatusUpdate.objects.select_related("incident").filter(pk=number).first() if number else None
    if update is None:
        return False
    lock_incident(update.incident)
    return keep_if_handed_over(update, now=now, just_sent=message)


def keep_if_handed_over(update: StatusUpdate, *, now: datetime, just_sent: Message | None = None) -> bool:
    """Keep the promise that `update` answers if every channel has taken it; whether it was kept now.

    The incident is locked. Earlier words that never left are answered with it: nobody waits for them any more.
    """
    told = Message.objects.filter(kind=MessageKind.STATUS_UPDATE, facts__status_update=update.pk)
    if told.exclude(pk=just_sent and just_sent.pk).exclude(status=MessageStatus.SENT).exists():
        return False
    return _keep_answered(update, now=now)


def _keep_answered(update: StatusUpdate, *, now: datetime) -> bool:
    rows = Promise.objects.open().filter(incident=update.incident_id, kind__in=OWED, done_at__lte=update.posted_at)
    kept = bool(rows.update(kept_at=now, kept_by=update.posted_by, wake_at=None))
    if kept:
        announce_change(update.incident, "owed")
    return kept
