"""What the planner decides, and that its preview is what the engine then does."""

import itertools
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from escalation.actions.page import advance_due_pages
from escalation.enums import AttemptOutcome, HoursRule, TargetKind, UnmetRule
from escalation.plan import (
    Behind,
    Hit,
    PageState,
    PolicySnapshot,
    StepSnapshot,
    TargetSnapshot,
    next_step,
    preview,
)
from escalation.queries.policy import LevelWants, snapshot_of
from escalation.queries.reach import people_of
from tests.escalation.story import start
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import (
    BusinessHoursFactory,
    PolicyFactory,
    PolicyStepFactory,
    StepTargetFactory,
    make_schedule,
)

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
ANA, JENS, EVA, BOSS = 1, 2, 3, 9


def step(*people: int, wait: int = 300) -> StepSnapshot:
    targets = tuple(TargetSnapshot(TargetKind.PERSON, person, f"person {person}") for person in people)
    return StepSnapshot(targets, wait)


def everybody(target: TargetSnapshot, at: datetime) -> list[Behind]:
    """Whoever is named is there; nobody is called 0."""
    return [Behind(int(target.key))] if target.key else []


def told(snapshot: PolicySnapshot, reach: Any = everybody) -> list[tuple[int, int | None]]:
    """(second, person) of everybody who would be rung within a day."""
    lines = preview(snapshot, NOW, reach, horizon=DAY)
    return [
        ((line.at - NOW) // timedelta(seconds=1), line.hit.person)
        for line in lines
        if line.hit.outcome == AttemptOutcome.RUNG
    ]


def test_steps_follow_one_another_passes_repeat_and_the_last_resort_comes_last() -> None:
    snapshot = PolicySnapshot("p", (step(ANA, wait=60), step(JENS, EVA, wait=120)), repeats=1, last_resort=BOSS)

    assert told(snapshot) == [
        *((0, ANA), (60, JENS), (60, EVA)),
        *((180, ANA), (240, JENS), (240, EVA)),
        (360, BOSS),
    ]


def test_before_its_moment_a_page_sleeps() -> None:
    state = PageState(PolicySnapshot("p", (step(ANA), step(JENS))), everybody, step=1, wake_at=NOW + MINUTE)

    asleep = next_step(state, NOW)

    assert (asleep.hits, asleep.run, asleep.step, asleep.wake_at) == ((), 0, 1, NOW + MINUTE)


def test_an_empty_step_is_gone_over_and_the_next_one_waits_its_own_time() -> None:
    state = PageState(PolicySnapshot("p", (step(0, wait=600), step(JENS, wait=60))), everybody)

    decision = next_step(state, NOW)

    assert decision.hits == (
        Hit(0, 0, AttemptOutcome.NOBODY, "person 0"),
        Hit(0, 1, AttemptOutcome.RUNG, "person 2", JENS),
    )
    assert (decision.step, decision.wake_at, decision.exhausted) == (2, NOW + MINUTE, False)


def test_passes_with_nobody_ring_the_last_resort_once_and_keep_a_minute_apart() -> None:
    snapshot = PolicySnapshot("p", (step(0), step(0)), repeats=3, last_resort=BOSS)

    assert told(snapshot) == [(0, BOSS), (180, BOSS)]


def test_whoever_has_answered_is_passed_over() -> None:
    state = PageState(PolicySnapshot("p", (step(ANA), step(JENS))), everybody, answered=frozenset({ANA}))

    decision = next_step(state, NOW)

    assert [(hit.person, hit.outcome) for hit in decision.hits] == [
        (ANA, AttemptOutcome.ALREADY_ANSWERED),
        (JENS, AttemptOutcome.RUNG),
    ]


def test_a_last_resort_who_is_gone_leaves_a_row() -> None:
    snapshot = PolicySnapshot("p", (), last_resort=BOSS)

    decision = next_step(PageState(snapshot, lambda target, at: []), NOW)

    assert decision.hits == (Hit(0, 0, AttemptOutcome.NOBODY, "last resort"),)
    assert (decision.wake_at, decision.exhausted) == (None, True)


def test_a_webhook_alone_waits_its_time_and_is_nobody_for_the_pass() -> None:
    hook = StepSnapshot((TargetSnapshot(TargetKind.WEBHOOK, "https://example.org", "webhook"),), 120)
    snapshot = PolicySnapshot("p", (hook,), repeats=1, last_resort=BOSS)

    assert told(snapshot) == [(0, None), (120, BOSS), (120, None), (240, BOSS)]


def test_a_snapshot_survives_its_json() -> None:
    snapshot = PolicySnapshot("p", (step(ANA), step(JENS, EVA, wait=0)), repeats=2, last_resort=BOSS)

    assert PolicySnapshot.from_json(snapshot.to_json()) == snapshot
    assert PolicySnapshot.from_json({}) == PolicySnapshot("", ())


@settings(max_examples=200, deadline=None)
@given(
    steps=st.lists(st.tuples(st.lists(st.integers(0, 4), max_size=4), st.integers(0, 900)), max_size=5),
    repeats=st.integers(0, 6),
    last_resort=st.sampled_from([None, BOSS]),
)
def test_a_plan_ends_rings_nobody_twice_in_a_step_and_never_spins(
    steps: list[tuple[list[int], int]], repeats: int, last_resort: int | None
) -> None:
    snapshot = PolicySnapshot("p", tuple(step(*people, wait=wait) for people, wait in steps), repeats, last_resort)

    lines = preview(snapshot, NOW, everybody, horizon=30 * DAY)

    rung = [(line.hit.run, line.hit.step, line.hit.person) for line in lines if line.hit.outcome == "rung"]
    assert len(rung) == len(set(rung))
    begins: dict[int, datetime] = {}
    for line in lines:
        begins.setdefault(line.hit.run, line.at)
    passes = [begins[run] for run in sorted(begins)]
    assert all(later - earlier >= MINUTE for earlier, later in itertools.pairwise(passes))
    assert lines[-1].hit.step == len(steps)  # it always ends with the last resort, or with the row that none is named
    assert lines[-1].hit.run == repeats


SPAN = 12 * MINUTE
CONDITIONS: list[dict[str, Any]] = [
    {},
    {"mildest_rank": 1},
    {"worst_rank": 2},
    {"more_than": 3, "within_seconds": 60},
    {"hours_rule": HoursRule.INSIDE, "if_not_met": UnmetRule.PASS_OVER},
    {"hours_rule": HoursRule.OUTSIDE, "if_not_met": UnmetRule.WAIT},
]
"""Of one step each, for a page of rank 2 at NOW, a Saturday: the hours open six minutes later."""


class PreviewIsWhatHappens(TestCase):
    """The dry run of a made-up policy against the rows that the engine then writes."""

    @settings(max_examples=12, deadline=None)
    @given(
        steps=st.lists(
            st.tuples(
                st.lists(st.integers(0, 5), min_size=1, max_size=3),
                st.sampled_from([None, 0, 60, 300]),
                st.sampled_from(CONDITIONS),
            ),
            max_size=4,
        ),
        repeats=st.integers(0, 2),
        last_resort=st.booleans(),
        rings_on=st.booleans(),
    )
    def test_the_engine_does_what_the_preview_says(
        self,
        steps: list[tuple[list[int], int | None, dict[str, Any]]],
        repeats: int,
        last_resort: bool,
        rings_on: bool,
    ) -> None:
        people = [*(ReachableUserFactory() for _ in range(3)), UserFactory()]
        schedules = [make_schedule(people[2], people[0]), make_schedule()]
        opens_at = (NOW + 6 * MINUTE).time()
        hours = BusinessHoursFactory(time_zone="UTC", workdays=[6], opens_at=opens_at, closes_at=time(23))
        last = people[1] if last_resort else None
        policy = PolicyFactory(repeats=repeats, last_resort=last, rings_until_answered=rings_on)
        for position, (targets, wait, condition) in enumerate(steps):
            how = {**condition, "hours": hours} if "hours_rule" in condition else condition
            row = PolicyStepFactory(policy=policy, position=position, wait_seconds=wait, **how)
            for target in targets:
                named = {"user": people[target]} if target < 4 else {"on_call": schedules[target - 4]}
                StepTargetFactory(step=row, **named)
        snapshot = snapshot_of(policy, LevelWants(2 * MINUTE))
        reach = people_of([snapshot], [], NOW, NOW + DAY).reach({})
        wanted = [
            (line.at, line.round, line.hit.run, line.hit.step, line.hit.person, line.hit.outcome, line.hit.source)
            for line in preview(snapshot, NOW, reach, horizon=SPAN, level_rank=2)
        ]

        page = start(policy=policy, acknowledge_within=2 * MINUTE)
        while page.wake_at is not None and page.wake_at <= NOW + SPAN:
            advance_due_pages(now=page.wake_at)
            page.refresh_from_db()

        done = page.attempts.order_by("pk")
        columns = ("at", "round", "run", "step", "user_id", "outcome", "source")
        assert list(done.values_list(*columns)) == wanted


@pytest.mark.django_db
def test_reading_a_policy_takes_as_many_queries_for_three_steps_as_for_one(
    django_assert_num_queries: Any,
) -> None:
    policy = PolicyFactory()
    for position in range(3):
        row = PolicyStepFactory(policy=policy, position=position)
        StepTargetFactory(step=row, user=UserFactory())
        StepTargetFactory(step=row, on_call=make_schedule(UserFactory()))

    with django_assert_num_queries(1):  # steps with their hours and their targets
        snapshot = snapshot_of(policy)

    assert [len(one.targets) for one in snapshot.steps] == [2, 2, 2]


def test_a_pass_that_began_by_a_clock_that_was_set_back_since_holds_up_no_next_one() -> None:
    state = PageState(
        snapshot=PolicySnapshot(name="chain", steps=(step(ANA),), repeats=1),
        reach=everybody,
        step=1,
        pass_began_at=NOW + timedelta(hours=1),
        pass_rang=True,
    )

    decision = next_step(state, NOW)

    assert [(hit.run, hit.person) for hit in decision.hits] == [(1, ANA)]
    assert decision.wake_at == NOW + 5 * MINUTE
