"""The postmortem meeting as an invitation that calendar programs read (RFC 5545)."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vText

from incidents.models import Incident
from incidents.queries.meeting import Meeting


def meeting_invitation(incident: Incident, meeting: Meeting, *, at: datetime, now: datetime, words: str = "") -> bytes:
    """The document, lines ended by CRLF, every moment in UTC; people without an address of mail are left out.

    Its name stays the same when the meeting is moved, so that a calendar moves it too.
    """
    calendar, event = Calendar(), Event()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//Muster//Postmortem meeting//EN")
    calendar.add("METHOD", "PUBLISH")
    event.add("UID", f"{incident.reference.lower()}-meeting@{urlsplit(settings.MUSTER_URL).hostname or 'muster'}")
    event.add("DTSTAMP", now.astimezone(UTC).replace(microsecond=0))
    event.add("DTSTART", at.astimezone(UTC))
    event.add("DTEND", (at + meeting.length).astimezone(UTC))
    event.add("SUMMARY", f"Postmortem: [{incident.level.name}] {incident.summary}")
    event.add("DESCRIPTION", words or f"The postmortem of {incident.reference}.")
    event.add("URL", f"{settings.MUSTER_URL}{incident.get_absolute_url()}")
    for person in meeting.people:
        if person.email:
            attendee = vCalAddress(f"MAILTO:{person.email}")
            attendee.params["CN"] = vText(person.name or person.handle)
            event.add("ATTENDEE", attendee, encode=False)
    calendar.add_component(event)
    return bytes(calendar.to_ical())
