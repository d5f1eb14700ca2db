"""Who is on call, by name: now, next, and between two moments, in a fixed number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from core.prepared import Prepared, among_keys
from core.wall import instant
from escalation.models import Override, Schedule, TemporarySchedule
from escalation.oncall import ScheduleSpec, Shift, next_in_turn, shifts, with_gaps
from escalation.queries.oncall.rows import all_with_layers, layers_at, spec_of, with_layers

LOOK_AHEAD = timedelta(days=14)
GAP_AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class NamedShift:
    """A Shift with its people; `is_now` for the one that is on. A gap is one without people and without a layer."""

    start: datetime
    end: datetime
    users: list[User]
    layer: str
    override: Override | TemporarySchedule | None
    is_now: bool

    @property
    def is_gap(self) -> bool:
        """Whether nobody is on call; false when somebody is who cannot be rung."""
        return not self.users and not self.layer and self.override is None


@dataclass(frozen=True)
class OnCallRow:
    """One schedule on the board: who is on call, until when (None: for longer than two weeks), and who comes next.

    `gap_at` is the first moment of the next seven days at which nobody is on call, None when there is none.
    """

    schedule: Schedule
    users: list[User]
    until: datetime | None
    upcoming: list[NamedShift]
    gap_at: datetime | None = None


def instant_of(day: date, clock: time, zone: str) -> datetime:
    """The instant of a wall time in `zone`, an IANA name, as hand-offs are read."""
    return instant(datetime.combine(day, clock), ZoneInfo(zone))


def on_call_now(schedule: Schedule, at: datetime) -> list[User]:
    """Who is on call in `schedule` at `at`, people who were deactivated left out."""
    return on_call_in([(schedule.pk, 0)], at)[schedule.pk, 0]


def on_call_in(asked: Iterable[tuple[int, int]], at: datetime) -> dict[tuple[int, int], list[User]]:
    """For each (id of a schedule, turn) who is on call there at `at` (turn 0) or so many turns later.

    At most four queries, however many are asked, or seven where single shifts are planned. A schedule that is gone has
    nobody.
    """
    wanted = set(asked)
    specs: dict[int, ScheduleSpec] = {}
    if wanted:
        specs = {schedule.pk: spec_of(schedule) for schedule in layers_at(at, keys={pk for pk, _ in wanted})}
    found = {(pk, turn): next_in_turn(specs[pk], at, turn) if pk in specs else () for pk, turn in sorted(wanted)}
    people = _people({user for users in found.values() for user in users})
    return {key: [people[user] for user in users if user in people] for key, users in found.items()}


def on_call_of(slugs: Iterable[str], at: datetime) -> tuple[dict[str, Schedule], dict[str, list[User]]]:
    """The schedules that are called `slugs`, and who is on call there at `at`, both by slug.

    At most four queries, or seven where single shifts are planned. One that does not exist is in neither.
    """
    rows = layers_at(at, slugs=set(slugs))
    found = {schedule.slug: next_in_turn(spec_of(schedule), at, 0) for schedule in rows}
    people = _people({user for users in found.values() for user in users})
    names = {slug: [people[user] for user in users if user in people] for slug, users in found.items()}
    return {schedule.slug: schedule for schedule in rows}, names


def on_call_board(now: datetime) -> list[OnCallRow]:
    """Every schedule, who is on call now, until when, and the shifts of two weeks; at most four queries, or seven."""
    schedules = all_with_layers(now, now + LOOK_AHEAD)
    lines = {schedule.pk: shifts(spec_of(schedule), now, now + LOOK_AHEAD) for schedule in schedules}
    people = _people({user for line in lines.values() for shift in line for user in shift.users})
    return [_row(schedule, _named(schedule, lines[schedule.pk], people, now), now) for schedule in schedules]


def shifts_between(schedule: Schedule, start: datetime, end: datetime, now: datetime) -> list[NamedShift]:
    """The final shifts of one schedule with their people, and the gaps between; at most four queries, or seven."""
    fetched = with_layers(Schedule.objects.filter(pk=schedule.pk), start, end)[0]
    line = with_gaps(shifts(spec_of(fetched), start, end), start, end)
    return _named(fetched, line, _people({user for shift in line for user in shift.users}), now)


ACTIVE = Prepared(lambda: User.objects.filter(among_keys("pk", "people"), is_active=True))


def _people(ids: set[Any]) -> dict[Any, User]:
    return {user.pk: user for user in ACTIVE.rows(people=sorted(ids))} if ids else {}


def _named(schedule: Schedule, line: Sequence[Shift], people: dict[Any, User], now: datetime) -> list[NamedShift]:
    overrides = {override.pk: override for override in schedule.overrides_in_window}  # type: ignore[attr-defined]
    overrides |= {("temporary", plan.pk): plan for plan in getattr(schedule, "plans_in_window", [])}
    return [
        NamedShift(
            start=shift.start,
            end=shift.end,
            users=[people[user] for user in shift.users if user in people],
            layer=shift.layer,
            override=overrides.get(shift.override),
            is_now=shift.start <= now < shift.end,
        )
        for shift in line
    ]


def _row(schedule: Schedule, line: list[NamedShift], now: datetime) -> OnCallRow:
    """Neighbours with the same people count as one when it is asked how long they stay."""
    present = next((shift for shift in line if shift.is_now), None)
    until = present.end if present else None
    rest = [shift for shift in line if not shift.is_now]
    for shift in rest:
        if present and shift.start == until and shift.users == present.users:
            until = shift.end
    if until is not None and until >= now + LOOK_AHEAD:
        until = None
    return OnCallRow(schedule, present.users if present else [], until, rest, _first_gap(line, now))


def _first_gap(line: Iterable[NamedShift], now: datetime) -> datetime | None:
    """The first moment of the next seven days that no shift of `line` covers."""
    covered = now
    for shift in line:
        if shift.start > covered:
            break
        covered = shift.end
    return covered if covered < now + GAP_AHEAD else None
