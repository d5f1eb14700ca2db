"""Several workers and people at the same moment, on real connections: nobody is rung twice, nobody is missed."""

from collections import Counter

import pytest

from comms.models import Message
from escalation.actions.page import acknowledge_page, advance_due_pages, decline_page, ring_next_now, stop_pages
from escalation.enums import AttemptOutcome, PageStatus
from escalation.models import Page, PageAnswer, PageAttempt
from tests.crowd import at_once
from tests.escalation.story import MINUTE, by, rung, start
from tests.factories import NOW
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import make_policy

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + 5 * MINUTE


def test_two_sweeps_at_once_ring_each_person_once() -> None:
    first, second = ReachableUserFactory(), ReachableUserFactory()
    policy = make_policy(first, second)
    pages = [start(policy=policy, subject_key=f"incident:INC-{number}") for number in range(12)]

    advanced = at_once(*[lambda: advance_due_pages(now=LATER)] * 4)

    assert sum(advanced) == len(pages)
    ringing = PageAttempt.objects.filter(outcome=AttemptOutcome.RUNG, user=second)
    assert Counter(ringing.values_list("page", flat=True)) == dict.fromkeys([page.pk for page in pages], 1)
    assert Message.objects.filter(user=second).count() == len(pages)


@pytest.mark.parametrize("_", range(3))
def test_an_answer_while_the_step_fires_ends_the_page_either_way(_: int) -> None:
    ana, jens, eva = (ReachableUserFactory() for _ in range(3))
    page = start(policy=make_policy(ana, jens, eva))

    at_once(
        lambda: advance_due_pages(now=LATER),
        lambda: acknowledge_page(page, by=by(ana), now=LATER),
    )

    page.refresh_from_db()
    assert (page.status, page.wake_at) == (PageStatus.ACKNOWLEDGED, None)
    assert advance_due_pages(now=LATER + 60 * MINUTE) == 0
    assert [user for _, user in rung(page)] in ([ana], [ana, jens])
    assert Message.objects.filter(status="waiting").count() == 0


def test_one_person_pressing_twice_at_once_answers_once() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = start(policy=make_policy(ana, jens))

    at_once(*[lambda: acknowledge_page(page, by=by(ana), now=LATER)] * 3)
    assert PageAnswer.objects.count() == 1

    at_once(*[lambda: decline_page(page, by=by(ana), now=LATER + MINUTE)] * 3)
    assert PageAnswer.objects.count() == 2
    assert [user for _, user in rung(page)] == [ana, jens]


def test_two_presses_of_ring_next_at_once_ring_one_step() -> None:
    people = [ReachableUserFactory() for _ in range(4)]
    page = start(policy=make_policy(*people))

    at_once(*[lambda: ring_next_now(page, by=by(people[3]), now=LATER, expected=(0, 0, 1))] * 4)

    assert [user for _, user in rung(page)] == people[:2]


def test_a_page_stopped_while_it_fires_is_stopped() -> None:
    people = [ReachableUserFactory() for _ in range(3)]
    policy = make_policy(*people)
    for number in range(6):
        start(policy=policy, subject_key=f"incident:INC-{number % 2}")

    at_once(
        lambda: advance_due_pages(now=LATER),
        lambda: stop_pages("incident:INC-0", by=by(people[0]), now=LATER, reason="resolved"),
        lambda: stop_pages("incident:INC-1", by=by(people[0]), now=LATER, reason="resolved"),
        lambda: stop_pages("incident:INC-1", by=by(people[1]), now=LATER, reason="resolved"),
    )

    assert set(Page.objects.values_list("status", "wake_at")) == {(PageStatus.STOPPED, None)}
    assert set(Message.objects.values_list("status", flat=True)) == {"not_sent"}
