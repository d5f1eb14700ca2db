"""Calendars of others, spread out into shifts with names."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from core.errors import InvalidInput
from escalation.intake.calendar import DraftShift, names_in, read_calendar

BERLIN = ZoneInfo("Europe/Berlin")
START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)


def calendar(*events: str, head: str = "") -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//EN", *head.split("|")]
    for event in events:
        lines += ["BEGIN:VEVENT", *event.split("|"), "END:VEVENT"]
    return "\r\n".join([*(line for line in lines if line), "END:VCALENDAR", ""])


def drafts(text: str, zone: ZoneInfo = BERLIN) -> list[DraftShift]:
    return read_calendar(text, zone=zone, start=START, end=END)


def spans(text: str, zone: ZoneInfo = BERLIN) -> list[tuple[str, str]]:
    return [(f"{one.start:%m-%d %H:%M}", f"{one.end:%m-%d %H:%M}") for one in drafts(text, zone)]


def test_a_single_event_keeps_its_moments_its_names_and_its_mails():
    text = calendar(
        "UID:1|DTSTART:20260420T070000Z|DTEND:20260421T070000Z|SUMMARY:On call: @ana\\, Ben Okafor"
        "|ATTENDEE;CN=Ana Lima:mailto:Ana@Example.org|ORGANIZER;CN=The Boss:mailto:Boss@example.org"
        "|ATTENDEE;PARTSTAT=DECLINED:mailto:eva@example.org"
    )

    assert drafts(text) == [
        DraftShift(
            datetime(2026, 4, 20, 7, tzinfo=UTC),
            datetime(2026, 4, 21, 7, tzinfo=UTC),
            ("ana@example.org",),
            ("@ana", "Ben Okafor"),
            ("Ana Lima",),
            ("boss@example.org", "The Boss"),
        )
    ]


def test_repeats_stay_at_their_wall_time_over_a_clock_change_and_leave_out_their_exceptions():
    text = calendar(
        "UID:1|DTSTART;TZID=Europe/Berlin:20260327T090000|DTEND;TZID=Europe/Berlin:20260327T170000|SUMMARY:ana"
        "|RRULE:FREQ=DAILY;COUNT=4|EXDATE;TZID=Europe/Berlin:20260328T090000"
    )

    assert spans(text) == [
        ("03-27 08:00", "03-27 16:00"),
        ("03-29 07:00", "03-29 15:00"),
        ("03-30 07:00", "03-30 15:00"),
    ]


def test_an_occurrence_that_was_moved_or_cancelled_is_so():
    text = calendar(
        "UID:1|DTSTART:20260401T080000Z|DTEND:20260401T090000Z|RRULE:FREQ=DAILY;COUNT=3|SUMMARY:ana",
        "UID:1|RECURRENCE-ID:20260402T080000Z|DTSTART:20260402T120000Z|DTEND:20260402T130000Z|SUMMARY:ben",
        "UID:1|RECURRENCE-ID:20260403T080000Z|DTSTART:20260403T080000Z|DTEND:20260403T090000Z|STATUS:CANCELLED",
    )

    assert [(one.start.day, one.start.hour, one.names) for one in drafts(text)] == [
        (1, 8, ("ana",)),
        (2, 12, ("ben",)),
    ]


def test_what_was_cancelled_or_lasts_no_time_is_no_shift():
    text = calendar(
        "UID:1|DTSTART:20260401T080000Z|DTEND:20260401T090000Z|STATUS:CANCELLED|SUMMARY:ana",
        "UID:2|DTSTART:20260402T080000Z|SUMMARY:ana",
    )

    assert drafts(text) == []


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("", [("03-28 23:00", "03-29 22:00")]),
        ("X-WR-TIMEZONE:America/New_York", [("03-29 04:00", "03-30 04:00")]),
        ("X-WR-TIMEZONE:Nowhere/Land", [("03-28 23:00", "03-29 22:00")]),
    ],
)
def test_a_whole_day_is_the_day_in_the_zone_of_the_calendar(head, expected):
    text = calendar("UID:1|DTSTART;VALUE=DATE:20260329|SUMMARY:ana", head=head)

    assert spans(text) == expected


def test_several_whole_days_end_before_the_day_that_is_named_last():
    assert spans(calendar("UID:1|DTSTART;VALUE=DATE:20260406|DTEND;VALUE=DATE:20260408|SUMMARY:ana")) == [
        ("04-05 22:00", "04-07 22:00")
    ]


def test_a_time_without_a_zone_is_read_in_the_zone_of_the_calendar():
    assert spans(calendar("UID:1|DTSTART:20260406T090000|DTEND:20260406T170000|SUMMARY:ana")) == [
        ("04-06 07:00", "04-06 15:00")
    ]


def test_events_that_only_reach_into_the_window_are_whole_and_those_outside_are_left_out():
    text = calendar(
        "UID:1|DTSTART:20260227T000000Z|DTEND:20260302T000000Z|SUMMARY:ana",
        "UID:2|DTSTART:20260101T000000Z|DTEND:20260102T000000Z|SUMMARY:ana",
        "UID:3|DTSTART:20260501T000000Z|DTEND:20260502T000000Z|SUMMARY:ana",
    )

    assert spans(text) == [("02-27 00:00", "03-02 00:00")]


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("ana", ("ana",)),
        ("[L1] ana, ben", ("ana", "ben")),
        ("Ana Lima and Ben Okafor", ("Ana Lima", "Ben Okafor")),
        ("Primary on call: Fernanda Sandoval", ("Fernanda Sandoval",)),
        ("ana & ben + eva; tom / uli", ("ana", "ben", "eva", "tom", "uli")),
        ("ana, ana", ("ana",)),
        ("", ()),
    ],
)
def test_a_title_is_read_as_names(title, names):
    assert names_in(title) == names


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>Sign in</html>",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR",
        calendar("UID:1|DTSTART:20260401T080000Z|RRULE:FREQ=NEVER|SUMMARY:ana"),
        calendar("UID:1|SUMMARY:ana"),
    ],
)
def test_what_is_no_calendar_is_refused_in_a_sentence(text):
    with pytest.raises(InvalidInput, match="This is no calendar that can be read"):
        drafts(text)


@pytest.mark.parametrize("rule", ["FREQ=MINUTELY", "FREQ=secondly", "FREQ=HOURLY;BYMINUTE=0,1,2,3,4"])
def test_what_repeats_every_minute_is_no_shift(rule):
    with pytest.raises(InvalidInput, match="A shift that repeats every minute is none"):
        drafts(calendar(f"UID:1|DTSTART:20260301T000000Z|SUMMARY:ana|DURATION:PT1M|RRULE:{rule}"))


def test_a_calendar_with_more_shifts_than_anybody_keeps_is_refused(monkeypatch):
    monkeypatch.setattr("escalation.intake.calendar.MOST_SHIFTS", 100)

    with pytest.raises(InvalidInput, match="The calendar has more than"):
        drafts(calendar("UID:1|DTSTART:20260301T000000Z|SUMMARY:ana|DURATION:PT1H|RRULE:FREQ=HOURLY"))
