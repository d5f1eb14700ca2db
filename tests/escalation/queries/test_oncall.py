"""Rows as data: who is on call, from the tables."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from escalation.enums import OverrideKind
from escalation.oncall import Change, changed_shifts
from escalation.queries.oncall import (
    asked_together,
    layers_at,
    on_call_board,
    on_call_in,
    on_call_now,
    rotation_spec,
    shifts_between,
    spec_of,
)
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import (
    BusinessHoursFactory,
    FixedLayerFactory,
    FixedShiftFactory,
    OverrideFactory,
    RotationFactory,
    RotationMemberFactory,
    ScheduleFactory,
    TemporaryScheduleFactory,
    make_schedule,
)

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def test_schedules_that_are_asked_together_are_fetched_once_for_each_moment(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    first, second, third = (make_schedule(UserFactory(), slug=slug) for slug in ("first", "second", "third"))

    with asked_together({"second"}), django_assert_num_queries(6):  # two for NOW, twice two for an hour later
        found = [
            layers_at(NOW, keys={first.pk}),
            layers_at(NOW, slugs={"second"}),
            layers_at(NOW + HOUR, keys={second.pk}),
            layers_at(NOW + HOUR, keys={first.pk}),
        ]

    assert [{schedule.pk for schedule in some} for some in found] == [
        {first.pk},
        {second.pk},
        {second.pk},
        {first.pk},
    ]
    assert [schedule.pk for schedule in layers_at(NOW, keys={third.pk})] == [third.pk]


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


def test_any_number_of_questions_takes_three_queries_and_one_more_for_overrides(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    ana, ben, eva = UserFactory.create_batch(3)
    first, second = make_schedule(ben, ana), make_schedule(eva)

    asked = [(first.pk, 0), (first.pk, 1), (second.pk, 0), (10**9, 0)]

    with django_assert_num_queries(3):
        found = on_call_in(asked, NOW)
    OverrideFactory(schedule=second, user=ana)
    with django_assert_num_queries(4):
        overridden = on_call_in(asked, NOW)

    assert found == {(first.pk, 0): [ana], (first.pk, 1): [ben], (second.pk, 0): [eva], (10**9, 0): []}
    assert overridden == {**found, (second.pk, 0): [ana]}


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


def test_a_restricted_layer_counts_in_its_times_and_in_its_business_hours() -> None:
    ana, ben = UserFactory.create_batch(2)
    schedule = make_schedule(ben)
    RotationFactory(
        schedule=schedule,
        people=[ana],
        rank=1,
        restrictions=["Sat 14:00-15:00", "Sun 22:00 to Mon 06:00"],
        hours=BusinessHoursFactory(time_zone="America/New_York", workdays=[6], holidays=[date(2026, 4, 25)]),
    )

    line = shifts_between(schedule, NOW - timedelta(hours=1), NOW + timedelta(days=9), NOW)

    assert [(f"{s.start.astimezone(BERLIN):%a %d %H:%M}", s.users) for s in line] == [
        ("Sat 18 13:23", [ben]),
        ("Sat 18 14:00", [ana]),
        ("Sat 18 23:00", [ben]),  # 15:00 in Berlin is 09:00 in New York: open from then until 17:00 there
        ("Sun 19 22:00", [ana]),
        ("Mon 20 06:00", [ben]),
        ("Sat 25 14:00", [ana]),
        ("Sat 25 15:00", [ben]),
        ("Sun 26 22:00", [ana]),
        ("Mon 27 06:00", [ben]),
    ]


def test_single_shifts_and_a_temporary_schedule_are_part_of_the_line() -> None:
    ana, ben, eva, liv = UserFactory.create_batch(4)
    schedule = make_schedule(ana)
    layer = FixedLayerFactory(schedule=schedule, rank=1, name="Conference")
    FixedShiftFactory(layer=layer, user=ben, starts_at=NOW + HOUR, ends_at=NOW + 3 * HOUR)
    FixedShiftFactory(layer=layer, user=eva, starts_at=NOW + 2 * HOUR, ends_at=NOW + 4 * HOUR)
    move = TemporaryScheduleFactory(schedule=schedule, starts_at=NOW + 5 * HOUR, ends_at=NOW + 7 * HOUR)
    FixedShiftFactory(layer=None, temporary=move, user=liv, starts_at=NOW + 6 * HOUR, ends_at=NOW + 9 * HOUR)

    line = shifts_between(schedule, NOW, NOW + 8 * HOUR, NOW)

    assert [((s.start - NOW) // HOUR, s.users, s.layer) for s in line] == [
        (0, [ana], "Weekly"),
        (1, [ben], "Conference"),
        (2, [ben, eva], "Conference"),
        (3, [eva], "Conference"),
        (4, [ana], "Weekly"),
        (5, [], ""),
        (6, [liv], "Move"),
        (7, [ana], "Weekly"),
    ]


def test_plans_and_single_shifts_cost_three_queries_more_however_many_there_are(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    first, second = make_schedule(UserFactory()), make_schedule(UserFactory())
    for schedule in (first, first, second):
        FixedShiftFactory(layer__schedule=schedule)
        FixedShiftFactory(layer=None, temporary=TemporaryScheduleFactory(schedule=schedule))

    with django_assert_num_queries(6):
        on_call_in([(first.pk, 0), (second.pk, 0)], NOW)


def test_an_unsaved_rotation_can_be_tried() -> None:
    ana, ben = UserFactory.create_batch(2)
    schedule = make_schedule(ana)
    before = spec_of(layers_at(NOW, keys={schedule.pk})[0])
    rotation = schedule.rotations.get()
    rotation.name, rotation.ends_at = "Changed", NOW + HOUR

    changed = replace(before, rotations=(rotation_spec(rotation, schedule, [[ben]]),))
    above = rotation_spec(RotationFactory.build(schedule=schedule, rank=3), schedule, [[ben]])
    added = replace(before, rotations=(*before.rotations, above))

    assert changed_shifts(before, changed, NOW, NOW + 2 * HOUR) == [
        Change(NOW, NOW + HOUR, (ana.pk,), (ben.pk,)),
        Change(NOW + HOUR, NOW + 2 * HOUR, (ana.pk,), ()),
    ]
    assert changed_shifts(before, added, NOW, NOW + 2 * HOUR) == [Change(NOW, NOW + 2 * HOUR, (ana.pk,), (ben.pk,))]
    assert before == spec_of(layers_at(NOW, keys={schedule.pk})[0])
