"""What a calendar feed holds, read back with the icalendar package as a calendar program would."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from accounts.models import User
from escalation.enums import ShiftUnit
from escalation.export.feed import feed_calendar
from escalation.models import CalendarFeed, Schedule
from escalation.queries.feed import feed_content, feed_of
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import (
    CalendarFeedFactory,
    OverrideFactory,
    RotationFactory,
    ScheduleFactory,
    ShiftSwapFactory,
    make_schedule,
)

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


@pytest.fixture
def ana() -> User:
    return UserFactory(handle="ana", name="Ana")


@pytest.fixture
def ben() -> User:
    return UserFactory(handle="ben", name="Ben")


@pytest.fixture
def schedule(ana: User, ben: User) -> Schedule:
    return make_schedule(ana, ben, slug="primary", name="Primary")


def document(feed: CalendarFeed, now: datetime = NOW) -> bytes:
    return feed_calendar(feed, feed_content(feed, now).shifts, now=now, changed_at=NOW - A_DAY)


def events(feed: CalendarFeed, now: datetime = NOW) -> list[Any]:
    parsed = Calendar.from_ical(document(feed, now))
    return [(str(e["SUMMARY"]), e["DTSTART"].dt, e["DTEND"].dt, str(e["UID"])) for e in parsed.walk("VEVENT")]


def test_the_document_is_what_calendar_programs_expect(ana, schedule):
    text = document(CalendarFeedFactory(user=ana, reminders=[15, 60]))
    parsed = Calendar.from_ical(text)
    event = parsed.walk("VEVENT")[1]

    assert text.count(b"\n") == text.count(b"\r\n")
    assert {key: str(parsed[key]) for key in ("VERSION", "CALSCALE", "METHOD")} == {
        "VERSION": "2.0",
        "CALSCALE": "GREGORIAN",
        "METHOD": "PUBLISH",
    }
    assert parsed.errors == []
    assert b"DTSTART:20260420T070000Z" in text
    assert b"DTEND:20260427T070000Z" in text
    assert b"DTSTAMP:20260418T122300Z" in text
    assert b"LAST-MODIFIED:20260417T122300Z" in text
    assert [(a["ACTION"], a["TRIGGER"].dt) for a in event.walk("VALARM")] == [
        ("DISPLAY", timedelta(minutes=-15)),
        ("DISPLAY", timedelta(minutes=-60)),
    ]
    assert event["URL"] == "http://127.0.0.1:8000/on-call/primary/"


def test_a_person_has_their_own_shifts_of_every_schedule_and_nobody_elses(ana, ben, schedule):
    other = make_schedule(ana, slug="other", name="Other")
    other.rotations.update(starts_on=date(2026, 7, 1), ends_at=datetime(2026, 7, 2, 12, tzinfo=UTC))
    make_schedule(ben, slug="third")

    found = events(CalendarFeedFactory(user=ana))

    assert [each[:3] for each in found if each[0] == "On call: Primary"] == [
        (
            "On call: Primary",
            datetime(2026, 4, 6, 7, tzinfo=UTC) + timedelta(weeks=2 * number),
            datetime(2026, 4, 13, 7, tzinfo=UTC) + timedelta(weeks=2 * number),
        )
        for number in range(8)
    ]
    assert [each for each in found if each[0] == "On call: Other"] == [
        (
            "On call: Other",
            datetime(2026, 7, 1, 7, tzinfo=UTC),
            datetime(2026, 7, 2, 12, tzinfo=UTC),
            "other-20260701T070000Z-ana@127.0.0.1",
        )
    ]


def test_a_schedule_has_an_event_for_each_shift_with_everybody_in_it(ana, ben, schedule):
    OverrideFactory(schedule=schedule, kind="add", user=ana, reason="Training", starts_at=NOW, ends_at=NOW + A_DAY)

    text = document(CalendarFeedFactory(schedule=schedule))
    found = [event for event in Calendar.from_ical(text).walk("VEVENT") if "Training" in str(event["DESCRIPTION"])]

    assert [(str(e["SUMMARY"]), e["DTSTART"].dt, e["DTEND"].dt) for e in found] == [
        ("Primary: Ben and Ana", NOW, NOW + A_DAY)
    ]
    assert str(found[0]["DESCRIPTION"]) == "Weekly\nOverride: Ana as well (Training)"


def test_a_shift_keeps_its_uid_from_day_to_day(ana, schedule):
    feed = CalendarFeedFactory(user=ana)

    today, later = events(feed), events(feed, NOW + timedelta(days=9))

    assert later[0] in today
    assert len({uid for *_, uid in today}) == len(today)


def test_a_shift_that_no_edge_holds_is_cut_and_says_so(ana):
    schedule = make_schedule(ana, slug="always", name="Always")
    schedule.rotations.update(starts_on=date(2020, 1, 6))

    (event,) = Calendar.from_ical(document(CalendarFeedFactory(user=ana, reminders=[15]))).walk("VEVENT")

    assert str(event["SUMMARY"]) == "On call: Always (began before) (goes on)"
    assert str(event["UID"]) == "always-before-ana@127.0.0.1"
    assert "This shift began before the first moment that is shown here." in str(event["DESCRIPTION"])
    assert "This shift goes on after the last moment that is shown here." in str(event["DESCRIPTION"])
    assert event.walk("VALARM") == []


def test_the_digest_changes_with_the_shifts_and_with_nothing_else(ana, ben, schedule):
    feed = CalendarFeedFactory(user=ana)
    first = feed_content(feed, NOW).digest

    later = feed_content(feed, NOW + timedelta(hours=2)).digest
    OverrideFactory(schedule=schedule, user=ana, starts_at=NOW + A_DAY, ends_at=NOW + 2 * A_DAY)
    changed = feed_content(feed, NOW + timedelta(hours=2)).digest
    feed.reminders = [15]

    assert first == later
    assert len({first, changed, feed_content(feed, NOW).digest}) == 3


def test_the_key_opens_its_own_feed_alone(ana):
    feed = CalendarFeedFactory(user=ana, prefix="abc", secret="right-one")

    assert feed_of("abc-right-one") == feed
    assert [
        feed_of(each) for each in ("abc-wrong", "abc-", "abc", "", "xyz-right-one", f"{feed.prefix}-{feed.digest}")
    ] == [None] * 6


def test_a_feed_takes_five_queries_for_three_schedules_as_for_one(ana, ben, schedule):
    feed, counts = CalendarFeedFactory(user=ana), []
    OverrideFactory(schedule=schedule, user=ana)
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            feed_content(feed, NOW)
        counts.append(len(asked))
        for _ in range(2):
            more = ScheduleFactory()
            RotationFactory(schedule=more, people=[ana, ben], unit=ShiftUnit.DAYS)
            OverrideFactory(schedule=more, user=ana)

    assert counts == [5, 5]


def test_whoever_asks_for_a_swap_of_a_shift_is_said_in_it_while_nobody_has_taken_it(ana, ben, schedule):
    # Ben has the week in which NOW is; what is over, taken, of somebody else's or of another schedule says nothing.
    ShiftSwapFactory(schedule=schedule, asked_by=ben, starts_at=NOW, ends_at=NOW + timedelta(hours=4))
    ShiftSwapFactory(asked_by=ana, starts_at=NOW + 3 * A_DAY, ends_at=NOW + 4 * A_DAY)
    for over in (
        {"taken": True},
        {"cancelled": True},
        {"starts_at": NOW - 2 * A_DAY, "ends_at": NOW - A_DAY},
        {"asked_by": UserFactory()},
    ):
        ShiftSwapFactory(**{"schedule": schedule, "asked_by": ana, **over})

    events_of_all = Calendar.from_ical(document(CalendarFeedFactory(user=ana, schedule=schedule))).walk("VEVENT")

    told = [(str(e["SUMMARY"]), str(e["DESCRIPTION"])) for e in events_of_all if "swap" in str(e["DESCRIPTION"])]
    assert told == [("Primary: Ben", "Weekly\nBen asks for a swap.")]
