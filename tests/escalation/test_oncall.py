"""The rules behind the vectors, for any zone and any year."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.wall import instant
from escalation.enums import OverrideKind, ShiftUnit
from escalation.oncall import (
    Duty,
    OverrideSpec,
    RotationSpec,
    ScheduleSpec,
    Shift,
    next_in_turn,
    resolve,
    shifts,
)

BERLIN = ZoneInfo("Europe/Berlin")
# Clocks that change by an hour, by half an hour, at midnight, twice around Ramadan, by a whole day, and never.
ZONES = [
    "Europe/Berlin",
    "America/Chicago",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Pacific/Apia",
    "Asia/Kolkata",
]


def weekly(*people: str, **changes: Any) -> RotationSpec:
    """Turns of a week from Monday 5 January 2026, 09:00 in Berlin, as `changes` say."""
    wanted = {
        "turns": tuple((person,) for person in people),
        "unit": ShiftUnit.WEEKS,
        "length": 1,
        "starts_on": date(2026, 1, 5),
        "hands_off_at": time(9, 0),
        "zone": BERLIN,
        "name": "Weekly",
    }
    return RotationSpec(**{**wanted, **changes})


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def override(kind: OverrideKind, start: str, end: str, **named: Any) -> OverrideSpec:
    return OverrideSpec(key=f"{kind} {start}", kind=kind, start=berlin(start), end=berlin(end), **named)


def on_call(spec: ScheduleSpec, text: str) -> tuple[Any, ...]:
    return resolve(spec, berlin(text)).users


def test_a_nine_o_clock_hand_off_stays_at_nine_over_both_clock_changes() -> None:
    spec = ScheduleSpec((weekly("ana", "jens"),))

    line = shifts(spec, berlin("2026-03-23T09:00"), berlin("2026-11-02T09:00"))

    assert {shift.start.astimezone(BERLIN).time() for shift in line} == {time(9, 0)}
    lengths = [(shift.end - shift.start) // timedelta(hours=1) for shift in line]
    assert (lengths.count(167), lengths.count(169), lengths.count(168)) == (1, 1, len(line) - 2)
    assert [shift.users for shift in line[:3]] == [("jens",), ("ana",), ("jens",)]


def test_nobody_is_on_call_before_the_first_hand_off_nor_after_the_end() -> None:
    spec = ScheduleSpec((weekly("ana", ends_at=berlin("2026-01-08T00:00")),))

    assert on_call(spec, "2026-01-05T08:59:59") == ()
    assert on_call(spec, "2026-01-05T09:00:00") == ("ana",)
    assert on_call(spec, "2026-01-08T00:00:00") == ()
    assert shifts(spec, berlin("2026-01-01T00:00"), berlin("2026-02-01T00:00")) == [
        Shift(berlin("2026-01-05T09:00"), berlin("2026-01-08T00:00"), ("ana",), "Weekly", None)
    ]


def test_a_higher_layer_wins_and_equal_ranks_are_on_call_together() -> None:
    night = weekly("tomas", rank=1, name="Night", starts_on=date(2026, 1, 12), ends_at=berlin("2026-01-19T09:00"))
    spec = ScheduleSpec((weekly("ana"), weekly("mira", name="Shadow"), night))

    assert resolve(spec, berlin("2026-01-06T12:00")) == Duty(("ana", "mira"), "Weekly + Shadow")
    assert resolve(spec, berlin("2026-01-13T12:00")) == Duty(("tomas",), "Night")
    assert resolve(spec, berlin("2026-01-20T12:00")) == Duty(("ana", "mira"), "Weekly + Shadow")


def test_a_layer_without_people_hides_nobody() -> None:
    spec = ScheduleSpec((weekly("ana"), weekly(rank=9, name="Empty")))

    assert on_call(spec, "2026-01-06T12:00") == ("ana",)


def test_the_newest_override_has_the_last_word_also_over_an_override() -> None:
    covers = override(OverrideKind.COVER, "2026-01-06T08:00", "2026-01-06T20:00", user="ben")
    replaces = override(OverrideKind.REPLACE, "2026-01-06T10:00", "2026-01-06T12:00", user="eva", replaced="ben")
    layers = (weekly("ana"),)

    line = shifts(ScheduleSpec(layers, (covers, replaces)), berlin("2026-01-06T00:00"), berlin("2026-01-07T00:00"))

    assert [(f"{s.start.astimezone(BERLIN):%H}", s.users, s.override) for s in line] == [
        ("00", ("ana",), None),
        ("08", ("ben",), covers.key),
        ("10", ("eva",), replaces.key),
        ("12", ("ben",), covers.key),
        ("20", ("ana",), None),
    ]
    # The other way round the cover is the newer one: nobody called ben was there to be replaced.
    assert on_call(ScheduleSpec(layers, (replaces, covers)), "2026-01-06T11:00") == ("ben",)


def test_adding_and_removing_touch_one_person_and_a_gap_is_a_result() -> None:
    adds = override(OverrideKind.ADD, "2026-01-06T10:00", "2026-01-06T12:00", user="ben")
    removes = override(OverrideKind.REMOVE, "2026-01-06T11:00", "2026-01-06T13:00", replaced="ana")
    spec = ScheduleSpec((weekly("ana"),), (adds, removes))

    assert on_call(spec, "2026-01-06T10:30") == ("ana", "ben")
    assert on_call(spec, "2026-01-06T11:30") == ("ben",)
    assert on_call(spec, "2026-01-06T12:30") == ()
    assert on_call(spec, "2026-01-06T13:00") == ("ana",)


def test_the_next_in_turn_is_somebody_else_and_respects_who_is_away() -> None:
    week = ("2026-01-05T09:00", "2026-01-12T09:00")
    ben_covers = override(OverrideKind.COVER, *week, user="ben")
    ben_is_away = override(OverrideKind.REMOVE, *week, replaced="ben")
    people = weekly("ana", "ben", "eva")
    at = berlin("2026-01-06T12:00")

    assert [next_in_turn(ScheduleSpec((people,)), at, turn) for turn in range(4)] == [
        ("ana",),
        ("ben",),
        ("eva",),
        (),
    ]
    assert [next_in_turn(ScheduleSpec((people,), (ben_covers,)), at, turn) for turn in range(3)] == [
        ("ben",),
        ("eva",),
        (),
    ]
    assert next_in_turn(ScheduleSpec((people,), (ben_is_away,)), at, 1) == ("eva",)


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        ("2026-03-29T02:30", "2026-03-29T01:00"),  # does not exist: the first moment after the gap
        ("2026-03-29T03:00", "2026-03-29T01:00"),
        ("2026-10-25T02:30", "2026-10-25T00:30"),  # happens twice: the first time
        ("2026-10-25T03:00", "2026-10-25T02:00"),
    ],
)
def test_a_wall_time_around_a_clock_change_is_one_instant(wall: str, expected: str) -> None:
    assert instant(datetime.fromisoformat(wall), BERLIN) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def stepped(rotation: RotationSpec, until: datetime) -> list[tuple[datetime, datetime, str]]:
    """The same line found the slow way: one hand-off after the other from the very first."""
    wall, number, turn, line = rotation.first_wall, 0, 0, []
    unit = {
        ShiftUnit.HOURS: timedelta(hours=1),
        ShiftUnit.DAYS: timedelta(days=1),
        ShiftUnit.WEEKS: timedelta(weeks=1),
    }
    start = instant(wall, rotation.zone)
    while start < until:
        number += 1
        end = instant(wall + unit[ShiftUnit(rotation.unit)] * rotation.length * number, rotation.zone)
        if end > start:
            line.append((start, end, str(rotation.turns[turn % len(rotation.turns)][0])))
            start, turn = end, turn + 1
    return line


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    starts_on=st.dates(date(2009, 1, 1), date(2030, 12, 31)),
    hands_off_at=st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
    unit=st.sampled_from([ShiftUnit.HOURS, ShiftUnit.DAYS, ShiftUnit.WEEKS]),
    length=st.integers(1, 30),
    size=st.integers(1, 5),
    days=st.integers(0, 400),
)
def test_jumping_to_a_moment_finds_what_walking_finds(
    zone: str, starts_on: date, hands_off_at: time, unit: ShiftUnit, length: int, size: int, days: int
) -> None:
    rotation = weekly(
        *"abcde"[:size], zone=ZoneInfo(zone), starts_on=starts_on, hands_off_at=hands_off_at, unit=unit, length=length
    )
    spec = ScheduleSpec((rotation,))
    begins = instant(rotation.first_wall, rotation.zone)
    window = (begins + timedelta(days=days, minutes=7), begins + timedelta(days=days + 20))
    walked = [span for span in stepped(rotation, window[1]) if span[1] > window[0]]

    for start, end, person in walked:
        for moment in {max(start, window[0]), start + (end - start) / 2, end - timedelta(seconds=1)}:
            if start <= moment:
                assert resolve(spec, moment).users == (person,)

    line = shifts(spec, *window)
    assert (line[0].start, line[-1].end) == window  # every instant is covered
    assert all(before.end == after.start for before, after in pairwise(line))
    assert all(before.users != after.users for before, after in pairwise(line))
    assert {shift.start for shift in line[1:]} <= {start for start, _, _ in walked}
