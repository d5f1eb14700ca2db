"""Shifts as an iCalendar document (RFC 5545), as calendar programs subscribe to it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from icalendar import Alarm, Calendar, Event, vDuration

from escalation.models import CalendarFeed
from escalation.queries.feed import FeedShift

REFRESH = timedelta(hours=1)


def feed_calendar(feed: CalendarFeed, found: Sequence[FeedShift], *, now: datetime, changed_at: datetime) -> bytes:
    """The document, lines ended by CRLF, every moment in UTC.

    DTSTAMP is `now`, when it was made; LAST-MODIFIED is `changed_at`, since when it says the same.
    """
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//Muster//On call//EN")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", "PUBLISH")
    for name in ("NAME", "X-WR-CALNAME"):
        calendar.add(name, feed.name)
    calendar.add("REFRESH-INTERVAL", vDuration(REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(REFRESH))
    for shift in found:
        calendar.add_component(_event(feed, shift, now, changed_at))
    return bytes(calendar.to_ical())


def _event(feed: CalendarFeed, shift: FeedShift, now: datetime, changed_at: datetime) -> Event:
    event, page = Event(), reverse("escalation:schedule-detail", args=[shift.schedule.slug])
    event.add("UID", f"{shift.key}@{urlsplit(settings.MUSTER_URL).hostname or 'muster'}")
    event.add("DTSTAMP", now.astimezone(UTC).replace(microsecond=0))
    event.add("LAST-MODIFIED", changed_at.astimezone(UTC).replace(microsecond=0))
    event.add("DTSTART", shift.start)
    event.add("DTEND", shift.end)
    event.add("SUMMARY", _summary(feed, shift))
    event.add("DESCRIPTION", "\n".join(_notes(shift)))
    event.add("URL", f"{settings.MUSTER_URL}{page}")
    event.add("STATUS", "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT")
    if not shift.began_before:
        for minutes in feed.reminders:
            event.add_component(_alarm(feed, shift, minutes))
    return event


def _summary(feed: CalendarFeed, shift: FeedShift) -> str:
    who = f"{shift.schedule.name}: {shift.who}" if feed.schedule_id else f"On call: {shift.schedule.name}"
    return f"{who}{' (began before)' if shift.began_before else ''}{' (goes on)' if shift.goes_on else ''}"


def _notes(shift: FeedShift) -> list[str]:
    cut = []
    if shift.began_before:
        cut.append("This shift began before the first moment that is shown here.")
    if shift.goes_on:
        cut.append("This shift goes on after the last moment that is shown here.")
    return [*shift.notes, *cut]


def _alarm(feed: CalendarFeed, shift: FeedShift, minutes: int) -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", _summary(feed, shift))
    alarm.add("TRIGGER", timedelta(minutes=-minutes))
    return alarm
