"""What an answer does to a page: on it, later, cannot, taken back."""

from typing import Any

import pytest

from accounts.actor import MUSTER, Actor
from accounts.enums import TokenScope, Via
from core.errors import InvalidInput, NotAllowed
from escalation.actions.page import (
    acknowledge_page,
    advance_due_pages,
    decline_page,
    ring_next_now,
)
from escalation.enums import PageStatus
from escalation.models import PageAnswer
from tests.escalation.story import MINUTE, by, outcomes, rung, start, told
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ContactRuleFactory, ReachableUserFactory
from tests.factories.escalation import make_policy

pytestmark = pytest.mark.django_db


def test_an_acknowledgement_stops_the_ringing_and_takes_back_what_waits(heard: list[Any]) -> None:
    ana, jens = ReachableUserFactory(handle="ana"), ReachableUserFactory()
    page = start(policy=make_policy(ana, jens))

    page = acknowledge_page(page, by=by(ana), now=NOW + MINUTE)

    assert (page.status, page.wake_at) == (PageStatus.ACKNOWLEDGED, None)
    assert (page.acknowledged_by, page.acknowledged_at) == (ana, NOW + MINUTE)
    assert told(ana) == [("not_sent", "@ana has answered.")]
    assert advance_due_pages(now=NOW + 60 * MINUTE) == 0
    assert told(jens) == []
    assert [name for name, _ in heard] == ["page_rang", "page_acknowledged"]
    assert heard[1][1]["answer"] == PageAnswer.objects.get()


def test_two_acknowledgements_are_both_kept_and_ring_nobody_again(heard: list[Any]) -> None:
    first, second = ReachableUserFactory(), ReachableUserFactory()
    page = start(people=[first, second])

    acknowledge_page(page, by=by(first), now=NOW + MINUTE)
    acknowledge_page(page, by=by(second), now=NOW + 2 * MINUTE)
    acknowledge_page(page, by=by(second), now=NOW + 3 * MINUTE)

    page.refresh_from_db()
    assert (page.status, page.acknowledged_by) == (PageStatus.ACKNOWLEDGED, first)
    answers = [(answer.user, answer.at) for answer in page.answers.order_by("at")]
    assert answers == [(first, NOW + MINUTE), (second, NOW + 2 * MINUTE)]
    assert [name for name, _ in heard].count("page_acknowledged") == 2


def test_an_acknowledgement_stops_the_page_of_its_own_group_only() -> None:
    founder, jens = ReachableUserFactory(), ReachableUserFactory()
    leadership = start(policy=make_policy(founder), group="leadership")
    platform = start(policy=make_policy(jens, founder), group="platform primary")

    acknowledge_page(leadership, by=by(founder), now=NOW + MINUTE)

    platform.refresh_from_db()
    assert platform.status == PageStatus.RINGING
    assert told(jens) == [("waiting", "")]
    advance_due_pages(now=NOW + 5 * MINUTE)
    assert rung(platform) == [(0, jens), (5, founder)]  # another page rings, whoever answered the first
    assert [status for status, _ in told(founder)] == ["not_sent", "waiting"]


def test_later_channels_of_everybody_on_the_page_are_taken_back() -> None:
    bob, jane = ReachableUserFactory(handle="bob"), ReachableUserFactory()
    for after in (0, 1800):
        ContactRuleFactory(contact_point__user=jane, after_seconds=after)
    page = start(people=[bob, jane])

    acknowledge_page(page, by=by(bob), now=NOW + MINUTE)

    assert told(jane) == [("not_sent", "@bob has answered.")] * 2


def test_a_page_that_needs_two_answers_rings_on_until_it_has_them() -> None:
    ana, jens, eva = (ReachableUserFactory() for _ in range(3))
    page = start(people=[ana, jens, eva], answers_needed=2)

    assert acknowledge_page(page, by=by(ana), now=NOW + MINUTE).status == PageStatus.RINGING
    assert [status for status, _ in told(ana)] == ["not_sent"]
    assert [status for status, _ in told(jens)] == ["waiting"]
    assert acknowledge_page(page, by=by(ana), now=NOW + 2 * MINUTE).status == PageStatus.RINGING
    assert acknowledge_page(page, by=by(jens), now=NOW + 3 * MINUTE).status == PageStatus.ACKNOWLEDGED


def test_an_arrival_that_the_chain_allows_stops_the_ringing() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = start(policy=make_policy(ana, jens))

    page = acknowledge_page(page, by=by(ana), now=NOW + MINUTE, arrives_at=NOW + 5 * MINUTE)

    assert (page.status, page.answers.get().arrives_at) == (PageStatus.ACKNOWLEDGED, NOW + 5 * MINUTE)
    assert rung(page) == [(0, ana)]


def test_in_thirty_minutes_where_the_chain_gives_five_thanks_and_tells_the_next_person_as_well() -> None:
    ana, jens, eva = (ReachableUserFactory() for _ in range(3))
    page = start(policy=make_policy(ana, jens, eva))

    page = acknowledge_page(page, by=by(ana), now=NOW + MINUTE, arrives_at=NOW + 31 * MINUTE)

    assert (page.status, page.wake_at) == (PageStatus.RINGING, NOW + 6 * MINUTE)
    assert rung(page) == [(0, ana), (1, jens)]
    assert [status for status, _ in told(ana)] == ["not_sent"]
    assert [status for status, _ in told(jens)] == ["waiting"]
    assert acknowledge_page(page, by=by(jens), now=NOW + 2 * MINUTE).status == PageStatus.ACKNOWLEDGED
    assert told(eva) == []


def test_somebody_on_the_way_is_not_nobody_when_the_policy_has_come_to_its_end() -> None:
    ana, boss = ReachableUserFactory(), ReachableUserFactory()
    page = start(policy=make_policy(ana, last_resort=boss, repeats=3))

    page = acknowledge_page(page, by=by(ana), now=NOW + MINUTE, arrives_at=NOW + 31 * MINUTE)

    assert (page.status, page.acknowledged_by) == (PageStatus.ACKNOWLEDGED, ana)
    assert rung(page) == [(0, ana)]


def test_who_should_be_there_by_now_ends_the_ringing() -> None:
    ana, *others = (ReachableUserFactory() for _ in range(4))
    page = start(policy=make_policy(ana, *others))
    acknowledge_page(page, by=by(ana), now=NOW + MINUTE, arrives_at=NOW + 7 * MINUTE)

    advance_due_pages(now=NOW + 6 * MINUTE)  # not there yet: the chain goes on
    advance_due_pages(now=NOW + 11 * MINUTE)

    page.refresh_from_db()
    assert rung(page) == [(0, ana), (1, others[0]), (6, others[1])]
    assert (page.status, page.acknowledged_by) == (PageStatus.ACKNOWLEDGED, ana)


def test_coming_sooner_than_said_counts_and_coming_later_changes_nothing() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = start(policy=make_policy(ana, jens))
    acknowledge_page(page, by=by(ana), now=NOW + MINUTE, arrives_at=NOW + 31 * MINUTE)

    acknowledge_page(page, by=by(ana), now=NOW + 2 * MINUTE, arrives_at=NOW + 60 * MINUTE)
    assert PageAnswer.objects.get().arrives_at == NOW + 31 * MINUTE

    page = acknowledge_page(page, by=by(ana), now=NOW + 3 * MINUTE)
    assert (page.status, PageAnswer.objects.get().arrives_at) == (PageStatus.ACKNOWLEDGED, None)
    assert rung(page) == [(0, ana), (1, jens)]


def test_an_arrival_in_the_past_is_refused_and_leaves_nothing() -> None:
    ana = ReachableUserFactory()
    page = start(people=[ana])

    with pytest.raises(InvalidInput, match="lies in the future"):
        acknowledge_page(page, by=by(ana), now=NOW + MINUTE, arrives_at=NOW)
    assert PageAnswer.objects.count() == 0


def test_cannot_tells_the_next_person_now(heard: list[Any]) -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = start(policy=make_policy(ana, jens))

    page = decline_page(page, by=by(ana), now=NOW + MINUTE)
    decline_page(page, by=by(ana), now=NOW + MINUTE)

    assert (page.status, page.wake_at) == (PageStatus.RINGING, NOW + 6 * MINUTE)
    assert rung(page) == [(0, ana), (1, jens)]
    assert [status for status, _ in told(ana)] == ["not_sent"]
    assert [name for name, _ in heard] == ["page_rang", "page_declined", "page_rang"]


def test_cannot_from_an_earlier_step_does_not_hurry_the_one_who_was_told_since() -> None:
    ana, jens, eva = (ReachableUserFactory() for _ in range(3))
    page = start(policy=make_policy(ana, jens, eva))
    advance_due_pages(now=NOW + 5 * MINUTE)

    decline_page(page, by=by(ana), now=NOW + 6 * MINUTE)

    assert rung(page) == [(0, ana), (5, jens)]


def test_who_cannot_come_is_not_rung_again_in_the_next_pass() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = start(policy=make_policy(ana, jens, repeats=1))
    decline_page(page, by=by(ana), now=NOW + MINUTE)

    advance_due_pages(now=NOW + 6 * MINUTE)

    assert rung(page) == [(0, ana), (1, jens), (6, jens)]
    assert outcomes(page)[2] == ("already_answered", "named in the step")


def test_taking_back_the_only_acknowledgement_lets_the_page_ring_again() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = start(policy=make_policy(ana, jens))
    acknowledge_page(page, by=by(ana), now=NOW + MINUTE)

    page = decline_page(page, by=by(ana), now=NOW + 20 * MINUTE)

    assert (page.status, page.acknowledged_by) == (PageStatus.RINGING, None)
    assert rung(page) == [(0, ana), (20, jens)]
    page = acknowledge_page(page, by=by(ana), now=NOW + 21 * MINUTE)
    assert (page.status, page.acknowledged_by) == (PageStatus.ACKNOWLEDGED, ana)


def test_an_exhausted_page_can_still_be_answered() -> None:
    ana = ReachableUserFactory()
    page = start(people=[ana])
    advance_due_pages(now=NOW + 5 * MINUTE)

    page = acknowledge_page(page, by=by(ana), now=NOW + 40 * MINUTE, arrives_at=NOW + 55 * MINUTE)

    assert page.status == PageStatus.ACKNOWLEDGED


def test_who_answered_after_everybody_was_rung_and_then_cannot_rings_the_others_anew() -> None:
    ana, jens, founder = (ReachableUserFactory() for _ in range(3))
    page = start(policy=make_policy(ana, jens, last_resort=founder))
    for minutes in (5, 10):
        advance_due_pages(now=NOW + minutes * MINUTE)
    acknowledge_page(page, by=by(ana), now=NOW + 11 * MINUTE)

    page = decline_page(page, by=by(ana), now=NOW + 12 * MINUTE)
    advance_due_pages(now=NOW + 17 * MINUTE)

    page.refresh_from_db()
    assert (page.status, page.round, page.run) == (PageStatus.EXHAUSTED, 1, 0)
    assert rung(page) == [(0, ana), (5, jens), (10, founder), (12, jens), (17, founder)]
    assert [len(told(user)) for user in (ana, jens, founder)] == [1, 2, 2]


def test_a_viewer_answers_their_own_page_and_nobody_elses() -> None:
    viewer, ana = ReachableUserFactory(viewer=True), ReachableUserFactory()
    mine, other = start(people=[viewer]), start(people=[ana])

    with pytest.raises(NotAllowed, match="has not rung you"):
        acknowledge_page(other, by=by(viewer), now=NOW + MINUTE)
    with pytest.raises(NotAllowed, match="may only read"):
        acknowledge_page(mine, by=Actor(viewer, Via.API, TokenScope.READ), now=NOW + MINUTE)
    with pytest.raises(NotAllowed, match="by a person"):
        acknowledge_page(mine, by=MUSTER, now=NOW + MINUTE)
    with pytest.raises(NotAllowed, match="nothing to turn down"):
        decline_page(other, by=by(viewer), now=NOW + MINUTE)
    with pytest.raises(NotAllowed, match="Only a responder"):
        ring_next_now(mine, by=by(viewer), now=NOW + MINUTE)
    assert PageAnswer.objects.count() == 0

    assert acknowledge_page(mine, by=by(viewer), now=NOW + MINUTE).status == PageStatus.ACKNOWLEDGED


def test_a_responder_who_was_not_rung_may_take_a_page() -> None:
    ana, jens = ReachableUserFactory(), UserFactory()
    page = start(people=[ana])

    assert acknowledge_page(page, by=by(jens), now=NOW + MINUTE).acknowledged_by == jens
