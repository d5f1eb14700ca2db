"""A page rings one step after the other until somebody answers."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actor import MUSTER
from comms.models import EngineTick, Message
from core.errors import InvalidInput, WrongState
from core.moments import show_clock
from escalation import signals
from escalation.actions.page import (
    acknowledge_page,
    advance_due_pages,
    decline_page,
    ring_next_now,
    stop_pages,
)
from escalation.enums import PageStatus, TargetKind
from escalation.models import Page, PageAnswer, PageAttempt, Policy, StepTarget
from escalation.plan import PolicySnapshot
from tests.escalation.story import MINUTE, by, outcomes, rung, start, told
from tests.factories import NOW
from tests.factories.accounts import AudienceFactory, TeamFactory, UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import PolicyFactory, PolicyStepFactory, StepTargetFactory, make_policy, make_schedule

pytestmark = pytest.mark.django_db


# --- starting --------------------------------------------------------------------------------------------------------
def test_the_first_step_is_rung_in_the_transaction_that_starts_the_page(heard: list[Any]) -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    policy = make_policy(ana, jens)

    page = start(policy=policy)

    assert (page.status, page.run, page.step, page.wake_at) == (PageStatus.RINGING, 0, 1, NOW + 5 * MINUTE)
    assert rung(page) == [(0, ana)]
    message = Message.objects.get(user=ana)
    assert message.dedup_key.partition("#")[0] == f"page:{page.ref}:0:0:{ana.pk}"
    assert (message.kind, message.urgency, message.subject_key) == ("page", "urgent", "incident:INC-1")
    assert message.subject == "[SEV2] Pipeline blocks spiking · pipeline"
    assert message.link.startswith(f"http://127.0.0.1:8000/a/{page.ref}-{ana.pk}.")
    assert message.facts == {
        "page": page.ref,
        "subject_key": "incident:INC-1",
        "link": "http://127.0.0.1:8000/incidents/INC-1/",
        "group": "platform primary",
        "level": "SEV2",
        "code": page.code,
        "call": "call/",
    }
    assert message.body.splitlines() == [
        "You are rung for platform primary (named in the step).",
        f"Without an answer by {show_clock(NOW + 5 * MINUTE, ana.zone)} it goes on to the next step.",
        "The room: http://127.0.0.1:8000/incidents/INC-1/",
    ]
    assert told(jens) == []
    assert [name for name, _ in heard] == ["page_rang"]
    assert [attempt.user for attempt in heard[0][1]["attempts"]] == [ana]


def test_a_page_rings_a_policy_or_people_and_never_both_or_neither() -> None:
    ana = UserFactory()

    with pytest.raises(InvalidInput, match="either an escalation policy or people"):
        start()
    with pytest.raises(InvalidInput, match="either an escalation policy or people"):
        start(policy=make_policy(ana), people=[ana])
    assert Page.objects.count() == 0


def test_people_paged_by_hand_are_rung_once_each_and_nobody_after_them() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()

    page = start(people=[ana, jens, ana])

    assert rung(page) == [(0, ana), (0, jens)]
    advance_due_pages(now=NOW + 5 * MINUTE)
    page.refresh_from_db()
    assert page.status == PageStatus.EXHAUSTED


def test_a_failure_while_ringing_leaves_no_page_and_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    ana = ReachableUserFactory()
    policy = make_policy(ana)

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the second write broke")

    monkeypatch.setattr("escalation.actions.ringing.queue_new_messages", broken)
    with pytest.raises(RuntimeError):
        start(policy=policy)

    assert (Page.objects.count(), PageAttempt.objects.count(), Message.objects.count()) == (0, 0, 0)


def test_each_kind_of_target_says_where_the_person_comes_from() -> None:
    ana, ben, eva, tom = (ReachableUserFactory() for _ in range(4))
    team = TeamFactory(name="Platform", members=[eva])
    schedule = make_schedule(ben, ana, name="Primary")  # ana is on call at NOW, ben comes next
    policy = PolicyFactory()
    step = PolicyStepFactory(policy=policy)
    StepTargetFactory(step=step, on_call=schedule)
    StepTargetFactory(step=step, on_call=schedule, turn=1)
    StepTarget.objects.create(step=step, kind=TargetKind.TEAM, team=team)
    StepTarget.objects.create(step=step, kind=TargetKind.ROLE, role="scribe")
    StepTarget.objects.create(step=step, kind=TargetKind.ROLE, role="comms")
    StepTarget.objects.create(step=step, kind=TargetKind.WEBHOOK, url="https://example.org/hook")

    page = start(policy=policy, roles={"scribe": [tom.pk]})

    assert outcomes(page) == [
        ("rung", "on call in Primary"),
        ("rung", "next on call in Primary"),
        ("rung", "in the team Platform"),
        ("rung", "holds the role scribe"),
        ("nobody", "holds the role comms"),
        ("rung", "webhook https://example.org/hook"),
    ]
    assert [user for _, user in rung(page)] == [ana, ben, eva, tom, None]
    hook = Message.objects.get(transport="webhook")
    assert (hook.address, hook.dedup_key) == ("https://example.org/hook", f"page:{page.ref}:0:0:webhook:5")


def test_a_person_reached_twice_by_one_step_is_told_once() -> None:
    ana = ReachableUserFactory()
    step = PolicyStepFactory()
    StepTargetFactory(step=step, user=ana)
    StepTargetFactory(step=step, on_call=make_schedule(ana, name="Primary"))

    page = start(policy=step.policy)

    assert outcomes(page) == [("rung", "named in the step"), ("already_rung", "on call in Primary")]
    assert len(told(ana)) == 1


def test_whom_nothing_reaches_counts_as_nobody_the_next_is_rung_at_once_and_the_row_says_why() -> None:
    ana, jens = UserFactory(handle="ana"), ReachableUserFactory()

    page = start(policy=make_policy(ana, jens))

    assert [(row.outcome, row.source, row.user, row.at) for row in page.attempts.order_by("pk")] == [
        ("unreachable", "named in the step: no contact point that is switched on", ana, NOW),
        ("rung", "named in the step", jens, NOW),
    ]
    assert (told(ana), rung(page)) == ([], [(0, jens)])


def test_somebody_whose_account_is_switched_off_counts_as_nobody() -> None:
    gone, jens = ReachableUserFactory(is_active=False), ReachableUserFactory()

    page = start(policy=make_policy(gone, jens))

    assert outcomes(page) == [
        ("unreachable", "named in the step: the account is switched off"),
        ("rung", "named in the step"),
    ]
    assert (rung(page), told(gone)) == ([(0, jens)], [])


def test_a_last_resort_whom_nothing_reaches_is_written_down_as_such() -> None:
    boss = UserFactory()

    page = start(policy=make_policy(last_resort=boss))

    assert outcomes(page) == [("unreachable", "last resort: no contact point that is switched on")]
    assert page.status == PageStatus.EXHAUSTED


def test_whom_a_private_page_rings_is_let_in_and_that_is_written_down() -> None:
    insider, ana = ReachableUserFactory(), ReachableUserFactory()
    audience = AudienceFactory(members=[insider])

    page = start(policy=make_policy(ana, ReachableUserFactory()), audience=audience)

    entry = audience.entries.get(user=ana)
    assert (entry.reason, entry.added_at, entry.added_by) == (f"Page {page.ref} rang them", NOW, None)
    assert audience.entries.count() == 2
    assert Message.objects.get(user=ana).audience == audience


# --- waiting and going on --------------------------------------------------------------------------------------------
def test_the_sweep_rings_the_next_step_when_its_moment_has_come_and_not_before() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = start(policy=make_policy(ana, jens))

    assert advance_due_pages(now=NOW + 5 * MINUTE - timedelta(seconds=1)) == 0
    assert advance_due_pages(now=NOW + 5 * MINUTE) == 1
    assert advance_due_pages(now=NOW + 5 * MINUTE) == 0

    assert rung(page) == [(0, ana), (5, jens)]
    assert EngineTick.objects.filter(sweep="escalation.advance_due_pages").exists()


def test_a_step_waits_as_it_says_else_as_the_level_says_else_five_minutes() -> None:
    policy = make_policy(ReachableUserFactory())

    assert start(policy=make_policy(ReachableUserFactory(), wait_seconds=90)).wake_at == NOW + timedelta(seconds=90)
    assert start(policy=policy, acknowledge_within=2 * MINUTE).wake_at == NOW + 2 * MINUTE
    assert start(policy=policy, acknowledge_within=None).wake_at == NOW + 5 * MINUTE


def test_a_running_page_keeps_the_policy_that_it_began_with() -> None:
    ana, jens, eva = (ReachableUserFactory() for _ in range(3))
    policy = make_policy(ana, jens)
    page = start(policy=policy)

    StepTarget.objects.filter(step__policy=policy, step__position=1).update(user=eva)
    Policy.objects.filter(pk=policy.pk).update(repeats=7)
    advance_due_pages(now=NOW + 5 * MINUTE)

    assert rung(page) == [(0, ana), (5, jens)]
    page.refresh_from_db()
    snapshot = PolicySnapshot.from_json(page.snapshot)
    assert (snapshot.repeats, PolicySnapshot.from_json(snapshot.to_json())) == (0, snapshot)


def test_an_empty_step_is_gone_over_at_once_and_leaves_its_reason(heard: list[Any]) -> None:
    jens = ReachableUserFactory()
    policy = PolicyFactory()
    StepTargetFactory(step=PolicyStepFactory(policy=policy, position=0), on_call=make_schedule(name="Night"))
    StepTargetFactory(step=PolicyStepFactory(policy=policy, position=1), user=jens)

    page = start(policy=policy)

    assert outcomes(page) == [("nobody", "on call in Night"), ("rung", "named in the step")]
    assert rung(page) == [(0, jens)]
    assert [len(named["attempts"]) for _, named in heard] == [1, 1]


def test_nobody_anywhere_rings_the_last_resort_once_and_begins_again_a_minute_later(heard: list[Any]) -> None:
    boss = ReachableUserFactory()
    policy = PolicyFactory(last_resort=boss, repeats=2)
    StepTargetFactory(step=PolicyStepFactory(policy=policy), on_call=make_schedule(name="Night"))

    page = start(policy=policy)
    assert (rung(page), page.wake_at, page.run) == ([(0, boss)], NOW + MINUTE, 1)

    advance_due_pages(now=NOW + MINUTE)
    page.refresh_from_db()
    assert (rung(page), page.wake_at, page.run) == ([(0, boss)], NOW + 2 * MINUTE, 2)

    advance_due_pages(now=NOW + 2 * MINUTE)
    page.refresh_from_db()
    assert rung(page) == [(0, boss), (2, boss)]
    assert (page.status, page.wake_at) == (PageStatus.EXHAUSTED, None)
    assert [name for name, _ in heard].count("page_exhausted") == 1


def test_an_exhausted_page_rings_the_last_resort_and_says_so(heard: list[Any]) -> None:
    ana, boss = ReachableUserFactory(), ReachableUserFactory()
    page = start(policy=make_policy(ana, repeats=1, last_resort=boss))

    for minute in (5, 10, 15, 20):
        advance_due_pages(now=NOW + minute * MINUTE)

    page.refresh_from_db()
    assert rung(page) == [(0, ana), (5, ana), (10, boss)]
    assert (page.status, page.wake_at) == (PageStatus.EXHAUSTED, None)
    assert [name for name, _ in heard] == ["page_rang", "page_rang", "page_rang", "page_exhausted"]


def test_a_policy_without_steps_is_never_silently_nothing(heard: list[Any]) -> None:
    page = start(policy=PolicyFactory())

    assert page.status == PageStatus.EXHAUSTED
    assert outcomes(page) == [("nobody", "last resort: the policy names none")]
    assert [name for name, _ in heard] == ["page_rang", "page_exhausted"]


def test_steps_without_a_wait_are_rung_together_and_a_policy_of_them_does_not_spin() -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = start(policy=make_policy(ana, jens, wait_seconds=0, repeats=3))

    assert rung(page) == [(0, ana), (0, jens)]
    page.refresh_from_db()
    assert (page.run, page.wake_at) == (1, NOW + MINUTE)


def test_an_engine_that_was_stopped_goes_on_where_it_was_without_a_storm() -> None:
    people = [ReachableUserFactory() for _ in range(4)]
    page = start(policy=make_policy(*people))

    assert advance_due_pages(now=NOW + 60 * MINUTE) == 1
    assert advance_due_pages(now=NOW + 60 * MINUTE) == 0

    assert rung(page) == [(0, people[0]), (60, people[1])]


def test_one_page_that_fails_stops_no_other_and_is_looked_at_again(caplog: pytest.LogCaptureFixture) -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    first = ReachableUserFactory()
    broken, sound = start(policy=make_policy(first, jens)), start(policy=make_policy(first, ana))
    Page.objects.filter(pk=broken.pk).update(snapshot={"steps": [{"nonsense": True}]})

    assert advance_due_pages(now=NOW + 5 * MINUTE) == 1

    assert [user for _, user in rung(sound)][1:] == [ana]
    broken.refresh_from_db()
    assert broken.wake_at == NOW + 5 * MINUTE + timedelta(seconds=10)
    assert "could not be advanced" in caplog.text


def test_the_sweep_takes_a_batch_the_longest_due_first() -> None:
    two = ReachableUserFactory.create_batch(2)
    pages = [start(policy=make_policy(*two, wait_seconds=60 * wait)) for wait in (3, 1, 2)]

    assert advance_due_pages(now=NOW + 5 * MINUTE, batch=2) == 2

    assert [len(rung(page)) for page in pages] == [1, 2, 2]


# --- by hand ---------------------------------------------------------------------------------------------------------
def test_ring_next_rings_now_and_two_presses_of_one_button_ring_one_step() -> None:
    ana, jens, eva = (ReachableUserFactory() for _ in range(3))
    page = start(policy=make_policy(ana, jens, eva))

    page = ring_next_now(page, by=by(eva), now=NOW + MINUTE, expected=(0, 0, 1))
    page = ring_next_now(page, by=by(eva), now=NOW + MINUTE, expected=(0, 0, 1))
    assert rung(page) == [(0, ana), (1, jens)]

    page = ring_next_now(page, by=by(eva), now=NOW + 2 * MINUTE)
    assert (rung(page)[2:], page.wake_at) == ([(2, eva)], NOW + 7 * MINUTE)


def test_ring_next_on_an_answered_page_asks_for_one_more_person() -> None:
    ana, jens, eva = (ReachableUserFactory() for _ in range(3))
    page = start(policy=make_policy(ana, jens, eva))
    acknowledge_page(page, by=by(ana), now=NOW + MINUTE)

    page = ring_next_now(page, by=by(ana), now=NOW + 10 * MINUTE)
    assert (page.status, page.acknowledged_by) == (PageStatus.RINGING, None)
    advance_due_pages(now=NOW + 15 * MINUTE)
    assert rung(page) == [(0, ana), (10, jens), (15, eva)]

    assert acknowledge_page(page, by=by(eva), now=NOW + 16 * MINUTE).status == PageStatus.ACKNOWLEDGED


def test_ring_next_after_the_last_pass_begins_at_the_top() -> None:
    ana = ReachableUserFactory()
    page = start(policy=make_policy(ana))
    advance_due_pages(now=NOW + 5 * MINUTE)

    page = ring_next_now(page, by=by(ana), now=NOW + 6 * MINUTE)

    assert (page.status, rung(page)) == (PageStatus.RINGING, [(0, ana), (6, ana)])
    assert len(told(ana)) == 2


def test_stopping_stops_every_page_of_the_subject_and_no_other(heard: list[Any]) -> None:
    ana, jens, eva = (ReachableUserFactory() for _ in range(3))
    answered, ringing = start(people=[ana]), start(people=[jens])
    other = start(people=[eva], subject_key="incident:INC-10")
    acknowledge_page(answered, by=by(ana), now=NOW + MINUTE)

    assert stop_pages("incident:INC-1", by=by(ana), now=NOW + 2 * MINUTE, reason="resolved") == 1

    for page in (answered, ringing, other):
        page.refresh_from_db()
    assert [page.status for page in (answered, ringing, other)] == ["acknowledged", "stopped", "ringing"]
    assert (ringing.wake_at, ringing.stopped_at, ringing.stop_reason) == (None, NOW + 2 * MINUTE, "resolved")
    assert told(jens) == [("not_sent", "The page was stopped: resolved")]
    assert told(eva) == [("waiting", "")]
    assert [(name, named["page"]) for name, named in heard if name == "page_stopped"] == [("page_stopped", ringing)]
    assert advance_due_pages(now=NOW + 3 * MINUTE) == 0


@pytest.mark.parametrize("act", [decline_page, ring_next_now])
def test_an_answered_page_never_rings_again_once_its_subject_is_over(act: Any) -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = start(policy=make_policy(ana, jens))
    acknowledge_page(page, by=by(ana), now=NOW + MINUTE)
    stop_pages("incident:INC-1", by=MUSTER, now=NOW + 2 * MINUTE, reason="resolved")

    with pytest.raises(WrongState, match="resolved"):
        act(page, by=by(ana), now=NOW + 3 * MINUTE)

    page.refresh_from_db()
    assert (page.status, page.stopped_at) == (PageStatus.ACKNOWLEDGED, NOW + 2 * MINUTE)
    assert (rung(page), told(jens)) == ([(0, ana)], [])


def test_only_pages_of_the_named_policies_give_way() -> None:
    ana, jens, eva = (ReachableUserFactory() for _ in range(3))
    primary, legal = make_policy(ana), make_policy(jens)
    gives_way, rings_on, by_hand = start(policy=primary), start(policy=legal), start(people=[eva])

    assert stop_pages("incident:INC-1", by=MUSTER, now=NOW + MINUTE, reason="raised", policies=[primary]) == 1

    for page in (gives_way, rings_on, by_hand):
        page.refresh_from_db()
    assert [page.status for page in (gives_way, rings_on, by_hand)] == ["stopped", "ringing", "ringing"]
    assert [told(user)[0][0] for user in (ana, jens, eva)] == ["not_sent", "waiting", "waiting"]


@pytest.mark.parametrize("act", [acknowledge_page, decline_page, ring_next_now])
def test_a_stopped_page_is_over(act: Any) -> None:
    ana = ReachableUserFactory()
    page = start(people=[ana])
    stop_pages("incident:INC-1", by=MUSTER, now=NOW + MINUTE, reason="resolved")

    with pytest.raises(WrongState, match="was stopped"):
        act(page, by=by(ana), now=NOW + 2 * MINUTE)
    assert PageAnswer.objects.count() == 0


def test_a_receiver_that_fails_never_undoes_a_page(caplog: pytest.LogCaptureFixture) -> None:
    ana = ReachableUserFactory()

    def broken(**_: Any) -> None:
        UserFactory(handle="half-done")
        UserFactory(handle="half-done")

    signals.page_rang.connect(broken, sender=Page)
    try:
        page = start(people=[ana])
    finally:
        signals.page_rang.disconnect(broken, sender=Page)

    assert rung(page) == [(0, ana)]
    assert type(ana).objects.filter(handle="half-done").count() == 0
    assert "failed and was rolled back" in caplog.text


@pytest.mark.parametrize(
    ("act", "broken"),
    [
        (acknowledge_page, "escalation.actions.ringing.withdraw_messages"),
        (decline_page, "escalation.actions.ringing.queue_new_messages"),
        (ring_next_now, "escalation.actions.ringing.queue_new_messages"),
    ],
)
def test_a_half_done_act_leaves_nothing(act: Any, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, jens = ReachableUserFactory(), ReachableUserFactory()
    page = start(policy=make_policy(ana, jens))

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("the second write broke")

    monkeypatch.setattr(broken, fails)
    with pytest.raises(RuntimeError):
        act(page, by=by(ana), now=NOW + MINUTE)

    page.refresh_from_db()
    assert (page.status, page.step, page.answers.count(), rung(page)) == (PageStatus.RINGING, 1, 0, [(0, ana)])
    assert told(ana) == [("waiting", "")]


def test_a_stop_that_breaks_in_the_middle_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    page = start(people=[ReachableUserFactory()])

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("the second write broke")

    monkeypatch.setattr("escalation.actions.ringing.withdraw_messages", fails)
    with pytest.raises(RuntimeError):
        stop_pages(page.subject_key, by=MUSTER, now=NOW + MINUTE, reason="resolved")

    page.refresh_from_db()
    assert page.status == PageStatus.RINGING


def test_a_ref_has_no_characters_that_are_mistaken_for_another() -> None:
    refs = [start(policy=PolicyFactory()).ref for _ in range(20)]

    assert len(set(refs)) == 20
    assert {len(ref) for ref in refs} == {8}
    assert set("".join(refs)) & set("il01o") == set()
