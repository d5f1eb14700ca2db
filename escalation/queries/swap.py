"""Whose shifts are whose, and which of them somebody would like to give away."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import User
from escalation.models import FixedShift, RotationMember, Schedule, ShiftSwap
from escalation.oncall import Shift, shifts
from escalation.oncall.mine import Span, spans_of
from escalation.queries.oncall import all_with_layers, spec_of, with_layers

WEEKS_SHOWN = timedelta(weeks=4)


@dataclass(frozen=True)
class MyShift:
    """One shift of one person: with whom they share it, and how they asked for a swap of some of it, if they did.

    `goes_on` when it ends after what is shown.
    """

    schedule: Schedule
    start: datetime
    end: datetime
    is_now: bool
    goes_on: bool
    others: list[User]
    swaps: list[ShiftSwap]


@dataclass(frozen=True)
class MyShifts:
    """The page of one person: their shifts, and what others would like to give away."""

    shifts: list[MyShift]
    others: list[ShiftSwap]


def on_call_spans(user: User, schedule: Schedule, start: datetime, end: datetime) -> list[Span]:
    """When `user` is on call in `schedule` between `start` and `end`; neighbours are one. Four queries."""
    fetched = with_layers(Schedule.objects.filter(pk=schedule.pk), start, end)[0]
    return spans_of(shifts(spec_of(fetched), start, end), user.pk)


def my_shifts(user: User, now: datetime) -> MyShifts:
    """Shifts of `user` in every schedule in the next four weeks, in order, and the swaps of others. Six queries."""
    end = now + WEEKS_SHOWN
    schedules = {schedule.pk: schedule for schedule in all_with_layers(now, end)}
    lines = {pk: shifts(spec_of(schedule), now, end) for pk, schedule in schedules.items()}
    mine = [(shift, pk) for pk, line in lines.items() for shift in line if user.pk in shift.users]
    mine.sort(key=lambda each: each[0].start)
    people = User.objects.in_bulk({int(str(pk)) for shift, _ in mine for pk in shift.users})
    swaps = list(ShiftSwap.objects.open().filter(ends_at__gt=now).with_people())
    return MyShifts(
        shifts=[
            MyShift(
                schedule=schedules[pk],
                start=shift.start,
                end=shift.end,
                is_now=shift.start <= now,
                goes_on=shift.end >= end,
                others=[people[other] for other in shift.users if other in people and other != user.pk],
                swaps=[swap for swap in swaps if swap.asked_by_id == user.pk and _is_about(swap, pk, shift)],
            )
            for shift, pk in mine
        ],
        others=[swap for swap in swaps if swap.asked_by_id != user.pk],
    )


def open_swaps_of(schedule: Schedule, now: datetime) -> list[ShiftSwap]:
    """What may still be taken in `schedule`, the next first. One query."""
    return list(ShiftSwap.objects.open().filter(schedule=schedule, ends_at__gt=now).with_people())


def asking_for(shift: Span, users: Collection[User], swaps: Iterable[ShiftSwap]) -> list[User]:
    """Those of `users` who ask by one of `swaps`, all of one schedule, for a part of `shift` to be taken."""
    start, end = shift
    asking = {swap.asked_by_id for swap in swaps if swap.starts_at < end and swap.ends_at > start}
    return [user for user in users if user.pk in asking]


def people_of_schedule(schedule: Schedule, now: datetime) -> list[User]:
    """Active people of `schedule`: who takes turns, has a single shift or an override that is not over. One query."""
    places = RotationMember.objects.filter(rotation__schedule=schedule)
    single = FixedShift.objects.filter(Q(layer__schedule=schedule) | Q(temporary__schedule=schedule), ends_at__gt=now)
    overrides = schedule.overrides.filter(cancelled_at__isnull=True, ends_at__gt=now, user__isnull=False)
    theirs = [Q(pk__in=rows.values("user")) for rows in (places, single, overrides)]
    return list(User.objects.filter(theirs[0] | theirs[1] | theirs[2], is_active=True))


def _is_about(swap: ShiftSwap, schedule: int, shift: Shift) -> bool:
    return swap.schedule_id == schedule and swap.starts_at < shift.end and swap.ends_at > shift.start
