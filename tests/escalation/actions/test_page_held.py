"""Maintenance holds a machine's page: silence until the window is over, then the chain from its top."""

from typing import Any

import pytest

from accounts.actor import MUSTER
from core.errors import WrongState
from core.moments import show_clock
from escalation.actions.page import acknowledge_page, advance_due_pages, release_page, ring_next_now, stop_pages
from escalation.enums import PageStatus
from escalation.models import Page, PageAttempt
from escalation.queries.page import page_lines
from tests.escalation.story import MINUTE, by, rung, start, told
from tests.factories import NOW
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import MaintenanceWindowFactory, ServiceFactory, make_policy

pytestmark = pytest.mark.django_db
UNTIL = NOW + 60 * MINUTE


def held(*people: Any) -> Page:
    service = ServiceFactory()
    MaintenanceWindowFactory(services=[service], ends_at=UNTIL)
    return start(policy=make_policy(*people), by_machine=True, service=service)


def test_a_held_page_rings_nobody_and_begins_at_the_top_when_the_window_is_over(heard: list[Any]) -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()

    page = held(ana, jens)
    for minutes in (5, 30, 59):
        assert advance_due_pages(now=NOW + minutes * MINUTE) == 0

    assert (page.status, page.wake_at) == (PageStatus.HELD, UNTIL)
    assert (PageAttempt.objects.count(), told(ana)) == (0, [])
    assert [name for name, _ in heard] == ["page_held"]
    assert advance_due_pages(now=UNTIL) == 1
    advance_due_pages(now=UNTIL + 5 * MINUTE)
    page.refresh_from_db()
    assert (page.status, rung(page)) == (PageStatus.RINGING, [(60, ana), (65, jens)])


def test_a_window_that_is_over_holds_nothing() -> None:
    ana = ReachableUserFactory()

    service = ServiceFactory()
    MaintenanceWindowFactory(services=[service], starts_at=NOW - 60 * MINUTE)

    page = start(policy=make_policy(ana), by_machine=True, service=service)

    assert (page.status, rung(page)) == (PageStatus.RINGING, [(0, ana)])


def test_a_window_ended_before_its_time_lets_the_page_ring_now_and_only_once() -> None:
    ana = ReachableUserFactory()
    page = held(ana)

    page = release_page(page, by=MUSTER, now=NOW + 10 * MINUTE)
    release_page(page, by=MUSTER, now=NOW + 11 * MINUTE)

    assert (page.status, page.wake_at, rung(page)) == (PageStatus.RINGING, NOW + 15 * MINUTE, [(10, ana)])


def test_the_next_step_of_a_held_page_cannot_be_rung_by_hand_and_its_top_is_still_first() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = held(ana, jens)

    with pytest.raises(WrongState, match=f"holds this page until {show_clock(UNTIL)}"):
        ring_next_now(page, by=by(ana), now=NOW + 2 * MINUTE)
    advance_due_pages(now=UNTIL)

    assert rung(page) == [(60, ana)]


def test_a_page_by_hand_rings_while_another_is_held() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    waits = held(ana)

    page = start(people=[jens])

    assert (rung(page), rung(waits)) == ([(0, jens)], [])


def test_a_held_page_can_be_taken_and_then_never_rings() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = held(ana)

    page = acknowledge_page(page, by=by(jens), now=NOW + MINUTE)
    advance_due_pages(now=UNTIL)

    assert (page.status, page.acknowledged_by, rung(page)) == (PageStatus.ACKNOWLEDGED, jens, [])


def test_a_held_page_whose_subject_is_over_never_rings() -> None:
    ana = ReachableUserFactory()
    page = held(ana)

    assert stop_pages(page.subject_key, by=MUSTER, now=NOW + MINUTE, reason="resolved") == 1
    advance_due_pages(now=UNTIL)

    page.refresh_from_db()
    assert (page.status, page.wake_at, rung(page)) == (PageStatus.STOPPED, None, [])


def test_a_held_page_says_who_is_rung_when_it_is_over() -> None:
    ana = ReachableUserFactory()
    held(ana)

    (line,) = page_lines("incident:INC-1", NOW + MINUTE)

    assert (line.is_open, line.is_held, line.next_people, line.next_at) == (True, True, [ana], UNTIL)


def test_a_held_page_that_breaks_when_it_is_released_stays_held(monkeypatch: pytest.MonkeyPatch) -> None:
    page = held(ReachableUserFactory())

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("the second write broke")

    monkeypatch.setattr("escalation.actions.ringing.queue_new_messages", fails)
    with pytest.raises(RuntimeError):
        release_page(page, by=MUSTER, now=NOW + MINUTE)

    page.refresh_from_db()
    assert (page.status, page.wake_at, rung(page)) == (PageStatus.HELD, UNTIL, [])
