"""In any zone and any year every instant is covered by exactly who the layers say.

The oracle here is slow and knows nothing of oncall.py: it walks from the very first hand-off, asks the zone database
for each wall time, and looks at one instant at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given, settings
from hypothesis import strategies as st

from core.windows import EVERY_DAY, Window
from escalation.enums import OverrideKind, ShiftUnit
from escalation.oncall import (
    FixedSpec,
    OverrideSpec,
    RotationSpec,
    ScheduleSpec,
    TemporarySpec,
    changed_shifts,
    keep_present,
    resolve,
    shifts,
    turn_at,
)

# Half an hour, midnight, twice around Ramadan, a double summer time, a whole day forward, and never.
NOTABLE = [
    "Europe/Berlin",
    "America/Chicago",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Europe/Dublin",
    "Antarctica/Troll",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "Pacific/Kiritimati",
    "Asia/Kolkata",
]
ZONES = st.sampled_from(NOTABLE) | st.sampled_from(sorted(available_timezones() - {"localtime"}))
PEOPLE = "abcdef"
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
STEPS = {
    ShiftUnit.MINUTES: timedelta(minutes=1),
    ShiftUnit.HOURS: HOUR,
    ShiftUnit.DAYS: DAY,
    ShiftUnit.WEEKS: 7 * DAY,
}


# --- the oracle: wall times -----------------------------------------------------------------------------------------
@lru_cache(maxsize=2**16)
def instants(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """When clocks show `wall`; where they jump over it, the moment of the jump."""
    both = sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    shown = [at for at in both if at.astimezone(zone).replace(tzinfo=None) == wall]
    if shown:
        return shown
    early, late = both[0] - SECOND, both[1]
    while late - early > SECOND:
        middle = early + (late - early) // (2 * SECOND) * SECOND
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            early = middle
        else:
            late = middle
    return [late]


def first(wall: datetime, zone: ZoneInfo) -> datetime:
    return instants(wall, zone)[0]


def last(wall: datetime, zone: ZoneInfo) -> datetime:
    return instants(wall, zone)[-1]


# --- the oracle: one layer, walked ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Walked:
    """One layer as the oracle knows it: its shifts from the first one on, and the spec it is."""

    spec: RotationSpec
    line: list[tuple[datetime, datetime, tuple[Any, ...]]]

    def users_at(self, at: datetime) -> set[Any]:
        spec = self.spec
        if (spec.starts_at and at < spec.starts_at) or (spec.ends_at and at >= spec.ends_at):
            return set()
        if spec.windows and not any(is_open(window, spec.zone, at) for window in spec.windows):
            return set()
        return {user for start, end, users in self.line if start <= at < end for user in users}


def is_open(window: Window, zone: ZoneInfo, at: datetime) -> bool:
    there = window.zone or zone
    today = at.astimezone(there).date()
    for day in (today + timedelta(days=number) for number in range(-9, 3)):
        if day.isoweekday() in window.days and day not in window.holidays:
            begins = datetime.combine(day, window.start)
            if first(begins, there) <= at < last(begins + window.length, there):
                return True
    return False


def walk(spec: RotationSpec, until: datetime) -> Walked:
    occurrences = by_day(spec, until) if spec.unit not in {*STEPS, ShiftUnit.MONTHS} else by_clock(spec, until)
    line = [(start, end, spec.turns[turn % len(spec.turns)]) for turn, start, end in occurrences if spec.turns]
    return Walked(spec, line)


def by_clock(spec: RotationSpec, until: datetime) -> Iterator[tuple[int, datetime, datetime]]:
    """Every hand-off in order; one that would begin a shift of no time is no hand-off."""
    wall, number, turn = spec.first_wall, 0, 0
    while first(wall, spec.zone) < until:
        number += 1
        following = wall_of(spec, number)
        start, handed_off = first(wall, spec.zone), first(following, spec.zone)
        if start < handed_off:
            end = first(wall + spec.shift_length, spec.zone) if spec.shift_length else handed_off
            yield turn, start, min(end, handed_off)
            turn += 1
        wall = following


def wall_of(spec: RotationSpec, number: int) -> datetime:
    if spec.unit != ShiftUnit.MONTHS:
        return spec.first_wall + STEPS[ShiftUnit(spec.unit)] * spec.length * number
    month = spec.first_wall.month - 1 + spec.length * number
    for day in range(spec.first_wall.day, 0, -1):
        try:
            return spec.first_wall.replace(year=spec.first_wall.year + month // 12, month=month % 12 + 1, day=day)
        except ValueError:
            continue
    raise AssertionError


def by_day(spec: RotationSpec, until: datetime) -> Iterator[tuple[int, datetime, datetime]]:
    day, passed = spec.starts_on, 0
    while first(datetime.combine(day, time()), spec.zone) < until + DAY:
        wall = datetime.combine(day, spec.hands_off_at)
        start, end = first(wall, spec.zone), first(wall + (spec.shift_length or DAY), spec.zone)
        if spec.unit == ShiftUnit.CALENDAR_WEEKS:
            passed = (monday(day) - monday(spec.starts_on)).days // 7
        if spec.unit == ShiftUnit.CALENDAR_MONTHS:
            passed = (day.year - spec.starts_on.year) * 12 + day.month - spec.starts_on.month
        if day.isoweekday() in spec.active_days and start < end:
            yield passed // spec.length, start, end
            passed += spec.unit == ShiftUnit.ACTIVE_DAYS
        day += timedelta(days=1)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


# --- the oracle: the whole schedule ---------------------------------------------------------------------------------
def on_call(spec: ScheduleSpec, layers: list[Walked], at: datetime) -> set[Any]:
    ranked: dict[int, set[Any]] = {}
    for layer in layers:
        ranked.setdefault(layer.spec.rank, set()).update(layer.users_at(at))
    for fixed in spec.fixed:
        ranked.setdefault(fixed.rank, set()).update(planned(fixed, at))
    users = next((ranked[rank] for rank in sorted(ranked, reverse=True) if ranked[rank]), set())
    for one in spec.overrides:
        if not one.start <= at < one.end:
            continue
        if isinstance(one, TemporarySpec):
            users = planned(one, at)
        elif one.kind == OverrideKind.COVER:
            users = {one.user}
        elif one.kind == OverrideKind.ADD:
            users = users | {one.user}
        elif one.replaced in users:
            users = users - {one.replaced} | ({one.user} if one.kind == OverrideKind.REPLACE else set())
    return users


def planned(plan: FixedSpec | TemporarySpec, at: datetime) -> set[Any]:
    return {user for start, end, users in plan.shifts if start <= at < end for user in users}


# --- made-up schedules ----------------------------------------------------------------------------------------------
def change_near(zone: ZoneInfo, moment: datetime) -> datetime:
    """The midnight before the next change of the clocks within a year of `moment`, or `moment` when there is none."""
    for number in range(366):
        day = moment + timedelta(days=number)
        if day.astimezone(zone).utcoffset() != (day + DAY).astimezone(zone).utcoffset():
            return day
    return moment


clocks = st.times().map(lambda clock: clock.replace(minute=clock.minute // 15 * 15, second=0, microsecond=0))
turns = st.lists(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=2, unique=True).map(tuple), max_size=4)
weekdays = st.sets(st.integers(1, 7), min_size=1)
ranks = st.lists(st.integers(0, 2), max_size=1)


@st.composite
def windows(draw: Any, around: datetime) -> Window:
    start, end = draw(clocks), draw(clocks)
    if draw(st.booleans()):
        window = Window.weekly(draw(st.integers(1, 7)), start, draw(st.integers(1, 7)), end)
    else:
        window = Window.daily(start, end, draw(weekdays))
    day = around.date()
    holidays = frozenset(day + timedelta(days=number) for number in draw(st.sets(st.integers(-9, 9), max_size=4)))
    return replace(window, holidays=holidays, zone=draw(st.none() | ZONES.map(ZoneInfo)))


@st.composite
def rotations(draw: Any, zone: ZoneInfo, start: datetime) -> RotationSpec:
    unit = draw(st.sampled_from(list(ShiftUnit)))
    length = draw(st.integers(30, 400)) if unit == ShiftUnit.MINUTES else draw(st.integers(1, 5))
    longest = 20 if unit in {ShiftUnit.MINUTES, ShiftUnit.HOURS} else 120
    spans = st.integers(1, 200).map(lambda quarters: quarters * timedelta(minutes=15))
    edges = st.none() | st.integers(-48, 200).map(lambda hours: start + hours * HOUR)
    return RotationSpec(
        turns=tuple(draw(turns)),
        unit=unit,
        length=length,
        starts_on=(start - draw(st.integers(-2, longest)) * DAY).date(),
        hands_off_at=draw(clocks),
        zone=draw(st.just(zone) | ZONES.map(ZoneInfo)),
        rank=draw(st.integers(0, 2)),
        name=draw(st.sampled_from(["Day", "Night"])),
        starts_at=draw(edges),
        ends_at=draw(edges),
        active_days=draw(weekdays.map(lambda days: tuple(sorted(days)))) if draw(st.booleans()) else EVERY_DAY,
        shift_length=draw(st.none() | spans),
        windows=tuple(draw(st.lists(windows(start), max_size=2))),
    )


@st.composite
def plans(draw: Any, start: datetime) -> tuple[tuple[datetime, datetime, tuple[str]], ...]:
    spans = draw(st.lists(st.tuples(st.integers(0, 150), st.integers(1, 60), st.sampled_from(PEOPLE)), max_size=4))
    return tuple((start + begin * HOUR, start + (begin + hours) * HOUR, (user,)) for begin, hours, user in spans)


@st.composite
def overrides(draw: Any, start: datetime, key: int) -> OverrideSpec | TemporarySpec:
    begin = start + draw(st.integers(-10, 140)) * HOUR
    end = begin + draw(st.integers(1, 80)) * timedelta(minutes=37)
    if draw(st.integers(0, 3)) == 0:
        return TemporarySpec(key, begin, end, draw(plans(start)), "Plan")
    kind = draw(st.sampled_from(list(OverrideKind)))
    user = draw(st.sampled_from(PEOPLE)) if kind != OverrideKind.REMOVE else None
    replaced = draw(st.sampled_from(PEOPLE)) if kind in {OverrideKind.REPLACE, OverrideKind.REMOVE} else None
    return OverrideSpec(key, kind, begin, end, user, replaced)


@st.composite
def schedules(draw: Any) -> tuple[ScheduleSpec, datetime, datetime]:
    """A schedule and six days in it, near a change of the clocks when there is one and luck wants it."""
    zone = ZoneInfo(draw(ZONES))
    moment = draw(st.datetimes(datetime(1975, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
    start = change_near(zone, moment) - 2 * DAY if draw(st.booleans()) else moment
    spec = ScheduleSpec(
        rotations=tuple(draw(st.lists(rotations(zone, start), max_size=3))),
        overrides=tuple(draw(overrides(start, key)) for key in range(draw(st.integers(0, 4)))),
        fixed=tuple(
            FixedSpec(draw(plans(start)), rank, "Fixed") for rank in draw(st.lists(st.integers(0, 2), max_size=1))
        ),
    )
    return spec, start, start + 6 * DAY


def edges_of(spec: ScheduleSpec, layers: list[Walked], start: datetime, end: datetime) -> set[datetime]:
    """Moments at which something may change, as the oracle knows them."""
    found = {edge for layer in layers for shift in layer.line for edge in shift[:2]}
    found |= {edge for one in spec.overrides for edge in (one.start, one.end)}
    plans: list[FixedSpec | TemporarySpec] = [
        *spec.fixed,
        *(one for one in spec.overrides if isinstance(one, TemporarySpec)),
    ]
    found |= {edge for plan in plans for shift in plan.shifts for edge in shift[:2]}
    for layer in layers:
        for window in layer.spec.windows:
            for number in range(-9, 9):
                begins = datetime.combine((start + number * DAY).date(), window.start)
                there = window.zone or layer.spec.zone
                found |= {first(begins, there), last(begins + window.length, there)}
    return {edge for edge in found if start <= edge < end}


# --- the properties -------------------------------------------------------------------------------------------------
@settings(max_examples=100, deadline=None)
@given(made=schedules(), seconds=st.lists(st.integers(0, 6 * 86400 - 1), max_size=20))
def test_every_instant_is_covered_by_exactly_who_the_layers_say(
    made: tuple[ScheduleSpec, datetime, datetime], seconds: list[int]
) -> None:
    spec, start, end = made
    layers = [walk(rotation, end) for rotation in spec.rotations]
    line = shifts(spec, start, end)

    assert all(shift.start < shift.end and shift.users for shift in line)
    assert all(before.end <= after.start for before, after in pairwise(line)), "an overlap"
    assert not any(before.end == after.start and before[2:] == after[2:] for before, after in pairwise(line)), (
        "an invented hand-off"
    )
    assert all(start <= shift.start and shift.end <= end for shift in line)

    edges = edges_of(spec, layers, start, end) | {edge for shift in line for edge in shift[:2]} | {start}
    moments = edges | {edge - SECOND for edge in edges} | {start + second * SECOND for second in seconds}
    for at in sorted(moment for moment in moments if start <= moment < end):
        shift = next((shift for shift in line if shift.start <= at < shift.end), None)
        expected = on_call(spec, layers, at)
        assert set(shift.users if shift else ()) == expected, f"{at}: in the line"
        assert set(resolve(spec, at).users) == expected, f"{at}: resolved"


@settings(max_examples=40, deadline=None)
@given(made=schedules(), other=schedules(), cut=st.integers(1, 6 * 24 - 1))
def test_a_line_is_the_same_in_one_piece_and_in_two_and_a_change_is_where_people_differ(
    made: tuple[ScheduleSpec, datetime, datetime], other: tuple[ScheduleSpec, datetime, datetime], cut: int
) -> None:
    spec, start, end = made
    middle = start + cut * HOUR
    whole, halves = shifts(spec, start, end), [*shifts(spec, start, middle), *shifts(spec, middle, end)]
    for at in {shift.start for shift in (*whole, *halves)}:
        users = [next((s.users for s in line if s.start <= at < s.end), ()) for line in (whole, halves)]
        assert users[0] == users[1]

    after = ScheduleSpec(other[0].rotations, spec.overrides, spec.fixed)
    changes = changed_shifts(spec, after, start, end)
    assert all(before.end <= later.start for before, later in pairwise(changes))
    for number in range(6 * 12):
        at = start + number * 2 * HOUR
        sides = [resolve(one, at).users for one in (spec, after)]
        change = next((change for change in changes if change.start <= at < change.end), None)
        if set(sides[0]) == set(sides[1]):
            assert change is None
        else:
            assert change is not None
            assert [set(change.before), set(change.after)] == [set(side) for side in sides]


@settings(max_examples=60, deadline=None)
@given(made=schedules(), others=turns, place=st.integers(0, 4))
def test_whoever_has_the_turn_has_it_still_when_others_join_and_leave(
    made: tuple[ScheduleSpec, datetime, datetime], others: list[tuple[str, ...]], place: int
) -> None:
    spec, now, _ = made
    for before in spec.rotations:
        turn = turn_at(before, now)
        if turn is None or not before.turns:
            continue
        present = before.turns[turn % len(before.turns)]
        people = (*others[:place], present, *others[place:])

        after = keep_present(before, replace(before, turns=people), now)

        assert set(present) & set(after.turns[turn % len(after.turns)])
        assert turn_at(after, now) == turn
        assert after.turns in [(*people[first:], *people[:first]) for first in range(len(people))], "another order"
