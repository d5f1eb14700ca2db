"""Tell those whose shifts somebody else has changed, in the transaction that changed them."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import wraps
from hashlib import sha256
from typing import Any, TypeVar

from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from comms.actions.message import queue_message
from comms.enums import MessageKind
from core.moments import show_weekday
from escalation.models import BusinessHours, FixedLayer, Override, Rotation, Schedule, TemporarySchedule
from escalation.oncall import Shift, shifts
from escalation.oncall.mine import Span, people_in, spans_of, without
from escalation.queries.oncall import spec_of, with_layers

AHEAD = timedelta(days=30)
MOST_SPANS = 5
Noun = Schedule | Rotation | FixedLayer | Override | TemporarySchedule | BusinessHours
Action = TypeVar("Action", bound=Callable[..., Any])


def tells_whose_shifts_change(action: Action) -> Action:
    """For an action on a schedule, a part of one, or business hours: tell whoever has other shifts afterwards.

    Compares the final line of the 30 days from the action's `now` before and after it, under the lock of the
    schedule's row, and writes one message to each person whose own shifts changed, but not to the one who did it.
    It stands inside of the action's transaction; an action that raises tells nobody.
    """

    @wraps(action)
    def telling(noun: Noun, *, by: Actor, now: datetime, **how: Any) -> Any:
        before = [(schedule, schedule.pk, _line(schedule.pk, now)) for schedule in _schedules_of(noun)]
        done = action(noun, by=by, now=now, **how)
        for schedule, pk, line in before:
            _tell(schedule, pk or schedule.pk, line, _line(pk or schedule.pk, now), by=by, now=now)
        return done

    return telling  # type: ignore[return-value]


def _schedules_of(noun: Noun) -> list[Schedule]:
    """The schedules in which `noun` says who is on call."""
    if isinstance(noun, BusinessHours):
        return list(Schedule.objects.filter(rotations__hours=noun.pk).distinct().order_by("pk"))
    return [noun if isinstance(noun, Schedule) else noun.schedule]


def shifts_key(pk: int) -> str:
    """What messages about the shifts of the schedule with this id are about."""
    return f"shifts:{pk}"


def _line(pk: int | None, now: datetime) -> list[Shift]:
    """The final line of the schedule with this id as it is kept now; empty when there is none."""
    if pk is None or not Schedule.objects.select_for_update().filter(pk=pk):
        return []
    fetched = with_layers(Schedule.objects.filter(pk=pk), now, now + AHEAD)[0]
    return shifts(spec_of(fetched), now, now + AHEAD)


def _tell(
    schedule: Schedule, pk: int, before: Sequence[Shift], after: Sequence[Shift], *, by: Actor, now: datetime
) -> None:
    people = set(people_in([*before, *after])) - {by.user.pk if by.user else None}
    changed = {}
    for person in people:
        then, since = spans_of(before, person), spans_of(after, person)
        if then != since:
            changed[int(str(person))] = (without(since, then), without(then, since))
    Schedule.objects.filter(pk=pk).update(notice_at=now)
    for user in User.objects.filter(is_active=True, pk__in=changed).order_by("pk"):
        gained, lost = changed[user.pk]
        body = _body(gained, lost, user)
        queue_message(
            now=now,
            kind=MessageKind.NOTICE,
            to=user,
            subject=f"{by} changed your shifts in {schedule}",
            body=body,
            link=reverse("escalation:shift-list"),
            subject_key=shifts_key(pk),
            dedup_key=f"shifts-changed:{pk}:{user.pk}:{now:%Y%m%dT%H%M%S%f}:{sha256(body.encode()).hexdigest()[:16]}",
        )


def _body(gained: Sequence[Span], lost: Sequence[Span], reader: User) -> str:
    parts = [("You are on call:", gained), ("You are no longer on call:", lost)]
    return "\n\n".join("\n".join([head, *_rows(spans, reader)]) for head, spans in parts if spans)


def _rows(spans: Sequence[Span], reader: User) -> list[str]:
    """A line for each span in the reader's zone; at most five, then how many more there are."""
    rows = [
        f"- {show_weekday(start, reader.zone)} to {show_weekday(end, reader.zone)}"
        for start, end in spans[:MOST_SPANS]
    ]
    more = len(spans) - MOST_SPANS
    return [*rows, f"- and {more} more in the next {AHEAD.days} days"] if more > 0 else rows
