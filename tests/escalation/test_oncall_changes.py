"""Who keeps their turn when others come and go, and what an edit changes in the final line."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from escalation.enums import OverrideKind, ShiftUnit
from escalation.oncall import (
    Change,
    FixedSpec,
    RotationSpec,
    ScheduleSpec,
    TemporarySpec,
    changed_shifts,
    keep_present,
    next_in_turn,
    resolve,
    turn_at,
)
from tests.escalation.test_oncall import berlin, override, weekly

WEEK = timedelta(weeks=1)
TUESDAY = berlin("2026-01-13T12:00")
"""In the second turn of `weekly`."""


def turned(before: RotationSpec, *people: str, now: datetime = TUESDAY, **changes: Any) -> list[str]:
    """Who has the turns from `now` on, once the people of `before` are these; a pair is written `ab`."""
    fields = {**vars(before), **changes, "turns": tuple(tuple(turn) for turn in people)}
    after = keep_present(before, RotationSpec(**fields), now)
    spec = ScheduleSpec((after,))
    return ["".join(map(str, resolve(spec, now + number * WEEK).users)) for number in range(len(people))]


@pytest.mark.parametrize(
    ("people", "then"),
    [
        ("abc", "bca"),
        ("bc", "bc"),
        ("zabc", "bcza"),
        ("cba", "bac"),
        ("ac", "ca"),  # b is gone: the next of the old order has it
        ("za", "az"),  # so is c: then a
        ("zy", "yz"),  # nobody is left: the turn that is on is that of the new order
    ],
)
def test_whoever_has_the_turn_keeps_it(people: str, then: str) -> None:
    assert turned(weekly("a", "b", "c"), *people) == list(then)


def test_of_two_places_of_one_person_that_counts_where_the_rest_goes_on_as_before() -> None:
    before = weekly("b", "a", "c", "a")

    for weeks, then in ((0, "acazb"), (2, "azbac")):
        assert turned(before, "b", "a", "c", "a", "z", now=TUESDAY + weeks * WEEK) == list(then)


def test_a_pair_keeps_its_turn_when_one_of_it_leaves() -> None:
    assert turned(weekly(turns=(("a",), ("b", "c"), ("d",))), "a", "c", "d") == ["c", "d", "a"]


def test_another_clockwork_counts_from_its_first_turn() -> None:
    before = weekly("a", "b", "c")

    assert turned(before, "z", "a", "b", length=2)[:1] == ["z"]
    assert turned(before, "z", "a", "b", shift_length=timedelta(hours=8), now=TUESDAY)[0] == ""
    assert keep_present(before, weekly(), TUESDAY).turns == ()
    assert keep_present(weekly(), before, TUESDAY) == before
    assert keep_present(before, before, berlin("2026-01-01T00:00")) == before


def test_a_turn_passes_also_where_the_layer_is_not_seen() -> None:
    weekends = weekly("a", "b", "c", unit=ShiftUnit.ACTIVE_DAYS, active_days=(6, 7))

    assert [turn_at(weekends, berlin(f"2026-01-{day:02}T12:00")) for day in (5, 10, 11, 14, 17)] == [None, 0, 1, 1, 2]


def test_a_change_is_where_other_people_are_on_call() -> None:
    covers = override(OverrideKind.COVER, "2026-01-06T10:00", "2026-01-06T12:00", user="b")
    adds = override(OverrideKind.ADD, "2026-01-06T11:00", "2026-01-06T13:00", user="c")
    before = ScheduleSpec((weekly("a"),))
    window = berlin("2026-01-06T00:00"), berlin("2026-01-07T00:00")

    assert changed_shifts(before, before, *window) == []
    covered = replace(before, overrides=(covers,))
    assert changed_shifts(before, covered, *window) == [Change(covers.start, covers.end, ("a",), ("b",))]
    assert changed_shifts(covered, replace(before, overrides=(covers, adds)), *window) == [
        Change(adds.start, covers.end, ("b",), ("b", "c")),
        Change(covers.end, adds.end, ("a",), ("a", "c")),
    ]
    assert changed_shifts(before, ScheduleSpec(), *window) == [Change(*window, ("a",), ())]
    # Who stands first of two who are on call together is no change.
    one, other = (ScheduleSpec((weekly(turns=(pair,)),)) for pair in (("a", "b"), ("b", "a")))
    assert changed_shifts(one, other, *window) == []


def test_everybody_of_its_layers_and_overrides_is_among_its_people() -> None:
    day = berlin("2026-01-06T00:00"), berlin("2026-01-07T00:00")
    plan = TemporarySpec(4, *day, shifts=((*day, ("d",)),))
    covers = override(OverrideKind.COVER, "2026-01-06T10:00", "2026-01-06T12:00", user="e")
    fixed = FixedSpec(((*day, ("c",)),), rank=2, key=3)

    assert ScheduleSpec((weekly("a"), weekly("b", rank=1)), (plan, covers), (fixed,)).people() == set("abcde")


def test_the_next_in_a_layer_of_single_shifts_is_whoever_comes_next() -> None:
    day = timedelta(days=1)
    start = berlin("2026-01-06T00:00")
    plan = tuple((start + n * day, start + (n + 1) * day, (user,)) for n, user in enumerate("aabac"))
    spec = ScheduleSpec((weekly("x", "y"),), fixed=(FixedSpec(plan, rank=1),))

    assert [next_in_turn(spec, start, turn) for turn in range(4)] == [("a",), ("b",), ("c",), ()]
    assert next_in_turn(spec, start - day / 2, 1) == ("y",)
