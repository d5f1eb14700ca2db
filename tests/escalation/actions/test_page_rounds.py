"""Nobody has answered at the end: the last resort, and at policies and levels that say so from the top again."""

from typing import Any

import pytest

from comms.models import Message
from escalation.actions.page import acknowledge_page, advance_due_pages, decline_page, ring_next_now
from escalation.enums import PageStatus
from escalation.models import Page
from escalation.queries.page import page_lines
from tests.escalation.story import MINUTE, by, rung, start
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import make_policy

pytestmark = pytest.mark.django_db


def sweep(page: Page, *minutes: int) -> Page:
    """The same page after a sweep at each of these minutes after NOW."""
    for minute in minutes:
        advance_due_pages(now=NOW + minute * MINUTE)
    page.refresh_from_db()
    return page


def test_a_chain_that_rings_until_it_is_answered_begins_from_the_top_after_the_last_resort(heard: list[Any]) -> None:
    ana, jens, boss = (ReachableUserFactory() for _ in range(3))
    page = start(policy=make_policy(ana, jens, last_resort=boss, rings_until_answered=True))

    page = sweep(page, 5, 10)
    assert (page.status, page.round, page.wake_at) == (PageStatus.EXHAUSTED, 1, NOW + 15 * MINUTE)
    page = sweep(page, 15, 20, 25, 30)

    assert rung(page) == [(0, ana), (5, jens), (10, boss), (15, ana), (20, jens), (25, boss), (30, ana)]
    assert page.status == PageStatus.EXHAUSTED
    assert [name for name, _ in heard].count("page_exhausted") == 1
    assert len(set(Message.objects.values_list("dedup_key", flat=True))) == 7


def test_a_level_may_say_so_where_the_policy_does_not() -> None:
    ana = ReachableUserFactory()

    loud = start(policy=make_policy(ana), rings_until_answered=True)
    quiet = start(policy=make_policy(ana), subject_key="incident:INC-2")
    loud, quiet = sweep(loud, 5, 10), sweep(quiet, 10)

    assert rung(loud) == [(0, ana), (10, ana)]
    assert (rung(quiet), quiet.wake_at) == ([(0, ana)], None)


def test_an_answer_in_any_round_ends_it() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = sweep(start(policy=make_policy(ana, jens, rings_until_answered=True)), 5, 10, 15)

    page = acknowledge_page(page, by=by(jens), now=NOW + 16 * MINUTE)

    assert (page.status, page.wake_at, page.acknowledged_by) == (PageStatus.ACKNOWLEDGED, None, jens)
    assert rung(sweep(page, 20, 60)) == [(0, ana), (5, jens), (15, ana)]
    assert Message.objects.filter(status="waiting").count() == 0


def test_cannot_in_a_later_round_tells_the_next_person_now() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = sweep(start(policy=make_policy(ana, jens, rings_until_answered=True)), 5, 10, 15)

    page = decline_page(page, by=by(ana), now=NOW + 16 * MINUTE)

    assert rung(page) == [(0, ana), (5, jens), (15, ana), (16, jens)]


def test_in_half_an_hour_in_a_later_round_tells_the_next_person_as_well() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = sweep(start(policy=make_policy(ana, jens, rings_until_answered=True)), 5, 10, 15)

    acknowledge_page(page, by=by(ana), now=NOW + 16 * MINUTE, arrives_at=NOW + 46 * MINUTE)
    page = sweep(page, 21)

    assert rung(page) == [(0, ana), (5, jens), (15, ana), (16, jens)]
    assert (page.status, page.acknowledged_by) == (PageStatus.ACKNOWLEDGED, ana)


def test_a_round_in_which_nothing_reaches_anybody_is_not_begun_again_for_five_minutes() -> None:
    page = start(policy=make_policy(UserFactory(), wait_seconds=0, rings_until_answered=True))

    assert (page.status, page.wake_at, rung(page)) == (PageStatus.EXHAUSTED, NOW + 5 * MINUTE, [])


def test_a_button_of_an_earlier_round_rings_nobody() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = sweep(start(policy=make_policy(ana, jens, rings_until_answered=True)), 5, 10, 15)
    (line,) = page_lines(page.subject_key, NOW + 15 * MINUTE)

    ring_next_now(page, by=by(ana), now=NOW + 16 * MINUTE, expected=(0, 0, 1))
    assert len(rung(page)) == 3
    ring_next_now(page, by=by(ana), now=NOW + 16 * MINUTE, expected=(1, 0, 1))

    assert line.next_key == "1-0-1"
    assert rung(page)[3:] == [(16, jens)]
