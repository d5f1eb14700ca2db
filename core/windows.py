"""Stretches of the week on the wall clock: when a layer counts, when a desk is open. Pure.

A window is kept as its text, so that the row, the admin and the page all say the same: `Mon-Fri 09:00-17:00`,
`every day 20:00-08:00`, `Fri 16:00 to Mon 00:00`. A window begins at the first moment at which clocks show its start,
ends at the last one that shows its end, and a wall time that a clock change jumped over is the moment of the jump.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.errors import InvalidInput
from core.wall import DAY, EPOCH, MICROSECOND, WALL_EPOCH, Span, clock_of

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
ONE_DAY, ONE_WEEK = timedelta(days=1), timedelta(weeks=1)
EXAMPLES = "“Mon-Fri 09:00-17:00”, “every day 20:00-08:00” or “Fri 16:00 to Mon 00:00”"
CLOCK = r"(?:[01]?\d|2[0-4]):[0-5]\d"
DAILY = re.compile(rf"(?:(?P<days>[a-z, -]+?)\s+)?(?P<start>{CLOCK})\s*[-–]\s*(?P<end>{CLOCK})", re.IGNORECASE)
WEEKLY = re.compile(rf"(?P<from>[a-z]+) +(?P<start>{CLOCK}) +to +(?P<till>[a-z]+) +(?P<end>{CLOCK})", re.IGNORECASE)
BEFORE = 9  # days: the longest window, and a day that an island skipped


@dataclass(frozen=True)
class Window:
    """On each of `days` (ISO weekdays, Monday is 1) from the wall time `start` on, for `length` of wall time.

    It does not begin on `holidays`. Without a `zone` it is read in that of whatever it restricts.
    """

    days: tuple[int, ...]
    start: time
    length: timedelta
    holidays: frozenset[date] = frozenset()
    zone: ZoneInfo | None = None

    @classmethod
    def daily(cls, start: time, end: time, days: Iterable[int] = EVERY_DAY) -> "Window":
        """From `start` to `end` on each of `days`; an end not after the start lies on the next day."""
        return cls(tuple(sorted(days)), start, _between(start, end) or ONE_DAY)

    @classmethod
    def weekly(cls, start_day: int, start: time, end_day: int, end: time) -> "Window":
        """Once a week from one day and time to another, also over the end of a week; the same twice is all of it."""
        days = timedelta(days=(end_day - start_day) % 7)
        length = days + (_since_midnight(end) - _since_midnight(start))
        return cls((start_day,), start, length if length > timedelta() else length + ONE_WEEK)

    @classmethod
    def parse(cls, text: str) -> "Window":
        """Read one window. Raises InvalidInput, with examples, for anything else."""
        if match := WEEKLY.fullmatch(text.strip()):
            first, last = _day(match["from"], text), _day(match["till"], text)
            return cls.weekly(first, _clock(match["start"], text), last, _clock(match["end"], text))
        if match := DAILY.fullmatch(text.strip()):
            days = _days(match["days"] or "every day", text)
            return cls.daily(_clock(match["start"], text), _clock(match["end"], text), days)
        raise _unreadable(text)

    def __str__(self) -> str:
        end = (datetime.combine(date.min, self.start) + self.length).time()
        if self.length <= ONE_DAY:
            return f"{_show_days(self.days)} {self.start:%H:%M}-{end:%H:%M}"
        last = (self.days[0] - 1 + (_since_midnight(self.start) + self.length) // ONE_DAY) % 7
        return f"{DAYS[self.days[0] - 1]} {self.start:%H:%M} to {DAYS[last]} {end:%H:%M}"


@lru_cache(maxsize=1024)
def windows_of(texts: tuple[str, ...]) -> tuple[Window, ...]:
    """`texts`, each one window, read. Raises InvalidInput for the first that is none."""
    return tuple(Window.parse(text) for text in texts)


def open_spans(windows: Sequence[Window], zone: ZoneInfo, start: int, end: int, years: tuple[int, int]) -> list[Span]:
    """The stretches of [`start`, `end`) in which any of `windows` is open, joined, in order.

    `years` are those of the edges.
    """
    found = []
    for window in windows:
        clock = clock_of(window.zone or zone, *years)
        opens, length = _since_midnight(window.start) // MICROSECOND, window.length // MICROSECOND
        excluded = {day.toordinal() - WALL_EPOCH.toordinal() for day in window.holidays}
        for day in range(start // DAY - BEFORE, end // DAY + 3):
            if (day + 3) % 7 + 1 not in window.days or day in excluded:
                continue
            wall = day * DAY + opens
            began = max(clock.first(wall), start)
            ended = min(clock.last(wall + length), end)
            if began < ended:
                found.append((began, ended))
    return joined(found) if len(found) > 1 else found


def joined(spans: Iterable[Span]) -> list[Span]:
    """`spans` in order, those that touch or overlap made one."""
    whole: list[Span] = []
    for began, ended in sorted(spans):
        if whole and began <= whole[-1][1]:
            if ended > whole[-1][1]:
                whole[-1] = (whole[-1][0], ended)
        else:
            whole.append((began, ended))
    return whole


def is_open(windows: Sequence[Window], zone: ZoneInfo, at: datetime) -> bool:
    """Whether any of `windows` is open at `at`."""
    moment = (at - EPOCH) // MICROSECOND
    return bool(open_spans(windows, zone, moment, moment + 1, (at.year, at.year)))


def _since_midnight(clock: time) -> timedelta:
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second, microseconds=clock.microsecond)


def _between(start: time, end: time) -> timedelta:
    return (_since_midnight(end) - _since_midnight(start)) % ONE_DAY


def _unreadable(text: str) -> InvalidInput:
    return InvalidInput(f"“{text}” is not a time of the week; write it like {EXAMPLES}.")


def _clock(text: str, whole: str) -> time:
    hour, minute = map(int, text.split(":"))
    if hour == 24 and minute:
        raise _unreadable(whole)
    return time(hour % 24, minute)


def _day(text: str, whole: str) -> int:
    for number, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), 1):
        if len(text) >= 2 and name.startswith(text.lower()):
            return number
    raise _unreadable(whole)


def _days(text: str, whole: str) -> list[int]:
    """The weekdays of `Mon-Fri, Sun` or `every day`."""
    if " ".join(text.lower().split()) in {"every day", "daily"}:
        return list(EVERY_DAY)
    days: set[int] = set()
    for part in re.sub(r"\s*-\s*", "-", text.replace(",", " ")).split():
        first, _, last = part.partition("-")
        begin = _day(first, whole)
        end = _day(last, whole) if last else begin
        days.update((begin - 1 + step) % 7 + 1 for step in range((end - begin) % 7 + 1))
    return sorted(days)


def _show_days(days: Sequence[int]) -> str:
    """`every day`, `Mon-Fri`, `Mon, Wed, Fri`: three and more in a row are a range."""
    if set(days) == set(EVERY_DAY):
        return "every day"
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    parts = []
    for run in runs:
        names = [DAYS[day - 1] for day in run]
        parts += [f"{names[0]}-{names[-1]}"] if len(run) > 2 else names
    return ", ".join(parts)
