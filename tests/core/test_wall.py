"""Which instant a wall time is where clocks jump, go back, or cross the date line."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wall import EPOCH, MICROSECOND, WALL_EPOCH, clock_of, instant, last_instant

MOMENTS = st.datetimes(datetime(1975, 1, 1), datetime(2060, 1, 1))  # noqa: DTZ001 - a wall time
ZONES = [
    "Africa/Casablanca",
    "America/Chicago",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/Dublin",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "UTC",
]


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("zone", "shown", "first", "last"),
    [
        ("Europe/Berlin", "2026-07-01T09:00", "2026-07-01T07:00", "2026-07-01T07:00"),
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30", "2026-10-25T01:30"),
        ("Australia/Lord_Howe", "2020-10-04T02:15", "2020-10-03T15:30", "2020-10-03T15:30"),
        ("Pacific/Apia", "2011-12-30T09:00", "2011-12-30T10:00", "2011-12-30T10:00"),
        ("UTC", "2026-12-31T23:59:59.5", "2026-12-31T23:59:59.5", "2026-12-31T23:59:59.5"),
    ],
)
def test_a_wall_time_is_its_first_and_its_last_moment(zone: str, shown: str, first: str, last: str) -> None:
    assert instant(wall(shown), ZoneInfo(zone)) == wall(first).replace(tzinfo=UTC)
    assert last_instant(wall(shown), ZoneInfo(zone)) == wall(last).replace(tzinfo=UTC)


@given(zone=st.sampled_from(ZONES), shown=MOMENTS)
def test_both_are_those_of_the_zone_database(zone: str, shown: datetime) -> None:
    there = ZoneInfo(zone)
    either = [shown.replace(tzinfo=there, fold=fold).astimezone(UTC) for fold in (0, 1)]
    real = [at for at in either if at.astimezone(there).replace(tzinfo=None, fold=0) == shown]
    first, last = instant(shown, there), last_instant(shown, there)

    if real:
        assert [first, last] == [min(real), max(real)]
    else:  # jumped over: the moment of the jump
        assert first == last
        assert (first - timedelta(seconds=1)).astimezone(there).replace(tzinfo=None) < shown
        assert first.astimezone(there).replace(tzinfo=None) > shown


@given(zone=st.sampled_from(ZONES), at=MOMENTS.map(lambda at: at.replace(tzinfo=UTC)))
def test_what_a_clock_has_reached_is_what_it_shows_but_in_the_hours_that_it_repeats(zone: str, at: datetime) -> None:
    there = ZoneInfo(zone)
    shown = at.astimezone(there)

    reached = WALL_EPOCH + clock_of(there, at.year, at.year).reached((at - EPOCH) // MICROSECOND) * MICROSECOND

    if shown.fold:
        assert reached >= shown.replace(tzinfo=None, fold=0)
        assert instant(reached, there) <= at
    else:
        assert reached == shown.replace(tzinfo=None)


def test_a_jump_is_what_the_clocks_jumped_over() -> None:
    jumps = [
        [WALL_EPOCH + edge * MICROSECOND for edge in jump]
        for jump in clock_of(ZoneInfo("Pacific/Apia"), 2011, 2011).jumps()
    ]

    assert [jump for jump in jumps if jump[0].year == 2011] == [
        [wall("2011-09-24T03:00"), wall("2011-09-24T04:00")],
        [wall("2011-12-30T00:00"), wall("2011-12-31T00:00")],
    ]
    assert list(clock_of(ZoneInfo("UTC"), 2011, 2011).jumps()) == []
