"""Who is on call: pure, and arithmetic.

A rotation's hand-offs are wall-clock moments, `start + k × length`, so the shift of any moment is found by division,
however old the rotation is. Where clocks change: a hand-off that does not exist happens at the first moment after the
gap, one that happens twice at its first occurrence, and a turn that would last no time is kept for the next shift
(decisions dst_gap, hourly_dst, zero_length_turn, month_end of the shared vectors).

People are whatever the caller tells them apart by: ids of users here, letters in the tests.
Nothing here reads a row: escalation.queries.oncall makes the specs.
"""

from calendar import monthrange
from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from escalation.enums import OverrideKind, ShiftUnit

Person = Hashable
STEPS = {
    ShiftUnit.HOURS: timedelta(hours=1),
    ShiftUnit.DAYS: timedelta(days=1),
    ShiftUnit.WEEKS: timedelta(weeks=1),
}
LONGEST_GAP = timedelta(hours=24)  # islands that jumped over the date line


@dataclass(frozen=True)
class RotationSpec:
    """One layer. `turns` are the people of each turn, in order; the hand-offs stand on the wall clock of `zone`."""

    turns: tuple[tuple[Person, ...], ...]
    unit: str
    length: int
    starts_on: date
    hands_off_at: time
    zone: ZoneInfo
    rank: int = 0
    name: str = ""
    ends_at: datetime | None = None

    @property
    def first_wall(self) -> datetime:
        """The wall-clock moment of the first hand-off."""
        return datetime.combine(self.starts_on, self.hands_off_at)


@dataclass(frozen=True)
class OverrideSpec:
    """A span in which somebody else is on call. The order in ScheduleSpec.overrides is their age, oldest first."""

    key: Hashable
    kind: str
    start: datetime
    end: datetime
    user: Person | None = None
    replaced: Person | None = None


@dataclass(frozen=True)
class ScheduleSpec:
    """A schedule as data: layers in any order, overrides oldest first."""

    rotations: tuple[RotationSpec, ...] = ()
    overrides: tuple[OverrideSpec, ...] = ()


@dataclass(frozen=True)
class Duty:
    """Who is on call, from which layer, and the key of the newest override that changed it."""

    users: tuple[Person, ...] = ()
    layer: str = ""
    override: Hashable | None = None


@dataclass(frozen=True)
class Shift:
    """A final interval, its end exclusive; nobody on call is no shift. Moments are aware, in UTC."""

    start: datetime
    end: datetime
    users: tuple[Person, ...]
    layer: str
    override: Hashable | None


@dataclass(frozen=True)
class Gap:
    """Wall-clock moments in [`start`, `end`) that a clock change at the instant `at` jumped over."""

    start: datetime
    end: datetime
    at: datetime


# --- the two questions -----------------------------------------------------------------------------------------------
def resolve(spec: ScheduleSpec, at: datetime) -> Duty:
    """Who is on call at `at`; a Duty without users when nobody is."""
    present = [
        (rotation, _users_of(rotation, turn))
        for rotation in spec.rotations
        if (turn := turn_at(rotation, at)) is not None
    ]
    return _overridden(_highest(present), [o for o in spec.overrides if o.start <= at < o.end])


def shifts(spec: ScheduleSpec, start: datetime, end: datetime) -> list[Shift]:
    """The final intervals of [`start`, `end`), in order, without overlap; a moment that is in none has nobody.

    Neighbours with the same people, layer and override are one.
    """
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    layers = [(rotation, deque(layer_shifts(rotation, start, end))) for rotation in spec.rotations]
    overrides = [o for o in spec.overrides if o.start < end and o.end > start]
    final: list[Shift] = []
    for began, ended in pairwise(_cuts(start, end, layers, overrides)):
        present = []
        for rotation, spans in layers:
            while spans and spans[0][1] <= began:
                spans.popleft()
            if spans and spans[0][0] <= began:
                present.append((rotation, spans[0][2]))
        duty = _overridden(_highest(present), [o for o in overrides if o.start <= began < o.end])
        if not duty.users:
            continue
        last = final[-1] if final else None
        if last and last.end == began and Duty(last.users, last.layer, last.override) == duty:
            final[-1] = Shift(last.start, ended, duty.users, duty.layer, duty.override)
        else:
            final.append(Shift(began, ended, duty.users, duty.layer, duty.override))
    return final


def next_in_turn(spec: ScheduleSpec, at: datetime, turn: int) -> tuple[Person, ...]:
    """Who comes `turn` places after those on call at `at` in the rotation that counts then; 0 is resolve() itself.

    Those on call now are passed over, and the overrides of `at` that replace or remove a person hold for the next one
    as well. Empty when the rotation has not that many turns.
    """
    present = resolve(spec, at).users
    if turn == 0:
        return present
    running = [(r, index) for r in spec.rotations if r.turns and (index := turn_at(r, at)) is not None]
    if not running:
        return ()
    rotation, index = max(running, key=lambda pair: pair[0].rank)
    named = [
        o for o in spec.overrides if o.start <= at < o.end and o.kind in {OverrideKind.REPLACE, OverrideKind.REMOVE}
    ]
    for place in range(1, len(rotation.turns)):
        users = _overridden(Duty(_users_of(rotation, index + place)), named).users
        users = tuple(user for user in users if user not in present)
        turn -= bool(users)
        if turn == 0:
            return users
    return ()


# --- one layer -------------------------------------------------------------------------------------------------------
def turn_at(rotation: RotationSpec, at: datetime) -> int | None:
    """The number of the turn that is on at `at`, from 0, or None before the first hand-off and from the end on."""
    found = _shift_at(rotation, at)
    return None if found is None else found[1]


def layer_shifts(
    rotation: RotationSpec, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, tuple[Person, ...]]]:
    """The turns of one layer inside [`start`, `end`), as (start, end, people), in order, cut at the window."""
    if not rotation.turns:
        return
    if rotation.ends_at is not None:
        end = min(end, rotation.ends_at)
    start = max(start, _hand_off(rotation, 0))
    found = _shift_at(rotation, start) if start < end else None
    if found is None:
        return
    number, turn = found
    while start < end:
        number += 1
        handed_off = _hand_off(rotation, number)
        if handed_off <= start:
            continue  # the shift would last no time: its turn is kept for the next one
        yield start, min(handed_off, end), _users_of(rotation, turn)
        start, turn = handed_off, turn + 1


def _shift_at(rotation: RotationSpec, at: datetime) -> tuple[int, int] | None:
    """(number of the hand-off that began the shift of `at`, number of its turn), or None."""
    if at < _hand_off(rotation, 0) or (rotation.ends_at is not None and at >= rotation.ends_at):
        return None
    number = max(0, _guess(rotation, at.astimezone(rotation.zone).replace(tzinfo=None, fold=0)))
    while _hand_off(rotation, number + 1) <= at:
        number += 1
    while _hand_off(rotation, number) > at:
        number -= 1
    return number, number - _kept_turns(rotation, number)


def _guess(rotation: RotationSpec, wall: datetime) -> int:
    """Which hand-off came last by the wall clock; clock changes and short months may put it off by a few."""
    first = rotation.first_wall
    if rotation.unit == ShiftUnit.MONTHS:
        return ((wall.year - first.year) * 12 + wall.month - first.month) // rotation.length
    return (wall - first) // (STEPS[ShiftUnit(rotation.unit)] * rotation.length)


def _hand_off(rotation: RotationSpec, number: int) -> datetime:
    """The instant of hand-off `number`, always counted from the first one; a short month ends it on its last day."""
    first = rotation.first_wall
    if rotation.unit != ShiftUnit.MONTHS:
        return instant(first + STEPS[ShiftUnit(rotation.unit)] * (rotation.length * number), rotation.zone)
    years, month = divmod(first.month - 1 + rotation.length * number, 12)
    year = first.year + years
    day = min(first.day, monthrange(year, month + 1)[1])
    return instant(first.replace(year=year, month=month + 1, day=day), rotation.zone)


def _kept_turns(rotation: RotationSpec, number: int) -> int:
    """How many shifts before hand-off `number` lasted no time, because a clock change swallowed them whole."""
    if rotation.unit == ShiftUnit.MONTHS:
        return 0
    step = STEPS[ShiftUnit(rotation.unit)] * rotation.length
    if step > LONGEST_GAP:
        return 0
    first, kept = rotation.first_wall, 0
    for year in range(first.year - 1, (first + step * number).year + 2):
        for gap in gaps(rotation.zone, year):
            if gap.end - gap.start >= step:
                earliest = max(0, -((first - gap.start) // step))
                latest = (gap.end - first) // step
                kept += max(0, latest - earliest) if latest <= number else 0
    return kept


def _users_of(rotation: RotationSpec, turn: int) -> tuple[Person, ...]:
    return rotation.turns[turn % len(rotation.turns)] if rotation.turns else ()


# --- layers and overrides --------------------------------------------------------------------------------------------
def _highest(present: Sequence[tuple[RotationSpec, tuple[Person, ...]]]) -> Duty:
    """The highest rank that has people; everybody of that rank is on call together."""
    manned = [(rotation, users) for rotation, users in present if users]
    if not manned:
        return Duty()
    top = max(rotation.rank for rotation, _ in manned)
    chosen = [(rotation, users) for rotation, users in manned if rotation.rank == top]
    everybody = tuple(dict.fromkeys(user for _, users in chosen for user in users))
    return Duty(everybody, " + ".join(dict.fromkeys(rotation.name for rotation, _ in chosen)))


def _overridden(duty: Duty, overrides: Sequence[OverrideSpec]) -> Duty:
    """`duty` after `overrides`, oldest first: the newest has the last word, also over an older override."""
    for override in overrides:
        users = _after(override, duty.users)
        if users != duty.users:
            duty = Duty(users, duty.layer, override.key)
    return duty


def _after(override: OverrideSpec, users: tuple[Person, ...]) -> tuple[Person, ...]:
    if override.kind == OverrideKind.COVER:
        return (override.user,)
    if override.kind == OverrideKind.ADD:
        return tuple(dict.fromkeys((*users, override.user)))
    if override.kind == OverrideKind.REPLACE:
        return tuple(dict.fromkeys(override.user if user == override.replaced else user for user in users))
    return tuple(user for user in users if user != override.replaced)


def _cuts(
    start: datetime,
    end: datetime,
    layers: Sequence[tuple[RotationSpec, Iterable[tuple[datetime, datetime, tuple[Person, ...]]]]],
    overrides: Sequence[OverrideSpec],
) -> list[datetime]:
    """Every moment of the window at which something may change, in order, both edges included."""
    moments = {start, end} if start < end else set()
    for _, spans in layers:
        for span in spans:
            moments.update(span[:2])
    for override in overrides:
        moments.update((max(start, override.start), min(end, override.end)))
    return sorted(moments)


# --- the wall clock --------------------------------------------------------------------------------------------------
def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which clocks in `zone` first show `wall`, or jump over it."""
    before = wall.replace(tzinfo=zone).utcoffset() or timedelta()
    after = wall.replace(tzinfo=zone, fold=1).utcoffset() or timedelta()
    if before >= after:
        return (wall - before).replace(tzinfo=UTC)
    return next(
        gap.at
        for year in (wall.year, wall.year - 1, wall.year + 1)
        for gap in gaps(zone, year)
        if gap.start <= wall < gap.end
    )


@lru_cache(maxsize=4096)
def gaps(zone: ZoneInfo, year: int) -> tuple[Gap, ...]:
    """What clocks in `zone` jumped over in the UTC `year`; found by looking once a day, kept for the next question."""
    found = []
    day = datetime(year, 1, 1, tzinfo=UTC)
    while day.year == year:
        later = day + timedelta(days=1)
        before, after = (moment.astimezone(zone).utcoffset() or timedelta() for moment in (day, later))
        if after > before:
            at = _change_between(zone, day, later)
            wall = at.replace(tzinfo=None)
            found.append(Gap(wall + before, wall + after, at))
        day = later
    return tuple(found)


def _change_between(zone: ZoneInfo, early: datetime, late: datetime) -> datetime:
    """The instant, to the second, of the one clock change in (`early`, `late`]."""
    before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late
