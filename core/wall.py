"""The wall clock: which instant a local time is, and what clock changes jump over or repeat.

A zone is read once for each year that is asked about, and kept as stretches of one UTC offset. Inside, moments are
whole microseconds since 1970, of UTC or of the wall: additions of numbers are what makes 90 days of shifts cheap.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WALL_EPOCH = EPOCH.replace(tzinfo=None)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1) // MICROSECOND
LONGEST_JUMP = DAY  # islands that crossed the date line


Span = tuple[int, int]
"""From, up to: microseconds since 1970."""


class Clock:
    """The clocks of one zone over some years; before and after them it goes on as at their edge.

    `starts` are the instants at which a stretch of one offset begins, in order, `offsets` theirs. All microseconds.
    """

    def __init__(self, starts: Sequence[int], offsets: Sequence[int]) -> None:
        self.starts = list(starts)
        self.offsets = list(offsets)
        self.ends = [*self.starts[1:], self.starts[-1] + 10**6 * DAY]
        pairs = list(zip(self.starts, self.ends, self.offsets, strict=True))
        self._shown = list(accumulate((end + offset for _, end, offset in pairs), max))
        later = accumulate((start + offset for start, _, offset in reversed(pairs)), min)
        self._begun = list(later)[::-1]

    def first(self, wall: int) -> int:
        """The first instant at which the clocks show `wall`, or jump over it."""
        at = bisect_right(self._shown, wall)
        return max(self.starts[at], wall - self.offsets[at])

    def last(self, wall: int) -> int:
        """The last instant at which the clocks show `wall`, or jump over it."""
        at = max(0, bisect_right(self._begun, wall) - 1)
        return min(self.ends[at], wall - self.offsets[at])

    def reached(self, at: int) -> int:
        """The latest wall time that the clocks have shown or jumped over by the instant `at`, itself included."""
        stretch = max(0, bisect_right(self.starts, at) - 1)
        wall = at + self.offsets[stretch]
        return max(wall, self._shown[stretch - 1] - 1) if stretch else wall

    def jumps(self) -> Iterator[Span]:
        """What the clocks jumped over: all wall times from the first to the second, both included, are one instant."""
        for stretch in range(1, len(self.starts)):
            after = self.starts[stretch] + self.offsets[stretch]
            if after > self._shown[stretch - 1]:
                yield self._shown[stretch - 1], after


@lru_cache(maxsize=1024)
def clock_of(zone: ZoneInfo, first_year: int, last_year: int) -> Clock:
    """The clocks of `zone` from the year before `first_year` to the year after `last_year`."""
    begin = max(2, first_year - 1)
    starts = [(datetime(begin, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND - 366 * DAY]
    offsets = [_offset(datetime(begin, 1, 1, tzinfo=UTC), zone) // MICROSECOND]
    for year in range(begin, min(9998, last_year + 1) + 1):
        for at, offset in changes(zone, year):
            starts.append((at - EPOCH) // MICROSECOND)
            offsets.append(offset // MICROSECOND)
    return Clock(starts, offsets)


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which clocks in `zone` first show `wall`, or jump over it."""
    clock = clock_of(zone, wall.year, wall.year)
    return EPOCH + clock.first((wall - WALL_EPOCH) // MICROSECOND) * MICROSECOND


def last_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which clocks in `zone` show `wall` for the last time, or jump over it."""
    clock = clock_of(zone, wall.year, wall.year)
    return EPOCH + clock.last((wall - WALL_EPOCH) // MICROSECOND) * MICROSECOND


@lru_cache(maxsize=4096)
def changes(zone: ZoneInfo, year: int) -> tuple[tuple[datetime, timedelta], ...]:
    """The clock changes of the UTC `year` as (instant, offset from then on); found by looking once a day, and kept."""
    found: list[tuple[datetime, timedelta]] = []
    if not 1 < year < 9999:
        return ()  # the calendar ends there
    day = datetime(year, 1, 1, tzinfo=UTC)
    offset = _offset(day, zone)
    while day.year == year:
        later = day + timedelta(days=1)
        after = _offset(later, zone)
        if after != offset:
            found.append((_change_between(zone, day, later), after))
        day, offset = later, after
    return tuple(found)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _change_between(zone: ZoneInfo, early: datetime, late: datetime) -> datetime:
    """The instant, to the second, of the one clock change in (`early`, `late`]."""
    before = _offset(early, zone)
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if _offset(middle, zone) == before:
            early = middle
        else:
            late = middle
    return late
