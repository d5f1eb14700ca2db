"""Shift swaps: ask, take, take back, and the reminders until somebody has taken it.

Locks: the schedule's row first, then the swap's, so that nobody takes what is just being taken.
"""

import logging
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from accounts.actor import Actor
from accounts.enums import AccessLevel
from accounts.models import User
from comms.actions.engine import record_tick
from comms.actions.message import queue_message, withdraw_messages
from comms.enums import MessageKind
from core.errors import InvalidInput, NotAllowed, WrongState
from core.moments import check_moment, show_weekday
from escalation.enums import OverrideKind
from escalation.models import Override, Schedule, ShiftSwap
from escalation.models.swap import BEFORE_THE_START
from escalation.permissions import check_can_ask_for_swap, check_can_cancel_swap, check_can_take_swap
from escalation.queries.swap import on_call_spans, people_of_schedule

logger = logging.getLogger(__name__)

SWEEP = "escalation.follow_up_swaps"
UNAMBIGUOUS = "abcdefghjkmnpqrstuvwxyz23456789"
AFTER_A_FAILURE = timedelta(minutes=1)


@transaction.atomic
def ask_for_swap(swap: ShiftSwap, *, by: Actor, now: datetime) -> ShiftSwap:
    """Keep the new `swap`, whose schedule, span, note and `offered_to` are set, and tell who could take it.

    What has passed of the span is cut off. Told at once: everybody else of the schedule, and the person it is offered
    to. The asker stays on call until somebody takes it. Raises NotAllowed; InvalidInput for a span that is over, does
    not lie on the asker's own shifts or overlaps a swap they ask for already, and for an offer to themselves or to
    somebody who may take no shift.
    """
    check_can_ask_for_swap(by)
    if by.user is None:
        raise NotAllowed("A swap is asked for by a person.")
    for field in ("starts_at", "ends_at"):
        check_moment(getattr(swap, field), field=field)
    Schedule.objects.select_for_update().get(pk=swap.schedule_id)
    swap.starts_at = max(swap.starts_at, now)
    swap.asked_at, swap.asked_by, swap.ref = now, by.user, "".join(secrets.choice(UNAMBIGUOUS) for _ in range(8))
    _check_span(swap, by.user, now)
    if swap.offered_to is not None and (swap.offered_to == by.user or not _may_take(swap.offered_to)):
        raise InvalidInput(
            f"{swap.offered_to} cannot take it from you; offer it to somebody else.", field="offered_to"
        )
    swap.wake_at = swap.next_follow_up(now)
    swap.save()
    for person in _asked_people(swap, now):
        _tell(swap, person, f"{swap.asked_by} asks for a swap", now=now, at=now)
    return swap


@transaction.atomic
def take_swap(swap: ShiftSwap, *, by: Actor, now: datetime) -> ShiftSwap:
    """`by` is on call instead of the asker, from now on if it has begun: an override that replaces them.

    Withdraws the reminders that have not left, and tells the asker. Raises NotAllowed; WrongState when it was taken,
    cancelled, is over, when the asker is no longer on call then, or when `by` already is.
    """
    check_can_take_swap(swap, by)
    if by.user is None:
        raise NotAllowed("A shift is taken by a person.")
    swap = _locked(swap)
    _check_can_be_taken(swap, by.user, now)
    swap.override = Override.objects.create(
        schedule=swap.schedule,
        kind=OverrideKind.REPLACE,
        user=by.user,
        replaced=swap.asked_by,
        starts_at=max(swap.starts_at, now),
        ends_at=swap.ends_at,
        reason=f"Swap: {swap.note}"[:200] if swap.note else "Swap",
        created_at=now,
        created_by=by.user,
    )
    Schedule.objects.filter(pk=swap.schedule_id).update(notice_at=now)
    swap.taken_at, swap.taken_by, swap.wake_at = now, by.user, None
    swap.save(update_fields=["override", "taken_at", "taken_by", "wake_at"])
    withdraw_messages(now=now, subject_key=swap.subject_key, reason=f"{by} has taken the shift.")
    body = f"You are not on call then. {by} is, instead of you.\n\n{_span(swap, swap.asked_by)}"
    _tell(swap, swap.asked_by, f"{by} takes your shift", now=now, at=now, body=body)
    return swap


@transaction.atomic
def cancel_swap(swap: ShiftSwap, *, by: Actor, now: datetime) -> ShiftSwap:
    """Nobody is asked any more; the asker stays on call. Withdraws the reminders that have not left.

    Raises NotAllowed unless `by` asked for it or is an admin, WrongState when it was taken or cancelled before.
    """
    check_can_cancel_swap(swap, by)
    swap = _locked(swap)
    _check_is_open(swap)
    return _close(swap, by=by, now=now, reason=f"{by} no longer asks for this swap.")


def follow_up_swaps(*, now: datetime, batch: int = 50) -> int:
    """The sweep: remind of up to `batch` swaps that nobody has taken; how many were looked at.

    After a pause one reminder goes out, not one for each that was missed. One transaction a swap, claimed with
    skip_locked; one that fails is logged, looked at again in a minute and stops no other.
    """
    due = list(ShiftSwap.objects.due(now).order_by("wake_at", "pk").values_list("pk", flat=True)[:batch])
    followed = 0
    for pk in due:
        try:
            followed += _follow_up(pk, now)
        except Exception:  # the row loop of a sweep: one swap's failure never stops the others
            logger.exception("The swap with id %s could not be followed up.", pk)
            ShiftSwap.objects.due(now).filter(pk=pk).update(wake_at=now + AFTER_A_FAILURE)
    record_tick(SWEEP, now=now)
    return followed


@transaction.atomic
def _follow_up(pk: int, now: datetime) -> bool:
    rows = ShiftSwap.objects.due(now).with_people().select_for_update(skip_locked=True, of=("self",))
    swap = rows.filter(pk=pk).first()
    if swap is None or swap.wake_at is None:
        return False
    if not _is_still_theirs(swap, now):
        _close(swap, by=None, now=now, reason=f"{swap.asked_by} is no longer on call then.")
        return True
    due, swap.wake_at = swap.wake_at, swap.next_follow_up(now)
    swap.save(update_fields=["wake_at"])
    if now >= swap.starts_at:
        return True
    for person in _asked_people(swap, now):
        _tell(swap, person, f"Still open: {swap.asked_by} asks for a swap", now=now, at=due, kind=MessageKind.NUDGE)
    if swap.starts_at - now <= max(BEFORE_THE_START):
        body = f"Nobody has taken it: you are still on call.\n\n{_span(swap, swap.asked_by)}"
        subject = "Nobody has taken your shift"
        _tell(swap, swap.asked_by, subject, now=now, at=due, body=body, kind=MessageKind.NUDGE)
    return True


def _close(swap: ShiftSwap, *, by: Actor | None, now: datetime, reason: str) -> ShiftSwap:
    swap.cancelled_at, swap.cancelled_by, swap.wake_at = now, by.user if by else None, None
    swap.save(update_fields=["cancelled_at", "cancelled_by", "wake_at"])
    withdraw_messages(now=now, subject_key=swap.subject_key, reason=reason)
    return swap


def _locked(swap: ShiftSwap) -> ShiftSwap:
    Schedule.objects.select_for_update().get(pk=swap.schedule_id)
    return ShiftSwap.objects.with_people().select_for_update(of=("self",)).get(pk=swap.pk)


def _check_span(swap: ShiftSwap, asker: User, now: datetime) -> None:
    if swap.ends_at <= swap.starts_at:
        over = swap.ends_at <= now
        raise InvalidInput("This shift is over." if over else "A swap ends after it starts.", field="ends_at")
    if not _is_still_theirs(swap, now):
        raise InvalidInput(f"You are not on call in {swap.schedule} for all of this span.", field="starts_at")
    overlapping = ShiftSwap.objects.open().filter(
        schedule=swap.schedule, asked_by=asker, starts_at__lt=swap.ends_at, ends_at__gt=swap.starts_at
    )
    if overlapping.exists():
        raise InvalidInput("You ask for a swap of some of this span already.", field="starts_at")


def _is_still_theirs(swap: ShiftSwap, now: datetime) -> bool:
    """Whether the asker is on call through all that is left of the span."""
    start = max(swap.starts_at, now)
    return start < swap.ends_at and on_call_spans(swap.asked_by, swap.schedule, start, swap.ends_at) == [
        (start, swap.ends_at)
    ]


def _check_is_open(swap: ShiftSwap) -> None:
    if swap.taken_by is not None:
        raise WrongState(f"{swap.taken_by} has taken this shift already.")
    if swap.cancelled_at is not None:
        raise WrongState(f"{swap.asked_by} no longer asks for this swap.")


def _check_can_be_taken(swap: ShiftSwap, taker: User, now: datetime) -> None:
    _check_is_open(swap)
    if swap.ends_at <= now:
        raise WrongState("This shift is over.")
    if not _is_still_theirs(swap, now):
        raise WrongState(f"The shifts have changed: {swap.asked_by} is no longer on call for all of this span.")
    if theirs := on_call_spans(taker, swap.schedule, max(swap.starts_at, now), swap.ends_at):
        when = show_weekday(theirs[0][0], taker.zone)
        raise WrongState(f"You are already on call in {swap.schedule} from {when}.")


def _asked_people(swap: ShiftSwap, now: datetime) -> list[User]:
    """Whom to ask: everybody of the schedule who may take it, and whom it is offered to, but for the asker."""
    people = people_of_schedule(swap.schedule, now)
    if swap.offered_to is not None and swap.offered_to not in people:
        people.append(swap.offered_to)
    return [person for person in people if person != swap.asked_by and _may_take(person)]


def _may_take(person: User) -> bool:
    return person.is_active and person.access != AccessLevel.VIEWER


def _span(swap: ShiftSwap, reader: User) -> str:
    start, end = (show_weekday(moment, reader.zone) for moment in (swap.starts_at, swap.ends_at))
    return f"{swap.schedule}: {start} to {end}"


def _tell(
    swap: ShiftSwap,
    person: User,
    subject: str,
    *,
    now: datetime,
    at: datetime,
    body: str = "",
    kind: MessageKind = MessageKind.NOTICE,
) -> None:
    """One message to `person`; `at` is the moment of the reminder, which makes it go out once."""
    if not body:
        asked = f"{swap.asked_by} asks you by name. " if person == swap.offered_to else ""
        note = f"{swap.asked_by} says: {swap.note}\n\n" if swap.note else ""
        body = f"{asked}Whoever takes it is on call instead of {swap.asked_by}.\n\n{note}{_span(swap, person)}"
    queue_message(
        now=now,
        kind=kind,
        to=person,
        subject=f"{subject}: {_span(swap, person)}",
        body=body,
        link=swap.get_absolute_url(),
        subject_key=swap.subject_key,
        dedup_key=f"{swap.subject_key}:{at:%Y%m%dT%H%M%S}:{kind}:{person.pk}",
    )
