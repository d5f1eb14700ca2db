"""How a schedule stands: gaps, shifts of nobody who can be rung, and who carries what."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalation.queries.health import Health, health_of
from escalation.queries.oncall import on_call_board
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import OverrideFactory, RotationFactory, ScheduleFactory, make_schedule

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def days(spans: list[tuple[object, object]]) -> list[tuple[float, float]]:
    """Spans as days after NOW."""
    return [((start - NOW) / DAY, (end - NOW) / DAY) for start, end in spans]  # type: ignore[operator]


def test_a_schedule_without_fault_is_well() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()

    health = health_of(make_schedule(ana, jens), NOW)

    assert health.is_well
    assert health.balance >= 98
    assert sorted(one.user.pk for one in health.carried) == sorted([ana.pk, jens.pk])
    assert sum(one.load.hours for one in health.carried) == 52 * 7 * 24


def test_gaps_are_those_of_the_next_30_days() -> None:
    ana = ReachableUserFactory()
    schedule = make_schedule(ana)
    for start, end in ((2, 3), (29, 32), (40, 41)):
        away = {"starts_at": NOW + start * DAY, "ends_at": NOW + end * DAY}
        OverrideFactory(schedule=schedule, kind="remove", user=None, replaced=ana, **away)

    health = health_of(schedule, NOW)

    assert days(health.gaps) == [(2, 3), (29, 30)]
    assert not health.is_well
    assert days(health_of(ScheduleFactory(), NOW).gaps) == [(0, 30)]


def test_a_shift_of_people_none_of_whom_can_be_rung_is_empty() -> None:
    ana, mute, gone = ReachableUserFactory(), UserFactory(handle="mute"), UserFactory(handle="gone", is_active=False)
    schedule = make_schedule(ana)
    for start, user in ((1, mute), (2, mute), (3, gone)):
        OverrideFactory(schedule=schedule, user=user, starts_at=NOW + start * DAY, ends_at=NOW + (start + 1) * DAY)
    both = {"starts_at": NOW + 5 * DAY, "ends_at": NOW + 6 * DAY}
    OverrideFactory(schedule=schedule, kind="add", user=mute, **both)

    health = health_of(schedule, NOW)

    assert days([(one.start, one.end) for one in health.empty]) == [(1, 3), (3, 4)]
    assert [one.users for one in health.empty] == [[mute], [gone]]
    assert set(health.unreachable) == {mute, gone}
    assert health.gaps == []


def test_who_stands_in_once_does_not_count_against_the_balance() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    schedule = make_schedule(ana, jens)
    RotationFactory(schedule=schedule, rank=0, name="Backup", people=[ana])
    before = health_of(schedule, NOW)
    OverrideFactory(schedule=schedule, user=ReachableUserFactory())

    after = health_of(schedule, NOW)

    assert [one.user for one in after.carried] == [one.user for one in before.carried]
    assert after.balance == before.balance


def test_who_carries_more_is_said_against_the_mean() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()

    health: Health = health_of(make_schedule(ana, ana, jens), NOW)

    (first, second) = health.carried
    assert (first.user, first.above_mean, second.user, second.below_mean) == (ana, 32, jens, 32)
    assert health.balance < 70


def test_it_takes_as_many_queries_for_three_rotations_as_for_one() -> None:
    schedule = make_schedule(ReachableUserFactory())
    OverrideFactory(schedule=schedule)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            health_of(schedule, NOW)
        counts.append(len(asked))
        for _ in range(2):
            RotationFactory(schedule=schedule, people=[ReachableUserFactory(), UserFactory()])
            OverrideFactory(schedule=schedule)

    assert counts[0] == counts[1] <= 7


def test_the_board_knows_of_a_gap_within_seven_days() -> None:
    ana = ReachableUserFactory()
    near, far, now = (make_schedule(ana, name=name) for name in ("A", "B", "C"))
    for schedule, start in ((near, 6), (far, 8), (now, 0)):
        away = {"starts_at": NOW + start * DAY, "ends_at": NOW + (start + 1) * DAY}
        OverrideFactory(schedule=schedule, kind="remove", user=None, replaced=ana, **away)

    assert [row.gap_at for row in on_call_board(NOW)] == [NOW + 6 * DAY, None, NOW]
