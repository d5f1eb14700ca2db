"""How evenly a line is carried: pure, so without rows."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.oncall import FixedSpec, RotationSpec, ScheduleSpec, Shift, shifts
from escalation.oncall.balance import Load, balance_of, loads_of, members_of

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")


def berlin(text: str) -> datetime:
    """A wall time in Berlin, as a moment in UTC, like those of every line."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def load(hours: float, nights: int = 0, weekends: int = 0, person: str = "a") -> Load:
    return Load(person, hours, nights, weekends)


def carried(*spans: tuple[str, str], zone: ZoneInfo = BERLIN) -> tuple[float, int, int]:
    """Hours, nights and weekends of who is on call in these spans of Berlin's clock and lives in `zone`."""
    line = [Shift(berlin(start), berlin(end), ("a",), "Weekly", None) for start, end in spans]
    (one,) = loads_of(line, {"a": zone})
    return one.hours, one.nights, one.weekends


def test_a_week_from_monday_morning_has_seven_nights_and_one_weekend() -> None:
    assert carried(("2026-04-06T09:00", "2026-04-13T09:00")) == (168, 7, 1)


@pytest.mark.parametrize(
    ("start", "end", "nights", "weekends"),
    [
        ("2026-04-07T09:00", "2026-04-07T17:00", 0, 0),
        ("2026-04-07T22:00", "2026-04-08T00:00", 0, 0),
        ("2026-04-07T22:00", "2026-04-08T00:01", 1, 0),
        ("2026-04-07T05:59", "2026-04-07T09:00", 1, 0),
        ("2026-04-07T06:00", "2026-04-07T09:00", 0, 0),
        ("2026-04-10T18:00", "2026-04-11T00:00", 0, 0),
        ("2026-04-10T18:00", "2026-04-11T00:01", 1, 1),
        ("2026-04-12T20:00", "2026-04-13T00:00", 0, 1),
        ("2026-04-11T12:00", "2026-04-18T12:00", 7, 2),
    ],
)
def test_a_night_and_a_weekend_count_with_any_part_of_them(start, end, nights, weekends) -> None:
    assert carried((start, end))[1:] == (nights, weekends)


def test_two_parts_of_one_night_are_one_night_and_a_longer_night_has_its_hour() -> None:
    assert carried(("2026-04-07T00:00", "2026-04-07T01:00"), ("2026-04-07T02:00", "2026-04-07T03:00")) == (2, 1, 0)
    assert carried(("2026-10-25T00:00", "2026-10-25T06:00")) == (7, 1, 1)  # the clock is put back
    assert loads_of([], {"a": BERLIN}) == []


def test_a_night_is_where_the_person_lives() -> None:
    assert carried(("2026-04-07T09:00", "2026-04-07T17:00"), zone=NEW_YORK)[1] == 1


def test_members_are_those_of_the_layers() -> None:
    weekly = RotationSpec((("a",), ("b", "c")), "weeks", 1, date(2026, 4, 6), time(9), BERLIN)
    single = FixedSpec(((berlin("2026-04-06T09:00"), berlin("2026-04-06T10:00"), ("d", "a")),))

    assert members_of(ScheduleSpec(rotations=(weekly,), fixed=(single,))) == ["a", "b", "c", "d"]


def test_a_fair_rotation_is_100_and_one_person_alone_is_nothing_against_the_others() -> None:
    weekly = RotationSpec((("a",), ("b",)), "weeks", 1, date(2026, 4, 6), time(9), BERLIN)
    start = berlin("2026-04-06T09:00")
    line = shifts(ScheduleSpec(rotations=(weekly,)), start, start + timedelta(weeks=52))

    both = loads_of(line, {"a": BERLIN, "b": BERLIN, "never": BERLIN})
    assert [one.person for one in both] == ["b", "a"] or [one.person for one in both] == ["a", "b"]
    assert balance_of(both) >= 99
    assert balance_of([load(100, 10, 5), load(0), load(0)]) == 0
    assert balance_of([load(100, 10, 5)]) == balance_of([]) == balance_of([load(0), load(0)]) == 100


def test_hours_count_twice() -> None:
    even_hours = [load(10, nights=4, weekends=2), load(10)]
    even_nights = [load(10, nights=2, weekends=1), load(0, nights=2, weekends=1)]

    assert (balance_of(even_hours), balance_of(even_nights)) == (50, 50)


@given(st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 365), st.integers(0, 53)), max_size=8))
def test_the_score_lies_between_0_and_100(numbers: list[tuple[int, int, int]]) -> None:
    assert 0 <= balance_of([load(*each) for each in numbers]) <= 100
