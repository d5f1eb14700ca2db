"""Rows as data: who is on call, from the tables."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from escalation.enums import OverrideKind
from escalation.queries.oncall import on_call_board, on_call_in, on_call_now, shifts_between
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import (
    OverrideFactory,
    RotationFactory,
    RotationMemberFactory,
    ScheduleFactory,
    make_schedule,
)

pytestmark = pytest.mark.django_db


def test_people_at_the_same_position_share_the_turn() -> None:
    ana, jens, eva = UserFactory.create_batch(3)
    schedule = make_schedule(eva, ana)
    RotationMemberFactory(rotation=schedule.rotations.get(), user=jens, position=1)

    assert on_call_now(schedule, NOW) == [ana, jens]
    assert on_call_now(schedule, NOW + timedelta(weeks=1)) == [eva]


def test_the_newest_override_counts_and_a_cancelled_one_does_not() -> None:
    ana, ben, eva = UserFactory.create_batch(3)
    schedule = make_schedule(ana)
    OverrideFactory(schedule=schedule, user=eva, created_at=NOW - timedelta(hours=1))
    OverrideFactory(schedule=schedule, user=ben, created_at=NOW - timedelta(hours=2))
    OverrideFactory(schedule=schedule, user=ana, created_at=NOW, cancelled_at=NOW, cancelled_by=ana)

    assert on_call_now(schedule, NOW) == [eva]
    assert on_call_now(schedule, NOW + timedelta(hours=1)) == [ana]


def test_somebody_who_was_switched_off_keeps_the_turn_and_is_not_on_call() -> None:
    gone, ana = UserFactory(is_active=False), UserFactory()
    schedule = make_schedule(ana, gone)

    assert on_call_now(schedule, NOW) == []
    assert on_call_now(schedule, NOW + timedelta(weeks=1)) == [ana]


def test_any_number_of_questions_takes_five_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    ana, ben, eva = UserFactory.create_batch(3)
    first, second = make_schedule(ben, ana), make_schedule(eva)

    with django_assert_num_queries(5):
        found = on_call_in([(first.pk, 0), (first.pk, 1), (second.pk, 0), (10**9, 0)], NOW)

    assert found == {(first.pk, 0): [ana], (first.pk, 1): [ben], (second.pk, 0): [eva], (10**9, 0): []}


def test_the_board_looks_past_hand_offs_between_the_same_people() -> None:
    ana, ben = UserFactory.create_batch(2)
    schedule = make_schedule(ben, ana, ana, name="Primary")
    OverrideFactory(
        schedule=schedule, kind=OverrideKind.ADD, user=ana, starts_at=NOW, ends_at=NOW + timedelta(hours=1)
    )
    make_schedule(eva := UserFactory(), name="Solo")
    ScheduleFactory(name="Zero")

    rows = {row.schedule.name: (row.users, row.until) for row in on_call_board(NOW)}

    primary = schedule.rotations.get()
    assert primary.places.count() == 3
    assert rows == {
        "Primary": ([ana], rows["Primary"][1]),
        "Solo": ([eva], None),
        "Zero": ([], None),
    }
    until = rows["Primary"][1]
    assert until is not None
    assert f"{until:%Y-%m-%d %H:%M}" == "2026-04-27 07:00"  # two turns of a week, 09:00 in Berlin


def test_gaps_stand_between_the_shifts() -> None:
    ana = UserFactory()
    schedule = ScheduleFactory()
    ends_at = NOW + timedelta(days=1)
    RotationFactory(schedule=schedule, people=[ana], ends_at=ends_at)

    line = shifts_between(schedule, NOW, NOW + timedelta(days=2), NOW)

    assert [(shift.start, shift.end, shift.users, shift.is_gap) for shift in line] == [
        (NOW, ends_at, [ana], False),
        (ends_at, NOW + timedelta(days=2), [], True),
    ]
