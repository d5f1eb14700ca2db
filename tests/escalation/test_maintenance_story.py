"""Maintenance and the pages of its services, on a moving clock: rule of safety 4."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from escalation.actions.maintenance import end_maintenance, start_maintenance
from escalation.actions.page import advance_due_pages, ring_next_now
from escalation.enums import PageStatus
from escalation.models import MaintenanceWindow, Page, Service
from escalation.queries.page import page_lines
from tests.escalation.story import MINUTE, by, rung, start, told
from tests.factories import NOW
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import ServiceFactory, make_policy

pytestmark = pytest.mark.django_db
HOUR = 60 * MINUTE


@pytest.fixture
def service() -> Service:
    return ServiceFactory(name="Pipeline")


@pytest.fixture
def people() -> list[User]:
    return [ReachableUserFactory(handle=handle) for handle in ("ana", "jens", "eva")]


def begin(service: Service, at: timedelta, lasts: timedelta) -> MaintenanceWindow:
    boss = by(ReachableUserFactory())
    return start_maintenance([service], by=boss, now=NOW + at, reason="Moving it", lasts=lasts)


def play(until: timedelta, since: timedelta = timedelta()) -> None:
    """The sweep, minute by minute."""
    for minute in range(since // MINUTE, until // MINUTE + 1):
        advance_due_pages(now=NOW + minute * MINUTE)


def test_begun_while_a_machine_s_page_rings_its_next_steps_wait_and_whoever_is_rung_is_rung_on(
    service: Service, people: list[User]
) -> None:
    ana, jens, eva = people
    page = start(policy=make_policy(*people), service=service, by_machine=True)

    begin(service, 2 * MINUTE, 30 * MINUTE)
    play(45 * MINUTE)

    assert rung(page) == [(0, ana), (32, jens), (37, eva)]
    assert [status for status, _ in told(ana)] == ["waiting"]


def test_what_waits_is_said_and_the_page_still_rings(service: Service, people: list[User], heard: list[Any]) -> None:
    jens = people[1]
    start(policy=make_policy(*people), service=service, by_machine=True)
    begin(service, 2 * MINUTE, 30 * MINUTE)

    play(5 * MINUTE)

    (line,) = page_lines("incident:INC-1", NOW + 5 * MINUTE)
    assert (line.page.status, line.page.waits_for_maintenance) == (PageStatus.RINGING, True)
    assert (line.next_people, line.next_at) == ([jens], NOW + 32 * MINUTE)
    assert [name for name, _ in heard] == ["page_rang", "page_held"]


def test_what_a_person_started_rings_through_maintenance_begun_before_or_after(
    service: Service, people: list[User]
) -> None:
    ana, jens, _ = people
    begin(service, timedelta(), HOUR)
    page = start(policy=make_policy(ana, jens), service=service, by=by(ana))

    play(5 * MINUTE)

    assert (page.status, rung(page)) == (PageStatus.RINGING, [(0, ana), (5, jens)])


def test_another_service_rings(service: Service, people: list[User]) -> None:
    ana = people[0]
    begin(service, timedelta(), HOUR)

    for other in (ServiceFactory(), None):
        assert rung(start(policy=make_policy(ana), service=other, by_machine=True)) == [(0, ana)]


def test_ended_early_what_waited_rings_at_once_from_where_it_stood(service: Service, people: list[User]) -> None:
    ana, jens, eva = people
    before = start(policy=make_policy(ana, jens), service=service, by_machine=True)
    window = begin(service, 2 * MINUTE, HOUR)
    during = start(policy=make_policy(eva), service=service, by_machine=True, now=NOW + 3 * MINUTE)
    play(10 * MINUTE)

    end_maintenance(window, by=by(ana), now=NOW + 10 * MINUTE)
    advance_due_pages(now=NOW + 10 * MINUTE)

    assert (rung(before), rung(during)) == ([(0, ana), (10, jens)], [(10, eva)])


def test_ended_early_what_does_not_wait_keeps_its_own_time(service: Service, people: list[User]) -> None:
    ana, jens, _ = people
    page = start(policy=make_policy(ana, jens), service=service, by_machine=True)
    window = begin(service, 2 * MINUTE, HOUR)

    end_maintenance(window, by=by(ana), now=NOW + 3 * MINUTE)
    play(6 * MINUTE, since=3 * MINUTE)

    assert rung(page) == [(0, ana), (5, jens)]


def test_a_window_that_another_one_outlasts_lets_nothing_ring(service: Service, people: list[User]) -> None:
    ana = people[0]
    first = begin(service, timedelta(), HOUR)
    begin(service, MINUTE, 2 * HOUR)
    page = start(policy=make_policy(ana), service=service, by_machine=True, now=NOW + 2 * MINUTE)

    end_maintenance(first, by=by(ana), now=NOW + 5 * MINUTE)
    advance_due_pages(now=NOW + 5 * MINUTE)
    assert rung(page) == []

    play(2 * HOUR + MINUTE, since=2 * HOUR)
    assert rung(page) == [(121, ana)]


def test_however_many_windows_follow_each_other_a_page_waits_four_hours_at_most(
    service: Service, people: list[User]
) -> None:
    ana = people[0]
    begin(service, timedelta(), 4 * HOUR)
    page = start(policy=make_policy(ana), service=service, by_machine=True, now=NOW + HOUR)
    begin(service, 2 * HOUR, 4 * HOUR)

    for hour in (4, 5):
        advance_due_pages(now=NOW + hour * HOUR)

    assert rung(page) == [(300, ana)]


def test_a_person_may_ring_the_next_step_of_what_rings_while_its_steps_wait(
    service: Service, people: list[User]
) -> None:
    ana, jens, eva = people
    page = start(policy=make_policy(*people), service=service, by_machine=True)
    window = begin(service, MINUTE, HOUR)
    play(5 * MINUTE)

    ring_next_now(page, by=by(ana), now=NOW + 6 * MINUTE)
    end_maintenance(window, by=by(ana), now=NOW + 7 * MINUTE)
    play(12 * MINUTE, since=7 * MINUTE)

    assert rung(page) == [(0, ana), (6, jens), (11, eva)]


def test_a_page_keeps_who_started_it(service: Service, people: list[User]) -> None:
    start(policy=make_policy(people[0]), service=service, by_machine=True)
    start(policy=make_policy(people[0]), service=service)

    assert list(Page.objects.order_by("pk").values_list("by_machine", flat=True)) == [True, False]
