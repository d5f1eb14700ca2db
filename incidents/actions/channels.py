"""Words go to channels; what they answer is kept once every channel has taken them, and not before."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.actor import MUSTER, Actor
from comms.enums import MessageKind, MessageStatus
from comms.models import Message, Subscription
from incidents.actions.lock import lock_incident
from incidents.actions.message import tell
from incidents.actions.promise_page import stop_rings
from incidents.actions.watchers import announce_change
from incidents.enums import PromiseKind
from incidents.models import Duty, Incident, Promise, StatusUpdate

OWED = (PromiseKind.FIRST_UPDATE, PromiseKind.STATUS_UPDATE)
BRIEFS = (PromiseKind.EXECUTIVE_BRIEF,)
# What a message of an update is called in its facts, and which promises it answers.
ANSWERS: dict[str, tuple[PromiseKind, ...]] = {"status_update": OWED, "executive_brief": BRIEFS}
# So long words may be on their way before the sweep asks where they are, also when they were written late.
HANDED_OVER_WITHIN = timedelta(minutes=1)


def answer_owed(incident: Incident, kinds: tuple[PromiseKind, ...], *, by: Actor, now: datetime) -> list[Promise]:
    """What was owed is done now, and wakes the sweep unless the words arrive. Returns the promises."""
    answered = list(Promise.objects.undone().filter(incident=incident, kind__in=kinds))
    for promise in answered:
        promise.done_at, promise.done_by = now, by.user
        promise.wake_at = max(promise.due_at, now + HANDED_OVER_WITHIN)
        promise.save(update_fields=["done_at", "done_by", "wake_at"])
    return answered


def answers(promises: list[Promise], update: StatusUpdate) -> None:
    """Write down that `update` is what `promises` were waiting for."""
    Promise.objects.filter(pk__in=[promise.pk for promise in promises]).update(status_update=update)


def channels_of(incident: Incident, kind: PromiseKind) -> list[Subscription]:
    """The standing channels that the level's duty of `kind` names; updates without a duty go to the level's own.

    None of a private incident, which is told in its room.
    """
    if incident.audience_id is not None:
        return []
    duty = Duty.objects.filter(level_id=incident.level_id, kind=kind).first()
    of_level = [incident.level.chat_channel] if kind == PromiseKind.STATUS_UPDATE else []
    return list(Subscription.objects.filter(name__in=duty.told_where if duty else of_level, is_enabled=True))


def hand_over(
    update: StatusUpdate,
    words: str,
    channels: list[Subscription],
    *,
    now: datetime,
    event: str = "status_update",
    next_by: datetime | None = None,
) -> None:
    """Queue `words` for the channels; without any, they were said where everybody can read them: in the room.

    `event` is a key of ANSWERS.
    """
    until = next_by or update.next_by
    for channel in channels:
        facts: dict[str, Any] = {event: update.pk}
        tell(
            update.incident,
            channel,
            now=now,
            kind=MessageKind.STATUS_UPDATE,
            dedup_key=f"{'update' if event == 'status_update' else event}:{update.pk}:{channel.name}",
            body=words,
            event=event,
            status=update.status,
            next_by=until.isoformat() if until else None,
            **facts,
        )
    if not channels:
        _keep_answered(update, event, now=now)


@transaction.atomic
def record_handed_over(message: Message, *, now: datetime) -> bool:
    """The promise that an update answers is kept once all of its messages were handed over.

    Messages of anything else change nothing. Returns whether it was kept now.
    """
    if message.kind != MessageKind.STATUS_UPDATE:
        return False
    event = next((event for event in ANSWERS if message.facts.get(event)), "")
    update = StatusUpdate.objects.select_related("incident").filter(pk=message.facts[event]).first() if event else None
    if update is None:
        return False
    lock_incident(update.incident)
    return _keep_if_taken(update, event, now=now, just_sent=message)


def keep_if_handed_over(update: StatusUpdate, kind: str, *, now: datetime) -> bool:
    """Keep the promise of `kind` that `update` answers if every channel has taken it; whether it was kept now.

    The incident is locked.
    """
    event = next(event for event, kinds in ANSWERS.items() if kind in kinds)
    return _keep_if_taken(update, event, now=now)


def _keep_if_taken(update: StatusUpdate, event: str, *, now: datetime, just_sent: Message | None = None) -> bool:
    told = Message.objects.filter(kind=MessageKind.STATUS_UPDATE, **{f"facts__{event}": update.pk})
    if told.exclude(pk=just_sent and just_sent.pk).exclude(status=MessageStatus.SENT).exists():
        return False
    return _keep_answered(update, event, now=now)


def _keep_answered(update: StatusUpdate, event: str, *, now: datetime) -> bool:
    """Earlier words that never left are answered with it: nobody waits for them any more."""
    owed = Promise.objects.open().filter(incident=update.incident_id, kind__in=ANSWERS[event])
    rows = owed.filter(done_at__lte=update.posted_at)
    kept = bool(rows.update(kept_at=now, kept_by=update.posted_by, wake_at=None))
    if kept:
        stop_rings(update.incident, by=MUSTER, now=now)
        announce_change(update.incident, "owed")
    return kept
