"""Each lint with what it finds, and without."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from escalation.enums import LintKind, TargetKind
from escalation.models import Policy
from escalation.plan import Behind, ConditionSnapshot, HoursSnapshot, PolicySnapshot, StepSnapshot, TargetSnapshot
from escalation.plan.lint import ScheduleFacts, lint
from escalation.queries.lint import findings_of
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ContactPointFactory, ReachableUserFactory
from tests.factories.escalation import (
    OverrideFactory,
    PolicyFactory,
    PolicyStepFactory,
    StepTargetFactory,
    make_policy,
    make_schedule,
)

ANA, JENS, EVA, BOSS = 1, 2, 3, 9
NAMES = {ANA: "@ana", JENS: "@jens", EVA: "@eva", BOSS: "@boss"}
ZONE = ZoneInfo("Europe/Berlin")
DESK = HoursSnapshot("Desk", "Europe/Berlin", (1, 2, 3, 4, 5), (), "09:00", "17:00")
NEVER = replace(DESK, name="Never", workdays=())


def person(who: int) -> TargetSnapshot:
    return TargetSnapshot(TargetKind.PERSON, who, "named in the step")


def on_call(turn: int = 0) -> TargetSnapshot:
    return TargetSnapshot(TargetKind.ON_CALL, 7, "on call in Primary", turn)


def step(*targets: TargetSnapshot, wait: int = 300, **condition: Any) -> StepSnapshot:
    return StepSnapshot(targets, wait, ConditionSnapshot(**condition))


def found(*steps: StepSnapshot, **how: Any) -> list[tuple[str, str]]:
    """(kind, sentence) of a policy with a last resort unless said otherwise; schedule 7 has Ana on call."""
    reach = how.pop("reach", lambda target, at: [Behind(int(target.key) if target.key != 7 else ANA)])
    when, unproved = how.pop("when", "now"), how.pop("unproved", ())
    schedule = ScheduleFacts("Primary", ZONE, how.pop("gap", None))
    snapshot = PolicySnapshot("p", steps, **{"last_resort": BOSS, **how})
    return [
        (f.kind, f.sentence)
        for f in lint(
            snapshot, reach=reach, schedules={7: schedule}, names=NAMES, now=NOW, when=when, unproved=unproved
        )
    ]


def nobody(target: TargetSnapshot, at: datetime) -> list[Behind]:
    return []


def test_a_policy_with_nothing_wrong_says_nothing() -> None:
    assert found(step(on_call()), step(person(JENS)), repeats=3) == []


def test_a_step_whose_hours_never_come_is_never_rung_and_what_it_waits_before_is_never_reached() -> None:
    wall = step(person(ANA), hours=NEVER, waits=True)

    assert found(wall, step(person(JENS))) == [
        (LintKind.UNREACHABLE, "Step 1 is never rung: it is never inside Never."),
        (LintKind.UNREACHABLE, "Step 2 is never reached: a step before it waits for what never comes."),
    ]
    assert found(replace(wall, condition=ConditionSnapshot(hours=NEVER)), step(person(JENS))) == [
        (LintKind.UNREACHABLE, "Step 1 is never rung: it is never inside Never."),
    ]
    assert found(step(person(ANA), hours=replace(NEVER, inside=False), waits=True), step(person(JENS))) == []
    assert found(step(person(ANA), hours=DESK, waits=True), step(person(JENS))) == []


def test_a_step_that_waits_for_a_number_stops_whatever_comes_up_once() -> None:
    waits = step(person(ANA), more_than=3, within_seconds=60, waits=True)

    assert found(waits, step(person(JENS))) == [
        (
            LintKind.UNREACHABLE,
            "Step 1 waits until it came up 4 times: what comes up once never gets beyond it.",
        )
    ]
    assert found(step(person(ANA), more_than=3, within_seconds=60), step(person(JENS))) == []


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (on_call(), "nobody is on call in Primary"),
        (on_call(turn=1), "nobody is next in Primary"),
        (TargetSnapshot(TargetKind.TEAM, 3, "in the team Search"), "nobody is in the team Search"),
        (person(ANA), "the person is gone"),
    ],
)
def test_a_target_with_nobody_behind_it_is_named(target: TargetSnapshot, why: str) -> None:
    assert found(step(target), reach=nobody) == [(LintKind.NOBODY, f"Step 1 rings nobody now: {why}.")]


def test_a_role_has_nobody_before_there_is_an_incident_and_is_no_fault() -> None:
    assert found(step(TargetSnapshot(TargetKind.ROLE, "deputy", "holds the role deputy")), reach=nobody) == []


def test_a_step_without_targets_and_a_policy_without_steps_are_named() -> None:
    assert found(step()) == [(LintKind.NOBODY, "Step 1 aims at nobody.")]
    assert found() == [(LintKind.NOBODY, "The policy has no step: only its last resort is rung.")]


def test_whoever_cannot_be_reached_is_named_with_the_reason() -> None:
    def reach(target: TargetSnapshot, at: datetime) -> list[Behind]:
        return [Behind(int(target.key), "no contact point that is switched on" if target.key == EVA else "")]

    assert found(step(person(EVA)), reach=reach) == [
        (LintKind.NO_CONTACT, "Step 1 cannot reach @eva: no contact point that is switched on.")
    ]


def test_whom_only_an_address_reaches_that_nobody_verified_is_named_the_last_resort_too() -> None:
    assert found(step(person(ANA), on_call()), step(person(JENS)), unproved={JENS, BOSS}) == [
        (LintKind.TWICE, "Step 1 names @ana twice."),
        (LintKind.NO_CONTACT, "Step 2 reaches @jens only by an address that is not verified."),
        (LintKind.NO_CONTACT, "The last resort reaches @boss only by an address that is not verified."),
    ]


def test_a_chosen_moment_is_named() -> None:
    assert found(step(on_call()), reach=nobody, when="at Christmas") == [
        (LintKind.NOBODY, "Step 1 rings nobody at Christmas: nobody is on call in Primary.")
    ]


def test_the_same_person_twice_in_a_step_or_again_in_the_next_is_named() -> None:
    assert found(step(person(ANA), on_call())) == [(LintKind.TWICE, "Step 1 names @ana twice.")]
    assert found(step(person(ANA), person(JENS)), step(on_call())) == [
        (LintKind.TWICE, "Step 2 rings only @ana, whom the step before it rings already.")
    ]
    assert found(step(person(ANA)), step(person(ANA), person(JENS)), step(person(EVA)), step(person(ANA))) == []


def test_a_loop_without_a_delay_is_named() -> None:
    hasty = (step(person(ANA), wait=0), step(person(JENS), wait=30))
    sentence = (
        "A whole pass takes less than a minute, so everybody is rung again every minute, before they can answer."
    )

    assert found(*hasty, repeats=1) == [(LintKind.NO_DELAY, sentence)]
    assert found(*hasty, rings_until_answered=True) == [(LintKind.NO_DELAY, sentence)]
    assert found(*hasty) == []
    assert found(step(person(ANA), wait=60), repeats=5) == []


def test_a_gap_of_the_next_thirty_days_is_named_with_its_moments_in_the_schedules_zone() -> None:
    gap = (NOW + timedelta(days=3), NOW + timedelta(days=4))

    assert found(step(on_call()), gap=gap) == [
        (
            LintKind.GAP,
            "Step 1 will ring nobody in Primary from 2026-04-21 14:23 CEST to 2026-04-22 14:23 CEST.",
        )
    ]
    assert found(step(person(ANA)), gap=gap) == []


def test_no_last_resort_is_named() -> None:
    assert found(step(person(ANA)), last_resort=None) == [
        (LintKind.NO_LAST_RESORT, "The policy names no last resort: when nobody answers, nobody else is rung.")
    ]


# --- the same from rows ----------------------------------------------------------------------------------------------
def policy_of(schedule: Any, **fields: Any) -> Policy:
    policy = PolicyFactory(last_resort=ReachableUserFactory(), **fields)
    StepTargetFactory(step=PolicyStepFactory(policy=policy), on_call=schedule)
    return policy


@pytest.mark.django_db
def test_a_policy_of_rows_is_read_with_the_gaps_of_its_schedules() -> None:
    ana = ReachableUserFactory(handle="ana")
    whole, torn, empty = make_schedule(ana), make_schedule(ana, name="Torn"), make_schedule(name="Empty")
    span = {"starts_at": NOW + timedelta(days=29), "ends_at": NOW + timedelta(days=31)}
    OverrideFactory(schedule=torn, kind="remove", user=None, replaced=ana, **span)

    assert findings_of(policy_of(whole), NOW) == []
    assert [f.kind for f in findings_of(policy_of(torn), NOW)] == [LintKind.GAP]
    assert findings_of(policy_of(torn), NOW - timedelta(days=2)) == []
    assert [f.kind for f in findings_of(policy_of(empty), NOW)] == [LintKind.NOBODY, LintKind.GAP]


@pytest.mark.django_db
def test_a_person_without_contact_point_or_switched_off_is_found_in_rows() -> None:
    mute, gone = UserFactory(handle="mute"), ReachableUserFactory(handle="gone", is_active=False)

    found = findings_of(make_policy(mute, gone, last_resort=ReachableUserFactory()), NOW)

    assert [one.sentence for one in found] == [
        "Step 1 cannot reach @mute: no contact point that is switched on.",
        "Step 2 cannot reach @gone: the account is switched off.",
    ]


@pytest.mark.django_db
def test_rows_are_judged_at_a_chosen_moment_by_who_is_on_call_then() -> None:
    mute, ana = UserFactory(handle="mute"), ReachableUserFactory(handle="ana")
    unproved = UserFactory(handle="new")
    ContactPointFactory(user=unproved, verified_at=None)
    schedule = make_schedule(ana)
    for day, who in ((3, mute), (4, unproved)):
        span = {"starts_at": NOW + timedelta(days=day), "ends_at": NOW + timedelta(days=day + 1)}
        OverrideFactory(schedule=schedule, kind="cover", user=who, **span)
    OverrideFactory(
        schedule=schedule,
        kind="remove",
        user=None,
        replaced=ana,
        starts_at=NOW + timedelta(days=6),
        ends_at=NOW + timedelta(days=7),
    )
    policy = policy_of(schedule)

    by_day = [findings_of(policy, NOW + timedelta(days=day, hours=1), ZONE) for day in (0, 3, 4, 6)]

    assert [[one.sentence for one in found if one.kind != LintKind.GAP] for found in by_day] == [
        [],
        ["Step 1 cannot reach @mute: no contact point that is switched on."],
        ["Step 1 reaches @new only by an address that is not verified."],
        [f"Step 1 rings nobody at 2026-04-24 15:23 CEST: nobody is on call in {schedule.name}."],
    ]


@pytest.mark.django_db
def test_a_last_resort_that_cannot_be_reached_is_named() -> None:
    gone = ReachableUserFactory(handle="gone", is_active=False)

    found = findings_of(make_policy(ReachableUserFactory(), last_resort=gone), NOW)

    assert [one.sentence for one in found] == ["The last resort @gone cannot be reached: the account is switched off."]
