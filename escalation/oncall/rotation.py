"""One layer: people who take turns, found by division."""

from calendar import monthrange
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.wall import LONGEST_GAP, gaps, instant
from escalation.enums import ShiftUnit

Person = Hashable
STEPS = {
    ShiftUnit.HOURS: timedelta(hours=1),
    ShiftUnit.DAYS: timedelta(days=1),
    ShiftUnit.WEEKS: timedelta(weeks=1),
}


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
        yield start, min(handed_off, end), users_of(rotation, turn)
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


def users_of(rotation: RotationSpec, turn: int) -> tuple[Person, ...]:
    """The people of turn number `turn`."""
    return rotation.turns[turn % len(rotation.turns)] if rotation.turns else ()
