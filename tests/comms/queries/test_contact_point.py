"""How one person is reached, as their page shows it."""

from datetime import timedelta

import pytest

from comms.enums import Transport, Urgency
from comms.queries.contact_point import person_reach
from tests.factories.accounts import UserFactory
from tests.factories.comms import (
    ContactCodeFactory,
    ContactPointFactory,
    ContactRuleFactory,
    ReachProofFactory,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def test_everything_is_fetched_in_three_queries_however_many_addresses(now, django_assert_num_queries):
    ana = UserFactory()
    for number in range(3):
        point = ContactPointFactory(user=ana, address=f"{number}@example.org")
        ContactRuleFactory(contact_point=point, after_seconds=number)
        ReachProofFactory(contact_point=point)

    with django_assert_num_queries(3):
        reach = person_reach(ana, now)

    assert [line.point.address for line in reach.points] == [f"{number}@example.org" for number in range(3)]


def test_a_chain_is_told_moment_by_moment_and_the_other_stays_standard(now):
    ana = UserFactory()
    mail = ContactPointFactory(user=ana)
    call = ContactPointFactory(user=ana, transport=Transport.VOICE, address="+491701234567")
    rules = [ContactRuleFactory(contact_point=point, after_seconds=after) for point, after in ((mail, 0), (call, 90))]

    urgent, normal = person_reach(ana, now).chains

    assert (urgent.key, urgent.rules, normal.key, normal.rules) == (Urgency.URGENT, rules, Urgency.NORMAL, [])
    assert [(moment.words, [one.point for one in moment.tries]) for moment in urgent.moments] == [
        ("At once", [mail]),
        ("After 90 s", [call]),
    ]
    assert [(moment.words, [one.point for one in moment.tries]) for moment in normal.moments] == [("At once", [mail])]


def test_the_newest_confirmation_is_the_proof_and_a_newer_test_page_waits(now):
    point = ContactPointFactory()
    for days in (9, 3):
        ReachProofFactory(contact_point=point, sent_at=now - days * DAY, confirmed_at=now - days * DAY)
    waiting = ReachProofFactory(contact_point=point, sent_at=now - timedelta(minutes=1))

    reach = person_reach(point.user, now)

    (line,) = reach.points
    assert (line.proven_at, line.waiting, reach.may_confirm) == (now - 3 * DAY, waiting, True)
    (later,) = person_reach(point.user, now + DAY).points
    assert later.waiting is None


def test_a_code_is_asked_for_while_it_counts(now):
    sent = ContactCodeFactory()
    user = sent.contact_point.user

    assert [line.code for line in person_reach(user, now).points] == [sent]
    assert [line.code for line in person_reach(user, now + timedelta(minutes=15)).points] == [None]


def test_somebody_with_two_verified_channels_and_a_young_proof_is_warned_of_nothing(now):
    ana = UserFactory()
    mail = ContactPointFactory(user=ana)
    ContactPointFactory(user=ana, transport=Transport.SMS, address="+491701234567")
    ReachProofFactory(contact_point=mail, sent_at=now - 30 * DAY, confirmed_at=now - 30 * DAY)

    assert person_reach(ana, now).warnings == []
    assert person_reach(ana, now + timedelta(seconds=1)).warnings == [
        "No test page was confirmed in the last 30 days. Page yourself now to know that it works."
    ]
