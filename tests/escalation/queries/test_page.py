"""Pages as the room shows them: who is rung, what left, who comes next; in a fixed number of queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comms.enums import Report
from comms.models import Message
from escalation.actions.page import acknowledge_page, decline_page, stop_pages
from escalation.enums import PageStatus
from escalation.queries.page import my_pages, page_lines
from tests.escalation.story import MINUTE, by, start
from tests.factories import NOW
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.factories.comms import DeliveryFactory, ReachableUserFactory
from tests.factories.escalation import make_policy, make_schedule

pytestmark = pytest.mark.django_db
SUBJECT = "incident:INC-1"


def test_a_line_says_who_is_rung_by_what_and_who_comes_next_when() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = start(policy=make_policy(ana, jens))
    message = Message.objects.get(user=ana)
    Message.objects.filter(pk=message.pk).update(status="sent", sent_at=NOW + timedelta(seconds=4))
    DeliveryFactory(message=message)

    (line,) = page_lines(SUBJECT, NOW + MINUTE)

    assert (line.page, line.group) == (page, "platform primary")
    (attempt,) = line.unanswered
    assert attempt.attempt.user == ana
    assert [(way.channel, way.at, way.words, way.failed) for way in attempt.ways] == [
        ("Email", NOW + timedelta(seconds=4), "handed over", False)
    ]
    assert (line.next_people, line.next_at, line.next_key) == ([jens], NOW + 5 * MINUTE, "0-0-1")


@pytest.mark.parametrize(
    ("transport", "address", "shown"),
    [
        ("email", "ana@example.org", "ana@example.org"),
        ("sms", "+491701234567", "+491701234567"),
        ("webhook", "https://hook.example.org/secret", "hook.example.org"),
        ("push", "https://push.example.org/wpush/v2/secret", "push.example.org"),
        ("apprise", "tgram://token/chat", "tgram"),
    ],
)
def test_an_address_that_may_hold_a_key_shows_none_of_it(transport: str, address: str, shown: str) -> None:
    ana = ReachableUserFactory()
    start(people=[ana])
    Message.objects.filter(user=ana).update(transport=transport, address=address)

    ((attempt,),) = (line.unanswered for line in page_lines(SUBJECT, NOW + MINUTE))

    assert [way.address for way in attempt.ways] == [shown]


@pytest.mark.parametrize(
    ("report", "words", "failed"),
    [
        (Report.ON_ITS_WAY, "handed over", False),
        (Report.ARRIVED, "arrived", False),
        (Report.FAILED, "did not arrive: undelivered (30003)", True),
    ],
)
def test_a_line_says_what_the_provider_reports(report: str, words: str, failed: bool) -> None:
    ana = ReachableUserFactory()
    start(people=[ana])
    message = Message.objects.get(user=ana)
    Message.objects.filter(pk=message.pk).update(status="sent", sent_at=NOW)
    DeliveryFactory(message=message, report=report, report_detail="undelivered (30003)", reported_at=NOW + MINUTE)

    ((attempt,),) = (line.unanswered for line in page_lines(SUBJECT, NOW + MINUTE))

    (way,) = attempt.ways
    assert (way.words, way.failed, way.at) == (words, failed, NOW if words == "handed over" else NOW + MINUTE)


def test_who_comes_next_is_who_will_be_on_call_then() -> None:
    ana, ben, first = ReachableUserFactory.create_batch(3)
    schedule = make_schedule(ben, ana)  # ana hands over to ben on Monday 20 April, 09:00 in Berlin
    hand_off = NOW.replace(day=20, hour=7, minute=0)
    policy = make_policy(first, first)
    policy.steps.get(position=1).targets.update(kind="on_call", user=None, schedule=schedule)
    began = hand_off - 2 * MINUTE
    start(policy=policy, now=began)

    (line,) = page_lines(SUBJECT, began)

    assert (line.next_people, line.next_at) == ([ben], hand_off + 3 * MINUTE)


def test_answered_and_stopped_pages_ring_no_more_and_stay_in_the_record() -> None:
    ana, jens, eva = (ReachableUserFactory() for _ in range(3))
    answered, ringing = start(people=[ana], group="one"), start(people=[jens], group="two")
    start(people=[eva], subject_key="incident:INC-10")
    acknowledge_page(answered, by=by(ana), now=NOW + MINUTE)

    first, second = page_lines(SUBJECT, NOW + MINUTE)
    assert [(line.page, line.page.status) for line in (first, second)] == [
        (answered, PageStatus.ACKNOWLEDGED),
        (ringing, PageStatus.RINGING),
    ]
    assert [answer.user for answer in first.standing] == [ana]
    assert (first.unanswered, first.next_people, first.next_at) == ([], [], None)
    assert [line.attempt.user for line in second.unanswered] == [jens]

    stop_pages(SUBJECT, by=by(ana), now=NOW + 2 * MINUTE, reason="resolved")
    stopped = page_lines(SUBJECT, NOW + 2 * MINUTE)[1]
    assert (stopped.page.status, stopped.next_people) == (PageStatus.STOPPED, [])
    (way,) = stopped.attempts[0].ways
    assert (way.failed, way.words) == (False, "not sent: The page was stopped: resolved")


def test_the_lines_take_as_many_queries_for_three_pages_as_for_one() -> None:
    counts = []
    for number in range(2):
        for _ in range(1 + number):
            policy = make_policy(*(ReachableUserFactory() for _ in range(3)))
            policy.steps.get(position=2).targets.update(
                kind="on_call", user=None, schedule=make_schedule(UserFactory(), UserFactory())
            )
            page = start(policy=policy)
            decline_page(page, by=by(page.attempts.get().user), now=NOW + MINUTE)
        with CaptureQueriesContext(connection) as asked:
            lines = page_lines(SUBJECT, NOW + MINUTE)
        counts.append(len(asked))

    assert len(lines) == 3
    assert counts[0] == counts[1] <= 12


def test_my_pages_are_the_ringing_ones_first_then_the_newest_and_never_private_ones_of_others() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    old = start(people=[ana, jens])
    answered = start(people=[ana], now=NOW + MINUTE)
    acknowledge_page(answered, by=by(ana), now=NOW + 2 * MINUTE)
    private = start(people=[ana], audience=AudienceFactory(), now=NOW + 3 * MINUTE)
    start(people=[jens], now=NOW + 4 * MINUTE)

    assert [line.page for line in my_pages(ana, NOW + 5 * MINUTE)] == [private, old, answered]
    private.audience.entries.all().delete()
    assert [line.page for line in my_pages(ana, NOW + 5 * MINUTE)] == [old, answered]


def test_a_repeat_that_is_held_says_why_and_until_when() -> None:
    ana = ReachableUserFactory()
    start(people=[ana])
    held = {"held_reason": "Held: at most 5 in 15 min to one address.", "deliver_after": NOW + MINUTE}
    Message.objects.filter(user=ana).update(**held)

    ((attempt,),) = (line.unanswered for line in page_lines(SUBJECT, NOW))

    assert [(way.words, way.at, way.failed) for way in attempt.ways] == [
        ("held: at most 5 in 15 min to one address.", NOW + MINUTE, False)
    ]
