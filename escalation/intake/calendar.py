"""A calendar that somebody else keeps, as shifts with the names that it gives people: pure, RFC 5545.

Repeats, their exceptions and moved occurrences are spread out; what was cancelled is left out. A whole-day event is
the days in the calendar's own zone (decision ical_all_day), and so is a time that names no zone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import icalendar
import recurring_ical_events

from core.errors import InvalidInput
from core.wall import instant

MOST_SHIFTS = 20_000
TOO_MANY = f"The calendar has more than {MOST_SHIFTS} shifts."
# Spread out a piece at a time, so that one that never ends is found out early.
PIECE = timedelta(days=14)
TOO_OFTEN = {"SECONDLY", "MINUTELY"}
# `[L1] ana, ben`: what stands in brackets says something about the shift and not about people.
BRACKETS = re.compile(r"\[[^\]]*\]")
BETWEEN_NAMES = re.compile(r"\s*(?:[,;+&/|]|\band\b)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class DraftShift:
    """One occurrence, [`start`, `end`) in UTC: the mails of who attends, in lower case, and the names of its title.

    `attending` are the names of who attends, `organizer` the mail and the name of who wrote it down, as far as given.
    """

    start: datetime
    end: datetime
    mails: tuple[str, ...]
    names: tuple[str, ...]
    attending: tuple[str, ...] = ()
    organizer: tuple[str, ...] = ()


def read_calendar(text: str, *, zone: ZoneInfo, start: datetime, end: datetime) -> list[DraftShift]:
    """The occurrences that reach into [`start`, `end`), in order, whole.

    `zone` counts for times without one, unless the calendar names its own. Raises InvalidInput, with a sentence, for
    what is no calendar, cannot be spread out, or has more than 20,000 occurrences there.
    """
    first, found = start, dict[DraftShift, None]()
    try:
        calendar = icalendar.Calendar.from_ical(text)
        zone = _zone_of(calendar) or zone
        _check_size(calendar)
        query = recurring_ical_events.of(calendar)
        while start < end and len(found) <= MOST_SHIFTS:
            events = query.between(start, min(start + PIECE, end))
            found |= dict.fromkeys(draft for event in events if (draft := _draft(event, zone)))
            start += PIECE
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        raise InvalidInput(f"This is no calendar that can be read: {str(error) or type(error).__name__}") from error
    if len(found) > MOST_SHIFTS:
        raise InvalidInput(TOO_MANY)
    return sorted((draft for draft in found if draft.start < end and draft.end > first), key=lambda one: one.start)


def _check_size(calendar: Any) -> None:
    """Raise InvalidInput for what would never be spread out in time."""
    events = calendar.walk("VEVENT")
    rules = [rule for event in events for rule in _listed(event.get("RRULE", []))]
    if len(events) > MOST_SHIFTS:
        raise InvalidInput(TOO_MANY)
    if any(_is_too_often(rule) for rule in rules):
        raise InvalidInput("A shift that repeats every minute is none; take it out of the calendar.")


def _is_too_often(rule: Any) -> bool:
    """Whether a rule repeats more than four times an hour."""
    frequency = {str(name).upper() for name in rule.get("FREQ", [])}
    return bool(TOO_OFTEN & frequency) or len(rule.get("BYMINUTE", [])) > 4 or len(rule.get("BYSECOND", [])) > 1


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _draft(event: Any, zone: ZoneInfo) -> DraftShift | None:
    """An occurrence; None for one that was cancelled or lasts no time."""
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    began, ended = event["DTSTART"].dt, event["DTEND"].dt if "DTEND" in event else None
    if ended is None:
        ended = began if isinstance(began, datetime) else began + timedelta(days=1)
    start, end = _moment(began, zone), _moment(ended, zone)
    if start >= end:
        return None
    there = [each for each in _listed(event.get("ATTENDEE", [])) if not _has_declined(each)]
    organizer = _listed(event.get("ORGANIZER", []))
    return DraftShift(
        start,
        end,
        tuple(dict.fromkeys(_mail(each) for each in there)),
        names_in(str(event.get("SUMMARY", ""))),
        tuple(dict.fromkeys(_names(there))),
        tuple(dict.fromkeys([*(_mail(each) for each in organizer), *_names(organizer)])),
    )


def names_in(title: str) -> tuple[str, ...]:
    """The names of a title, as they are written: `On call: @ana, Ben Okafor [L1]` has @ana and Ben Okafor."""
    text = BRACKETS.sub(" ", title)
    text = text.rpartition(":")[2] if ":" in text else text
    return tuple(dict.fromkeys(name.strip() for name in BETWEEN_NAMES.split(text) if name.strip()))


def _has_declined(attendee: Any) -> bool:
    return str(attendee.params.get("PARTSTAT", "")).upper() == "DECLINED"


def _mail(person: Any) -> str:
    return re.sub(r"^mailto:", "", str(person), flags=re.IGNORECASE).strip().lower()


def _names(people: list[Any]) -> Iterator[str]:
    return (name for each in people if (name := str(each.params.get("CN", "")).strip()))


def _moment(moment: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(moment, datetime):
        return instant(datetime.combine(moment, time()), zone)
    return instant(moment, zone) if moment.tzinfo is None else moment.astimezone(UTC)


def _zone_of(calendar: Any) -> ZoneInfo | None:
    """What the calendar says its zone is, or the only one that it describes."""
    described = [str(each.get("TZID", "")) for each in calendar.walk("VTIMEZONE")]
    named = str(calendar.get("X-WR-TIMEZONE", "") or (described[0] if len(described) == 1 else ""))
    if named in available_timezones():
        return ZoneInfo(named)
    calendar.pop("X-WR-TIMEZONE", None)  # whoever spreads it out would look for such a zone
    return None
