"""Moments and durations as people write and read them. Every moment is aware; every text names its zone."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from core.errors import InvalidInput

DURATION_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), timedelta(seconds=1)),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "hour", "hours"), timedelta(hours=1)),
    **dict.fromkeys(("d", "day", "days"), timedelta(days=1)),
}
DURATION = re.compile(r"\s*(\d{1,5})\s*([a-z]+)\s*\Z", re.IGNORECASE | re.ASCII)
CLOCK = re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?\Z", re.ASCII)
AGO = re.compile(r"-(\d{1,4})\s*(s|m|min|h)\Z", re.IGNORECASE | re.ASCII)

# Beyond these a moment is a slip, and at the ends of the calendar it cannot be shown in every zone.
YEARS = range(2000, 2101)

FAR_AHEAD = timedelta(days=31)

# A time that is still to come today may have been skipped yesterday; an island that crossed the date line lost a day.
DAYS_LOOKED_BACK = 4


def organisation_zone() -> ZoneInfo:
    """The zone of references, streamed fragments and documents."""
    return ZoneInfo(settings.TIME_ZONE)


def parse_duration(text: str) -> timedelta:
    """`15 min`, `2 h`, `30m`, `1 day` as a duration. Raises InvalidInput for anything else, zero included."""
    match = DURATION.match(text)
    unit = DURATION_UNITS.get(match[2].lower()) if match else None
    if not match or unit is None or int(match[1]) == 0:
        raise InvalidInput(f"“{text}” is not a duration; write it like “15 min” or “2 h”.")
    return int(match[1]) * unit


def parse_durations(text: str) -> list[timedelta]:
    """`24 h, 1 h` as durations, in the order of the text; none for an empty text. Raises InvalidInput as for one."""
    return [parse_duration(part) for part in text.split(",")] if text.strip() else []


def show_duration(duration: timedelta) -> str:
    """The shortest exact text that `parse_duration` reads back: `90 min`, `48 h`, `4 days`."""
    seconds = int(duration.total_seconds())
    for size, name in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds and seconds % size == 0 and (name != "days" or seconds // size > 3):
            return f"{seconds // size} {name}"
    return f"{seconds} s"


def parse_moment(text: str, *, now: datetime, zone: ZoneInfo) -> datetime:
    """`14:15` as the nearest past moment in `zone`, `-10m` as ten minutes before `now`; the result is in UTC.

    Raises InvalidInput for anything else. A clock time later than now means yesterday's; a moment
    that a clock change repeats means its later past occurrence, one that it skipped means the day before's.
    """
    now = now.astimezone(UTC)  # two moments of one zone would be compared and subtracted by their wall times
    if match := AGO.match(text):
        return now - int(match[1]) * DURATION_UNITS[match[2].lower()]
    match = CLOCK.match(text)
    if not match or int(match["hour"]) > 23 or int(match["minute"]) > 59 or int(match["second"] or 0) > 59:
        raise InvalidInput(f"“{text}” is not a time; write it like “14:15” or “-10m”.")
    wall = time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0))
    today = now.astimezone(zone).date()
    for days in range(DAYS_LOOKED_BACK):
        past = [moment for moment in _moments(today - timedelta(days=days), wall, zone) if moment <= now]
        if past:
            return max(past)
    raise InvalidInput(f"There was no {text} in {zone.key} for days.")


def parse_to_come(text: str, *, now: datetime, zone: ZoneInfo) -> datetime:
    """`10 min`, `10m` and `in 10 min` from `now` on, `14:45` as the next such moment in `zone`; the result is in UTC.

    Raises InvalidInput for anything else, and for what is more than a month away.
    """
    now, text = now.astimezone(UTC), text.strip().removeprefix("in ").strip()
    match = CLOCK.match(text)
    if match and int(match["hour"]) < 24 and int(match["minute"]) < 60 and int(match["second"] or 0) < 60:
        wall = time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0))
        today = now.astimezone(zone).date()
        days = [today + timedelta(days=ahead) for ahead in range(DAYS_LOOKED_BACK)]
        return min(moment for day in days for moment in _moments(day, wall, zone) if moment > now)
    try:
        ahead = parse_duration(text)
    except InvalidInput as error:
        raise InvalidInput(f"“{text}” is no moment to come; write it like “10 min” or “14:45”.") from error
    if ahead > FAR_AHEAD:
        raise InvalidInput(f"“{text}” is more than a month away.")
    return now + ahead


def check_moment(moment: datetime, *, field: str = "") -> datetime:
    """`moment` as it is. Raises InvalidInput for a year that no record holds."""
    if moment.year not in YEARS:
        raise InvalidInput(f"A moment lies between {YEARS[0]} and {YEARS[-1]}.", field=field)
    return moment


def _moments(day: date, wall: time, zone: ZoneInfo) -> list[datetime]:
    """When it is `wall` on `day` in `zone`, in UTC: once, twice when the clock repeats it, never when it skips it."""
    both = {datetime.combine(day, wall.replace(fold=fold), zone).astimezone(UTC) for fold in (0, 1)}
    return [
        moment
        for moment in both
        if moment.astimezone(zone).replace(tzinfo=None, fold=0) == datetime.combine(day, wall)
    ]


def show_as(shape: str, moment: datetime) -> str:
    """`moment` in its own zone as strftime has it; a zone that has no letters is `UTC-03`, never taken for hours."""
    name = moment.tzname() or ""
    return moment.strftime(shape.replace("%Z", f"UTC{name}" if name[:1] in {"+", "-"} else name))


def show_clock(moment: datetime, zone: ZoneInfo | None = None) -> str:
    """`14:15 CEST`: the wall time with its zone, the organisation's unless another is given."""
    return show_as("%H:%M %Z", moment.astimezone(zone or organisation_zone()))


def show_moment(moment: datetime, zone: ZoneInfo | None = None) -> str:
    """`2026-04-18 14:15 CEST`."""
    return show_as("%Y-%m-%d %H:%M %Z", moment.astimezone(zone or organisation_zone()))


def show_weekday(moment: datetime, zone: ZoneInfo | None = None) -> str:
    """`Sat 18 Apr 14:15 CEST`, for shifts: people think of them by the day of the week."""
    there = moment.astimezone(zone or organisation_zone())
    return show_as(f"%a {there.day} %b %H:%M %Z", there)


def show_near(moment: datetime, now: datetime, zone: ZoneInfo | None = None) -> str:
    """`14:15 CEST` on the local day of `now`, `2026-04-20 14:15 CEST` on another."""
    there = zone or organisation_zone()
    same_day = moment.astimezone(there).date() == now.astimezone(there).date()
    return show_clock(moment, there) if same_day else show_moment(moment, there)


def show_left(duration: timedelta) -> str:
    """A countdown: `4:20`, `1:04:20`, `2 d 3 h`, with `−` in front once it is over."""
    seconds = int(duration.total_seconds())
    sign, seconds = ("−", -seconds) if seconds < 0 else ("", seconds)
    if seconds >= 2 * 86400:
        return f"{sign}{seconds // 86400} d {seconds % 86400 // 3600} h"
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{sign}{hours}:{minutes:02}:{seconds:02}" if hours else f"{sign}{minutes}:{seconds:02}"
