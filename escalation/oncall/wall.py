"""The wall clock: which instant a local time is, and what clock changes jump over."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

LONGEST_GAP = timedelta(hours=24)  # islands that jumped over the date line


@dataclass(frozen=True)
class Gap:
    """Wall-clock moments in [`start`, `end`) that a clock change at the instant `at` jumped over."""

    start: datetime
    end: datetime
    at: datetime


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
