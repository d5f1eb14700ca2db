"""Acknowledged and then silent in every way: one question, then the page rings from the top."""

from typing import Any

import pytest

from accounts.actor import MUSTER
from comms.models import Message
from core.moments import show_clock
from escalation.actions.page import (
    acknowledge_page,
    advance_due_pages,
    decline_page,
    name_in_charge,
    note_sign_of_life,
    ring_next_now,
    stop_pages,
)
from escalation.enums import PageStatus
from escalation.models import Page, PageAnswer, SignOfLife
from escalation.queries.page import page_lines
from tests.escalation.story import MINUTE, by, rung, start
from tests.factories import NOW
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import make_policy

pytestmark = pytest.mark.django_db
HALF_AN_HOUR = 30 * MINUTE


def answered(*people: Any, **how: Any) -> Page:
    """A page of a level that asks after half an hour, which the first of `people` answered one minute after NOW."""
    page = start(policy=make_policy(*people), silent_after=HALF_AN_HOUR, **how)
    return acknowledge_page(page, by=by(people[0]), now=NOW + MINUTE)


def sweep(page: Page, minutes: float) -> Page:
    """The same page after a sweep so long after NOW."""
    advance_due_pages(now=NOW + minutes * MINUTE)
    page.refresh_from_db()
    return page


def asked() -> list[tuple[float, Any, str]]:
    """(minutes after NOW, person, urgency) of every question."""
    rows = Message.objects.filter(kind="nudge").order_by("pk")
    return [((row.created_at - NOW) / MINUTE, row.user, row.urgency) for row in rows]


def test_whoever_falls_silent_is_asked_by_a_normal_message_and_then_the_page_rings_from_the_top(
    heard: list[Any],
) -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = answered(ana, jens)

    assert (page.status, page.wake_at) == (PageStatus.ACKNOWLEDGED, NOW + 31 * MINUTE)
    assert (sweep(page, 30.9).nudged_at, asked()) == (None, [])
    page = sweep(page, 31)
    assert (page.status, page.nudged_at, page.wake_at) == (
        PageStatus.ACKNOWLEDGED,
        NOW + 31 * MINUTE,
        NOW + 46 * MINUTE,
    )
    assert asked() == [(31, ana, "normal")]
    page = sweep(sweep(page, 45.9), 46)

    assert (page.status, page.round, page.acknowledged_by, page.nudged_at) == (PageStatus.RINGING, 1, None, None)
    assert rung(page) == [(0, ana), (46, ana)]
    assert [(answer.user, answer.lapsed_at) for answer in page.answers.all()] == [(ana, NOW + 46 * MINUTE)]
    assert [name for name, _ in heard] == ["page_rang", "page_acknowledged", "page_nudged", "page_lapsed", "page_rang"]
    assert rung(sweep(page, 51)) == [(0, ana), (46, ana), (51, jens)]


def test_the_question_says_until_when_and_its_link_answers() -> None:
    ana = ReachableUserFactory()
    page = sweep(answered(ana), 31)

    question = Message.objects.get(kind="nudge")

    assert question.subject == page.subject
    assert f"You answered platform primary at {show_clock(NOW + MINUTE, ana.zone)}" in question.body
    assert f"by {show_clock(NOW + 46 * MINUTE, ana.zone)} it rings again from the top" in question.body
    assert f"/a/{page.ref}-{ana.pk}." in question.link


def test_whoever_answers_anew_is_rung_no_more_and_watched_again() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = sweep(sweep(answered(ana, jens), 31), 46)

    page = acknowledge_page(page, by=by(ana), now=NOW + 47 * MINUTE)

    assert (page.status, page.acknowledged_by, page.wake_at) == (PageStatus.ACKNOWLEDGED, ana, NOW + 77 * MINUTE)
    assert PageAnswer.objects.filter(lapsed_at__isnull=True).count() == 1
    assert rung(sweep(page, 60)) == [(0, ana), (46, ana)]


def test_any_act_about_the_subject_is_a_sign_of_life_and_one_after_the_question_too() -> None:
    ana, other = ReachableUserFactory(), ReachableUserFactory()
    page = answered(ana)

    note_sign_of_life(page.subject_key, by=by(other), now=NOW + 20 * MINUTE)
    assert (sweep(page, 31).wake_at, asked()) == (NOW + 50 * MINUTE, [])
    page = sweep(page, 50)
    assert asked() == [(50, ana, "normal")]
    note_sign_of_life(page.subject_key, by=by(ana), now=NOW + 60 * MINUTE)
    page = sweep(page, 65)

    assert (page.status, page.wake_at, rung(page)) == (PageStatus.ACKNOWLEDGED, NOW + 90 * MINUTE, [(0, ana)])
    assert [row[0] for row in asked()] == [50]
    sweep(page, 90)
    assert [row[0] for row in asked()] == [50, 90]


def test_who_has_it_from_whoever_answered_is_asked_in_their_place_until_it_goes_back() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = answered(ana)

    name_in_charge(page.subject_key, jens, now=NOW + 10 * MINUTE)
    note_sign_of_life(page.subject_key, by=by(jens), now=NOW + 10 * MINUTE)
    page = sweep(page, 40)
    assert asked() == [(40, jens, "normal")]
    assert f"It is yours ({page.group}), and nobody has done" in Message.objects.get(kind="nudge").body
    name_in_charge(page.subject_key, None, now=NOW + 41 * MINUTE)
    note_sign_of_life(page.subject_key, by=by(jens), now=NOW + 41 * MINUTE)
    sweep(sweep(page, 55), 71)

    assert [row[:2] for row in asked()] == [(40, jens), (71, ana)]


def test_who_was_switched_off_meanwhile_is_not_asked_in_their_place() -> None:
    ana, gone = ReachableUserFactory(), ReachableUserFactory(is_active=False)
    page = answered(ana)

    name_in_charge(page.subject_key, gone, now=NOW + MINUTE)
    sweep(page, 31)

    assert [row[:2] for row in asked()] == [(31, ana)]


def test_what_muster_does_and_what_happens_elsewhere_are_no_signs_of_life() -> None:
    ana = ReachableUserFactory()
    page = answered(ana)

    note_sign_of_life(page.subject_key, by=MUSTER, now=NOW + 20 * MINUTE)
    note_sign_of_life("incident:INC-2", by=by(ana), now=NOW + 20 * MINUTE)
    sweep(page, 31)

    assert asked() == [(31, ana, "normal")]
    assert SignOfLife.objects.count() == 1


def test_on_it_once_more_is_a_sign_of_life() -> None:
    ana = ReachableUserFactory()
    page = answered(ana)

    acknowledge_page(page, by=by(ana), now=NOW + 25 * MINUTE)

    assert (sweep(page, 31).wake_at, asked()) == (NOW + 55 * MINUTE, [])


def test_whoever_said_in_half_an_hour_is_not_silent_before() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = start(policy=make_policy(ana, jens, wait_seconds=3600), silent_after=HALF_AN_HOUR)

    page = acknowledge_page(page, by=by(ana), now=NOW + MINUTE, arrives_at=NOW + 31 * MINUTE)

    assert (page.status, page.wake_at) == (PageStatus.ACKNOWLEDGED, NOW + 61 * MINUTE)


def test_a_level_or_a_policy_without_a_span_asks_nobody_and_the_policy_goes_before_the_level() -> None:
    ana = ReachableUserFactory()

    silent = acknowledge_page(start(policy=make_policy(ana)), by=by(ana), now=NOW)
    own = start(policy=make_policy(ana, silent_after_seconds=600), silent_after=HALF_AN_HOUR)
    own = acknowledge_page(own, by=by(ana), now=NOW)

    assert (silent.wake_at, own.wake_at) == (None, NOW + 10 * MINUTE)


def test_what_is_over_never_rings_anew() -> None:
    ana = ReachableUserFactory()
    page = sweep(answered(ana), 31)

    stop_pages(page.subject_key, by=MUSTER, now=NOW + 40 * MINUTE, reason="resolved")
    page = sweep(page, 46)

    assert (page.status, page.wake_at, page.nudged_at) == (PageStatus.ACKNOWLEDGED, None, None)
    assert rung(page) == [(0, ana)]


def test_after_a_pause_of_the_engine_the_question_still_comes_first_with_its_whole_span() -> None:
    ana = ReachableUserFactory()
    page = sweep(answered(ana), 200)

    assert (page.status, page.wake_at) == (PageStatus.ACKNOWLEDGED, NOW + 215 * MINUTE)
    assert asked() == [(200, ana, "normal")]


def test_who_could_not_come_is_not_rung_when_the_others_fell_silent() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = start(policy=make_policy(ana, jens), silent_after=HALF_AN_HOUR)
    decline_page(page, by=by(ana), now=NOW + MINUTE)
    acknowledge_page(page, by=by(jens), now=NOW + 2 * MINUTE)

    page = sweep(sweep(page, 32), 47)

    assert rung(page) == [(0, ana), (1, jens), (47, jens)]


def test_one_more_answer_asked_for_by_hand_is_not_asked_for_again_after_the_silence() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = ring_next_now(answered(ana, jens), by=by(ana), now=NOW + 2 * MINUTE)
    page = acknowledge_page(page, by=by(jens), now=NOW + 3 * MINUTE)
    assert page.answers_needed == 2

    page = sweep(sweep(page, 33), 48)

    assert (page.status, page.answers_needed) == (PageStatus.RINGING, 1)


def test_a_page_says_when_it_asks_and_who_fell_silent() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = answered(ana, jens)

    (line,) = page_lines(page.subject_key, NOW + MINUTE)
    assert (line.is_watched, line.next_people, line.next_at) == (True, [], None)
    sweep(sweep(page, 31), 46)
    (line,) = page_lines(page.subject_key, NOW + 46 * MINUTE)

    assert (line.is_watched, line.standing, line.answer_of(ana)) == (False, [], None)
    assert [one.attempt.user for one in line.unanswered] == [ana]
    assert (line.next_people, line.next_key) == ([jens], "1-0-1")


def test_a_lapse_that_breaks_in_the_middle_leaves_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    ana = ReachableUserFactory()
    page = sweep(answered(ana), 31)

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("the second write broke")

    monkeypatch.setattr("escalation.actions.ringing.queue_new_messages", fails)
    page = sweep(page, 46)

    assert (page.status, page.round, page.acknowledged_by) == (PageStatus.ACKNOWLEDGED, 0, ana)
    assert PageAnswer.objects.get().lapsed_at is None


def test_whoever_answered_two_pages_of_one_subject_is_asked_once() -> None:
    ana = ReachableUserFactory()
    first = answered(ana)
    second = start(people=[ana], silent_after=HALF_AN_HOUR)
    acknowledge_page(second, by=by(ana), now=NOW + 2 * MINUTE)
    note_sign_of_life(first.subject_key, by=by(ana), now=NOW + 3 * MINUTE)
    for minutes in (31, 32):
        advance_due_pages(now=NOW + minutes * MINUTE)

    advance_due_pages(now=NOW + 33 * MINUTE)

    assert [row[:2] for row in asked()] == [(33, ana)]
    assert Page.objects.filter(nudged_at=NOW + 33 * MINUTE).count() == 2
