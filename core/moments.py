"""Moments and durations as people write and read them. Every moment is aware; every text names its zone."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from core.errors import InvalidInput

DURATION_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), timedelta(seconds=1)),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "hour", "hours"), timedelta(hours=1)),
    **dict.fromkeys(("d", "day", "days"), timedelta(days=1)),
}
DURATION = re.compile(r"^\s*(\d{1,5})\s*([a-z]+)\s*$", re.IGNORECASE)
CLOCK = re.compile(r"^(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?$")
AGO = re.compile(r"^-(\d{1,4})\s*(s|m|min|h)$", re.IGNORECASE)


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


def show_duration(duration: timedelta) -> str:
    """The shortest exact text that `parse_duration` reads back: `90 min`, `48 h`, `4 days`."""
    seconds = int(duration.total_seconds())
    for size, name in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds and seconds % size == 0 and (name != "days" or seconds // size > 3):
            return f"{seconds // size} {name}"
    return f"{seconds} s"


def parse_moment(text: str, *, now: datetime, zone: ZoneInfo) -> datetime:
    """`14:15` as the nearest past moment in `zone`, `-10m` as ten minutes before `now`.

    Raises InvalidInput for anything else. A clock time later than now means yesterday's; a moment
    that a clock change repeats means its later past occurrence, one that it skipped means the day before's.
    """
    if match := AGO.match(text):
        return now - int(match[1]) * DURATION_UNITS[match[2].lower()]
    match = CLOCK.match(text)
    if not match or int(match["hour"]) > 23 or int(match["minute"]) > 59 or int(match["second"] or 0) > 59:
        raise InvalidInput(f"“{text}” is not a time; write it like “14:15” or “-10m”.")
    local = now.astimezone(zone)
    for days in (0, 1):
        day = (local - timedelta(days=days)).date()
        wall = datetime(
            day.year, day.month, day.day, int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
        )
        both = [wall.replace(tzinfo=zone, fold=fold) for fold in (1, 0)]
        real = [moment for moment in both if _exists(moment)]
        past = [moment for moment in real if moment <= now]
        if past:
            return max(past)
    raise InvalidInput(f"There was no {text} in {zone.key} since yesterday.")


def _exists(moment: datetime) -> bool:
    zone = moment.tzinfo
    there = moment.timestamp()
    return datetime.fromtimestamp(there, zone).replace(fold=0, tzinfo=None) == moment.replace(fold=0, tzinfo=None)


def show_clock(moment: datetime, zone: ZoneInfo | None = None) -> str:
    """`14:15 CEST`: the wall time with its zone, the organisation's unless another is given."""
    return f"{moment.astimezone(zone or organisation_zone()):%H:%M %Z}"


def show_moment(moment: datetime, zone: ZoneInfo | None = None) -> str:
    """`2026-04-18 14:15 CEST`."""
    return f"{moment.astimezone(zone or organisation_zone()):%Y-%m-%d %H:%M %Z}"


def show_left(duration: timedelta) -> str:
    """A countdown: `4:20`, `1:04:20`, `2 d 3 h`, with `−` in front once it is over."""
    seconds = int(duration.total_seconds())
    sign, seconds = ("−", -seconds) if seconds < 0 else ("", seconds)
    if seconds >= 2 * 86400:
        return f"{sign}{seconds // 86400} d {seconds % 86400 // 3600} h"
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{sign}{hours}:{minutes:02}:{seconds:02}" if hours else f"{sign}{minutes}:{seconds:02}"
