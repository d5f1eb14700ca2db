"""One layer: people who take turns, found by division, seen through its restrictions.

Hand-offs stand on the wall clock of the layer's zone. Moments in here are microseconds since 1970 (core.wall).
"""

from calendar import monthrange
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.wall import DAY, EPOCH, LONGEST_JUMP, MICROSECOND, WALL_EPOCH, Clock, clock_of
from core.windows import EVERY_DAY, Window, open_spans
from escalation.enums import ShiftUnit
from escalation.oncall.spans import Manned, People, disjoint, seen

STEPS = {
    ShiftUnit.MINUTES: timedelta(minutes=1) // MICROSECOND,
    ShiftUnit.HOURS: timedelta(hours=1) // MICROSECOND,
    ShiftUnit.DAYS: DAY,
    ShiftUnit.WEEKS: 7 * DAY,
}
BY_DAY = {ShiftUnit.ACTIVE_DAYS, ShiftUnit.CALENDAR_WEEKS, ShiftUnit.CALENDAR_MONTHS}
FIRST_DAY = WALL_EPOCH.toordinal()


@dataclass(frozen=True)
class RotationSpec:
    """One layer. `turns` are the people of each turn, in order; a turn lasts `length` of `unit`.

    By minutes, hours, days, weeks and months a turn is handed off every so often from `starts_on`, `hands_off_at` on.
    By active days, calendar weeks (from Monday) and calendar months a shift begins at `hands_off_at` of each of
    `active_days` (ISO weekdays) from `starts_on` on, and the day says whose turn it is.
    A shift lasts for `shift_length` of wall time, or without one until the next. The layer is seen from `starts_at`
    until `ends_at` and, when it has `windows`, only in these; turns pass also where it is not seen.
    """

    turns: tuple[People, ...]
    unit: str
    length: int
    starts_on: date
    hands_off_at: time
    zone: ZoneInfo
    rank: int = 0
    name: str = ""
    ends_at: datetime | None = None
    starts_at: datetime | None = None
    active_days: tuple[int, ...] = EVERY_DAY
    shift_length: timedelta | None = None
    windows: tuple[Window, ...] = ()
    key: Hashable = None

    @property
    def first_wall(self) -> datetime:
        """The wall-clock moment of the first hand-off."""
        return datetime.combine(self.starts_on, self.hands_off_at)


def turn_at(rotation: RotationSpec, at: datetime) -> int | None:
    """The number of the turn that passes at `at`, from 0, seen or not; None before the first hand-off."""
    moment = (at - EPOCH) // MICROSECOND
    years = (at.year, at.year)
    found = list(_turns(rotation, clock_of(rotation.zone, *years), moment, moment + 1, years))
    return found[-1][0] if found else None


def users_of(rotation: RotationSpec, turn: int) -> People:
    """The people of turn number `turn`."""
    return rotation.turns[turn % len(rotation.turns)] if rotation.turns else ()


def rotation_spans(rotation: RotationSpec, start: int, end: int, years: tuple[int, int]) -> list[Manned]:
    """Who the layer has when inside [`start`, `end`), in order, cut at the window; `years` are those of its edges."""
    if rotation.starts_at is not None:
        start = max(start, (rotation.starts_at - EPOCH) // MICROSECOND)
    if rotation.ends_at is not None:
        end = min(end, (rotation.ends_at - EPOCH) // MICROSECOND)
    if start >= end or not rotation.turns:
        return []
    turns, size = rotation.turns, len(rotation.turns)
    found = [
        (max(began, start), min(ended, end), turns[turn % size])
        for turn, began, ended in _turns(rotation, clock_of(rotation.zone, *years), start, end, years)
        if ended > start and began < ended
    ]
    if rotation.unit in BY_DAY:
        # A shift of more than a day runs into the next.
        found = disjoint(found, (user for users in turns for user in users))
    if rotation.windows:
        found = list(seen(found, open_spans(rotation.windows, rotation.zone, start, end, years)))
    return found


def _turns(
    rotation: RotationSpec, clock: Clock, start: int, end: int, years: tuple[int, int]
) -> Iterator[tuple[int, int, int]]:
    """(number of the turn, when its shift begins and ends) for what may reach into [`start`, `end`), in order."""
    first = (rotation.first_wall - WALL_EPOCH) // MICROSECOND
    if rotation.unit in BY_DAY:
        return _by_day(rotation, clock, first, start, end, years)
    if rotation.unit == ShiftUnit.MONTHS:
        return _by_month(rotation, clock, start, end)
    return _by_division(rotation, clock, first, start, end, years)


def _by_division(
    rotation: RotationSpec, clock: Clock, first: int, start: int, end: int, years: tuple[int, int]
) -> Iterator[tuple[int, int, int]]:
    step = STEPS[ShiftUnit(rotation.unit)] * rotation.length
    number = max(0, (clock.reached(start) - first) // step)
    turn = number
    if step <= LONGEST_JUMP:
        turn -= sum(lost for after, lost in _swallowed(rotation.zone, first, step, years[1]) if after <= number)
    wall = first + number * step
    began, handed_off = clock.first(wall), clock.first(wall + step)
    stops = rotation.shift_length // MICROSECOND if rotation.shift_length else step
    while began < end:
        if handed_off > began:  # else the shift would last no time: its turn is kept for the next one
            yield turn, began, handed_off if stops >= step else clock.first(wall + stops)
            turn += 1
        wall += step
        began, handed_off = handed_off, clock.first(wall + step)


@lru_cache(maxsize=4096)
def _swallowed(zone: ZoneInfo, first: int, step: int, last_year: int) -> tuple[tuple[int, int], ...]:
    """(number of the hand-off after it, how many shifts of no time it made) for each jump of clocks that made any.

    Only turns of a day or less can fall into a jump.
    """
    found = []
    first_year = (EPOCH + first * MICROSECOND).year
    for low, high in clock_of(zone, first_year, max(first_year, last_year)).jumps():
        earliest, latest = max(0, -((first - low) // step)), (high - first) // step
        if latest > earliest:
            found.append((latest, latest - earliest))
    return tuple(found)


def _by_month(rotation: RotationSpec, clock: Clock, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    wall_of = _monthly(rotation)
    now = WALL_EPOCH + clock.reached(start) * MICROSECOND
    months = (now.year - rotation.starts_on.year) * 12 + now.month - rotation.starts_on.month
    number = max(0, months // rotation.length)
    if number and wall_of(number) > clock.reached(start):
        number -= 1
    length = rotation.shift_length // MICROSECOND if rotation.shift_length else None
    began = clock.first(wall_of(number))
    while began < end:
        handed_off = clock.first(wall_of(number + 1))
        ended = handed_off if length is None else min(handed_off, clock.first(wall_of(number) + length))
        yield number, began, ended
        began, number = handed_off, number + 1


def _monthly(rotation: RotationSpec) -> Callable[[int], int]:
    """The wall time of a hand-off by its number, counted from the first one; a short month ends it on its last day."""
    first = rotation.first_wall

    def wall_of(number: int) -> int:
        years, month = divmod(first.month - 1 + rotation.length * number, 12)
        year = first.year + years
        day = min(first.day, monthrange(year, month + 1)[1])
        return (first.replace(year=year, month=month + 1, day=day) - WALL_EPOCH) // MICROSECOND

    return wall_of


def _by_day(
    rotation: RotationSpec, clock: Clock, first: int, start: int, end: int, years: tuple[int, int]
) -> Iterator[tuple[int, int, int]]:
    first_day, opens = divmod(first, DAY)
    length = rotation.shift_length // MICROSECOND if rotation.shift_length else DAY
    lost = _lost_days(rotation, years[1]) if length <= LONGEST_JUMP else ()
    today = (clock.reached(start) - opens) // DAY
    for day in range(max(first_day, today - 7 - length // DAY), (end + 2 * DAY) // DAY):
        wall = day * DAY + opens
        began, ended = clock.first(wall), clock.first(wall + length)
        if _weekday(day) in rotation.active_days and began < ended and began < end:
            yield _passed(rotation, first_day, day, lost) // rotation.length, began, ended


def _passed(rotation: RotationSpec, first_day: int, day: int, lost: Sequence[int]) -> int:
    """How many active days, calendar weeks or calendar months lie between the first day and `day`."""
    if rotation.unit == ShiftUnit.CALENDAR_WEEKS:
        return (day + 3) // 7 - (first_day + 3) // 7
    if rotation.unit == ShiftUnit.CALENDAR_MONTHS:
        return _month(day) - _month(first_day)
    weeks, rest = divmod(day - first_day, 7)
    begun = sum(_weekday(first_day + number) in rotation.active_days for number in range(rest))
    return weeks * len(rotation.active_days) + begun - sum(other < day for other in lost)


@lru_cache(maxsize=1024)
def _lost_days(rotation: RotationSpec, last_year: int) -> tuple[int, ...]:
    """Active days whose whole shift fell into a jump of the clocks: they use up no turn."""
    first_day, opens = divmod((rotation.first_wall - WALL_EPOCH) // MICROSECOND, DAY)
    length = rotation.shift_length // MICROSECOND if rotation.shift_length else DAY
    first_year = rotation.starts_on.year
    found = []
    for low, high in clock_of(rotation.zone, first_year, max(first_year, last_year)).jumps():
        for day in range(max(first_day, low // DAY), high // DAY + 1):
            wall = day * DAY + opens
            if low <= wall and wall + length <= high and _weekday(day) in rotation.active_days:
                found.append(day)
    return tuple(found)


def _weekday(day: int) -> int:
    """The ISO weekday of a day counted from 1 January 1970, a Thursday."""
    return (day + 3) % 7 + 1


def _month(day: int) -> int:
    local = date.fromordinal(day + FIRST_DAY)
    return local.year * 12 + local.month
