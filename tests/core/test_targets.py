"""Targets of a policy and the business calendar behind “next business day”."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.fields import DurationTextField, TargetField
from core.targets import WORDS, BusinessCalendar, Target

BERLIN = ZoneInfo("Europe/Berlin")
AUCKLAND = ZoneInfo("Pacific/Auckland")
HONOLULU = ZoneInfo("Pacific/Honolulu")
WEEK = BusinessCalendar(zone=BERLIN)


def berlin(*parts: int) -> datetime:
    """A wall time in Berlin, as a moment."""
    return datetime(*parts, tzinfo=BERLIN)  # type: ignore[misc]


# --- read and shown --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "target", "shown"),
    [
        ("5 min", Target(duration=timedelta(minutes=5)), "5 min"),
        ("48 h", Target(duration=timedelta(hours=48)), "48 h"),
        ("Next  Business Day", Target(business_days=1), "next business day"),
        ("1 business day", Target(business_days=1), "next business day"),
        ("2 business days", Target(business_days=2), "2 business days"),
        ("immediate", Target(word="immediate"), "immediate"),
        (" Best effort ", Target(word="best effort"), "best effort"),
        ("next sprint", Target(word="next sprint"), "next sprint"),
    ],
)
def test_a_target_is_read_and_shown(text, target, shown):
    assert Target.parse(text) == target
    assert str(target) == shown


@pytest.mark.parametrize(
    "text", ["", "soon", "0 business days", "business day", "0 min", "next week", "100 business days"]
)
def test_what_is_no_target_is_refused_with_examples(text):
    with pytest.raises(InvalidInput) as refusal:
        Target.parse(text)

    assert str(refusal.value) == (
        f"“{text}” is not a target; write “5 min”, “48 h”, “next business day”, “2 business days”, “immediate”, "
        "“best effort” or “next sprint”."
    )


@given(
    st.one_of(
        st.builds(Target, duration=st.integers(1, 99_999).map(lambda minutes: timedelta(minutes=minutes))),
        st.builds(Target, business_days=st.integers(1, 99)),
        st.builds(Target, word=st.sampled_from(WORDS)),
    )
)
def test_every_target_is_shown_so_that_it_is_read_back(target):
    assert Target.parse(str(target)) == target


# --- when it is due --------------------------------------------------------------------------------------------------
def test_a_duration_counts_real_time_over_a_clock_change():
    before = berlin(2026, 3, 28, 14, 0).astimezone(UTC)

    assert Target.parse("24 h").due_at(before, WEEK) == berlin(2026, 3, 29, 15, 0)


def test_a_duration_counts_real_time_also_from_a_moment_that_carries_the_zone_of_the_change():
    assert Target.parse("24 h").due_at(berlin(2026, 3, 28, 14, 0), WEEK) == berlin(2026, 3, 29, 15, 0)


def test_immediate_is_now_and_words_without_a_moment_promise_none(now):
    assert Target.parse("immediate").due_at(now, WEEK) == now
    assert Target.parse("best effort").due_at(now, WEEK) is None
    assert Target.parse("next sprint").due_at(now, WEEK) is None


@pytest.mark.parametrize(
    ("start", "text", "due"),
    [
        # Thursday to Friday, Friday and the weekend to Monday.
        (berlin(2026, 4, 16, 9, 0), "next business day", berlin(2026, 4, 17, 17, 0)),
        (berlin(2026, 4, 17, 9, 0), "next business day", berlin(2026, 4, 20, 17, 0)),
        (berlin(2026, 4, 18, 14, 23), "next business day", berlin(2026, 4, 20, 17, 0)),
        (berlin(2026, 4, 19, 23, 59), "next business day", berlin(2026, 4, 20, 17, 0)),
        (berlin(2026, 4, 16, 9, 0), "2 business days", berlin(2026, 4, 20, 17, 0)),
        # A start after the close of business is still of that day.
        (berlin(2026, 4, 16, 23, 0), "next business day", berlin(2026, 4, 17, 17, 0)),
    ],
)
def test_business_days_skip_the_weekend(start, text, due):
    assert Target.parse(text).due_at(start, WEEK) == due


def test_business_days_skip_holidays():
    easter = BusinessCalendar(zone=BERLIN, holidays={date(2026, 4, 3), date(2026, 4, 6)})

    assert easter.close_after(berlin(2026, 4, 2, 12, 0), 1) == berlin(2026, 4, 7, 17, 0)


def test_the_local_day_of_the_calendar_counts_not_that_of_utc():
    """At 22:30 UTC on Thursday it is Friday already in Berlin and in Auckland, and still Thursday in Honolulu."""
    moment = datetime(2026, 4, 16, 22, 30, tzinfo=UTC)

    for zone, day in ((BERLIN, 20), (AUCKLAND, 20), (HONOLULU, 17)):
        assert BusinessCalendar(zone=zone).close_after(moment, 1) == datetime(2026, 4, day, 17, 0, tzinfo=zone)


def test_the_close_of_business_is_wall_time_on_both_sides_of_a_clock_change():
    winter = WEEK.close_after(berlin(2026, 3, 26, 9, 0), 1)
    summer = WEEK.close_after(berlin(2026, 3, 27, 9, 0), 1)

    assert [winter.astimezone(UTC).hour, summer.astimezone(UTC).hour] == [16, 15]


def test_another_week_and_another_closing_time():
    sunday_to_thursday = BusinessCalendar(zone=BERLIN, workdays=(7, 1, 2, 3, 4), closes_at=time(16, 30))

    assert sunday_to_thursday.close_after(berlin(2026, 4, 16, 9, 0), 1) == berlin(2026, 4, 19, 16, 30)
    assert not sunday_to_thursday.is_open_on(date(2026, 4, 17))


def test_a_calendar_without_a_working_day_is_refused():
    with pytest.raises(InvalidInput, match=r"\AThe business calendar has no working day\.\Z"):
        BusinessCalendar(zone=BERLIN, workdays=()).close_after(berlin(2026, 4, 16, 9, 0), 1)


@given(
    start=st.datetimes(
        datetime(2020, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
        datetime(2035, 1, 1),  # noqa: DTZ001
        timezones=st.sampled_from([ZoneInfo("UTC"), BERLIN, AUCKLAND, HONOLULU]),
    ),
    days=st.integers(1, 30),
)
def test_a_business_day_target_is_always_a_later_working_day(start, days):
    due = WEEK.close_after(start, days)

    assert due.astimezone(UTC) > start.astimezone(UTC)
    assert WEEK.is_open_on(due.date())
    assert (due.hour, due.minute) == (17, 0)


# --- as model fields -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("field", "good", "bad", "sentence"),
    [
        (
            TargetField(),
            ["", "5 min", "best effort"],
            "soon",
            "“soon” is not a target; write “5 min”, “48 h”, “next business day”, “2 business days”, “immediate”, "
            "“best effort” or “next sprint”.",
        ),
        (
            DurationTextField(),
            ["", "30 min"],
            "best effort",
            "“best effort” is not a duration; write it like “15 min” or “2 h”.",
        ),
    ],
)
def test_a_field_takes_what_its_parser_reads_and_refuses_with_its_sentence(field, good, bad, sentence):
    assert [field.clean(text, None) for text in good] == good
    with pytest.raises(ValidationError) as error:
        field.clean(bad, None)
    assert error.value.messages == [sentence]


def test_a_target_that_is_owed_may_not_be_empty():
    with pytest.raises(ValidationError):
        TargetField(blank=False).clean("", None)


@pytest.mark.parametrize(
    ("opens_at", "closes_at", "moment", "is_open"),
    [
        (time(9), time(17), berlin(2026, 4, 17, 9, 0), True),
        (time(9), time(17), berlin(2026, 4, 17, 8, 59), False),
        (time(9), time(17), berlin(2026, 4, 17, 17, 0), False),
        (time(9), time(17), berlin(2026, 4, 18, 12, 0), False),  # a Saturday
        (time(9), time(17), berlin(2026, 4, 16, 12, 0), False),  # a holiday
        # A night belongs to the day on which it began.
        (time(22), time(6), berlin(2026, 4, 18, 5, 59), True),
        (time(22), time(6), berlin(2026, 4, 20, 5, 59), False),
        (time(22), time(6), berlin(2026, 4, 17, 5, 59), False),
        # The same time twice is 24 hours.
        (time(8), time(8), berlin(2026, 4, 18, 7, 59), True),
        (time(8), time(8), berlin(2026, 4, 18, 8, 0), False),
        # On 25 October the clocks show 02:30 twice: it opens at the first and closes at the last.
        (time(2, 30), time(9), datetime(2026, 10, 25, 0, 30, tzinfo=UTC), True),
        (time(0), time(2, 30), datetime(2026, 10, 25, 1, 29, tzinfo=UTC), True),
        (time(0), time(2, 30), datetime(2026, 10, 25, 1, 30, tzinfo=UTC), False),
    ],
)
def test_business_hours_are_on_from_the_opening_to_the_close(opens_at, closes_at, moment, is_open):
    days = (1, 2, 3, 4, 5, 7) if moment.month == 10 else (1, 2, 3, 4, 5)
    desk = BusinessCalendar(BERLIN, days, {date(2026, 4, 16)}, closes_at, opens_at)

    assert desk.is_open_at(moment) is is_open
