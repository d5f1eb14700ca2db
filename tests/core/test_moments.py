"""Moments and durations as people write and read them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.moments import (
    organisation_zone,
    parse_duration,
    parse_moment,
    parse_to_come,
    show_clock,
    show_duration,
    show_left,
    show_moment,
    show_near,
    show_weekday,
)

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
AUCKLAND = ZoneInfo("Pacific/Auckland")
UTC_ZONE = ZoneInfo("UTC")


def berlin(*parts: int, fold: int = 0) -> datetime:
    """A wall time in Berlin, as a moment."""
    return datetime(*parts, fold=fold, tzinfo=BERLIN)  # type: ignore[misc]


# --- durations -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("15 min", timedelta(minutes=15)),
        ("15min", timedelta(minutes=15)),
        ("30m", timedelta(minutes=30)),
        ("1 minute", timedelta(minutes=1)),
        ("90 s", timedelta(seconds=90)),
        ("2 h", timedelta(hours=2)),
        ("48 hours", timedelta(hours=48)),
        ("1 day", timedelta(days=1)),
        ("  5  MIN ", timedelta(minutes=5)),
    ],
)
def test_a_duration_is_read_as_people_write_it(text, duration):
    assert parse_duration(text) == duration


@pytest.mark.parametrize(
    "text",
    ["", " ", "15", "min", "0 min", "-5 min", "1.5 h", "5 weeks", "5 min 3 s", "5 min\n5 min", "999999 min", "٥ min"],
)
def test_what_is_no_duration_is_refused_with_an_example(text):
    with pytest.raises(InvalidInput) as refusal:
        parse_duration(text)

    assert str(refusal.value) == f"“{text}” is not a duration; write it like “15 min” or “2 h”."


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(seconds=90), "90 s"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(minutes=60), "1 h"),
        (timedelta(minutes=90), "90 min"),
        (timedelta(hours=48), "48 h"),
        (timedelta(hours=72), "72 h"),
        (timedelta(days=4), "4 days"),
        (timedelta(hours=100), "100 h"),
    ],
)
def test_a_duration_is_shown_in_the_largest_unit_that_is_exact(duration, text):
    assert show_duration(duration) == text


@given(
    count=st.integers(1, 99_999),
    unit=st.sampled_from([timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)]),
)
def test_every_duration_that_can_be_written_is_shown_so_that_it_is_read_back(count, unit):
    assert parse_duration(show_duration(count * unit)) == count * unit


# --- a clock time is the nearest past moment in the writer's zone ----------------------------------------------------
@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("14:15", berlin(2026, 4, 18, 14, 15)),
        ("14:15:30", berlin(2026, 4, 18, 14, 15, 30)),
        ("14:23", berlin(2026, 4, 18, 14, 23)),
        ("9:05", berlin(2026, 4, 18, 9, 5)),
        ("00:00", berlin(2026, 4, 18, 0, 0)),
        ("14:24", berlin(2026, 4, 17, 14, 24)),
        ("23:59", berlin(2026, 4, 17, 23, 59)),
    ],
)
def test_a_clock_time_is_the_nearest_past_moment(now, text, then):
    assert parse_moment(text, now=now, zone=BERLIN) == then


def test_the_zone_of_the_writer_decides(now):
    assert parse_moment("14:15", now=now, zone=UTC_ZONE) == datetime(2026, 4, 17, 14, 15, tzinfo=UTC)
    assert parse_moment("08:20", now=now, zone=NEW_YORK) == now - timedelta(minutes=3)
    assert parse_moment("00:20", now=now, zone=AUCKLAND) == now - timedelta(minutes=3)


def test_just_after_midnight_an_evening_time_is_yesterdays():
    assert parse_moment("23:58", now=berlin(2026, 4, 19, 0, 3), zone=BERLIN) == berlin(2026, 4, 18, 23, 58)


def test_an_hour_that_the_clock_repeats_is_its_later_past_occurrence():
    between, after = berlin(2026, 10, 25, 2, 40), berlin(2026, 10, 25, 3, 10)

    assert parse_moment("02:30", now=between, zone=BERLIN).astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert parse_moment("02:30", now=after, zone=BERLIN).astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_a_time_that_the_clock_skipped_is_the_day_befores():
    now = berlin(2026, 3, 29, 3, 10)

    assert parse_moment("02:30", now=now, zone=BERLIN) == berlin(2026, 3, 28, 2, 30)
    assert parse_moment("01:59", now=now, zone=BERLIN) == now.astimezone(UTC) - timedelta(minutes=11)


def test_a_time_of_tomorrow_across_a_skipped_hour_is_the_last_real_one():
    """02:30 was skipped yesterday and is still to come today: the last one was the day before that."""
    now = berlin(2026, 3, 30, 1, 0)

    assert parse_moment("02:30", now=now, zone=BERLIN) == berlin(2026, 3, 28, 2, 30)


def test_an_island_that_lost_a_whole_day_still_has_a_last_evening():
    """Samoa went from Thursday 29 December 2011 to Saturday 31."""
    apia = ZoneInfo("Pacific/Apia")
    now = datetime(2011, 12, 31, 9, 0, tzinfo=apia)

    assert parse_moment("21:00", now=now, zone=apia) == datetime(2011, 12, 29, 21, 0, tzinfo=apia)


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("-10m", timedelta(minutes=10)),
        ("-90 s", timedelta(seconds=90)),
        ("-2h", timedelta(hours=2)),
        ("-5 MIN", timedelta(minutes=5)),
        ("-0m", timedelta(0)),
    ],
)
def test_minus_is_so_long_before_now_whatever_the_zone(now, text, ago):
    assert parse_moment(text, now=now, zone=BERLIN) == now - ago


def test_ten_minutes_ago_is_ten_real_minutes_over_a_clock_change():
    now = berlin(2026, 3, 29, 3, 5)

    assert parse_moment("-10m", now=now, zone=BERLIN) == berlin(2026, 3, 29, 1, 55)
    assert parse_moment("-10m", now=now.astimezone(UTC), zone=BERLIN) == berlin(2026, 3, 29, 1, 55)


@pytest.mark.parametrize(
    "text",
    ["", "24:00", "14:60", "14:15:60", "1415", "14.15", "+10m", "10m", "-10", "-10d", "tomorrow", "14:15\n", "١٤:١٥"],
)
def test_what_is_no_past_moment_is_refused_with_examples(now, text):
    with pytest.raises(InvalidInput) as refusal:
        parse_moment(text, now=now, zone=BERLIN)

    assert str(refusal.value) == f"“{text}” is not a time; write it like “14:15” or “-10m”."


@given(
    now=st.datetimes(
        datetime(2020, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
        datetime(2035, 1, 1),  # noqa: DTZ001
        timezones=st.sampled_from([BERLIN, NEW_YORK, AUCKLAND, UTC_ZONE]),
    ),
    zone=st.sampled_from([BERLIN, NEW_YORK, AUCKLAND, UTC_ZONE]),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
)
def test_any_clock_time_is_in_the_past_and_reads_the_same_in_the_writers_zone(now, zone, hour, minute):
    then = parse_moment(f"{hour}:{minute:02}", now=now, zone=zone)

    assert then.timestamp() <= now.timestamp()
    assert f"{then.astimezone(UTC).astimezone(zone):%H:%M:%S}" == f"{hour:02}:{minute:02}:00"
    assert now.timestamp() - then.timestamp() <= 49 * 3600


# --- what is shown ---------------------------------------------------------------------------------------------------
def test_a_moment_is_shown_with_its_zone(now):
    assert show_clock(now, BERLIN) == "14:23 CEST"
    assert show_moment(now, BERLIN) == "2026-04-18 14:23 CEST"
    assert show_moment(now, NEW_YORK) == "2026-04-18 08:23 EDT"
    assert show_weekday(now, BERLIN) == "Sat 18 Apr 14:23 CEST"


def test_a_zone_without_letters_is_no_number_of_hours(now):
    kathmandu = ZoneInfo("Asia/Kathmandu")

    assert show_clock(now, kathmandu) == "18:08 UTC+0545"
    assert show_moment(now, ZoneInfo("America/Sao_Paulo")) == "2026-04-18 09:23 UTC-03"
    assert show_weekday(now, kathmandu) == "Sat 18 Apr 18:08 UTC+0545"


def test_a_moment_is_shown_in_the_organisations_zone_unless_another_is_given(now, settings):
    settings.TIME_ZONE = "Europe/Berlin"

    assert organisation_zone() == BERLIN
    assert (show_clock(now), show_moment(now)) == ("14:23 CEST", "2026-04-18 14:23 CEST")


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(minutes=4, seconds=20), "4:20"),
        (timedelta(seconds=9), "0:09"),
        (timedelta(0), "0:00"),
        (timedelta(seconds=-1), "−0:01"),
        (timedelta(milliseconds=900), "0:00"),
        (timedelta(hours=1, minutes=4, seconds=20), "1:04:20"),
        (timedelta(hours=47, minutes=59, seconds=59), "47:59:59"),
        (timedelta(days=2, hours=3, minutes=59), "2 d 3 h"),
        (-timedelta(days=2, hours=3), "−2 d 3 h"),
    ],
)
def test_a_countdown_is_short_and_says_when_it_is_over(duration, text):
    assert show_left(duration) == text


def test_a_moment_of_another_day_is_shown_with_its_day(settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    now = datetime(2026, 4, 18, 21, 30, tzinfo=UTC)

    assert show_near(datetime(2026, 4, 18, 21, 59, tzinfo=UTC), now) == "23:59 CEST"
    assert show_near(datetime(2026, 4, 18, 22, 0, tzinfo=UTC), now) == "2026-04-19 00:00 CEST"


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("10m", "2026-04-18T12:33:00"),
        ("in 10 min", "2026-04-18T12:33:00"),
        ("2 h", "2026-04-18T14:23:00"),
        ("14:45", "2026-04-18T12:45:00"),
        (" 14:23 ", "2026-04-19T12:23:00"),
        ("9:05", "2026-04-19T07:05:00"),
    ],
)
def test_a_moment_to_come_is_so_long_from_now_or_the_next_such_clock_time(now, text, then):
    assert parse_to_come(text, now=now, zone=BERLIN) == datetime.fromisoformat(then).replace(tzinfo=UTC)


def test_a_clock_time_to_come_that_the_clock_skips_is_the_next_days():
    now = berlin(2026, 3, 29, 1, 0)

    assert parse_to_come("02:30", now=now, zone=BERLIN) == berlin(2026, 3, 30, 2, 30)


@pytest.mark.parametrize("text", ["soon", "25:00", "14:60", "-10m", "0m", "32 days", ""])
def test_what_is_no_moment_to_come_is_refused(now, text):
    with pytest.raises(InvalidInput, match=r"is no moment to come; write it like|is more than a month away"):
        parse_to_come(text, now=now, zone=BERLIN)
