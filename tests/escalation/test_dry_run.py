"""The dry run of made-up policies against the rows that the engine then writes on a moving clock."""

from datetime import time, timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import User
from comms.enums import MessageKind, Transport
from comms.models import Message
from escalation.actions.page import advance_due_pages
from escalation.enums import AttemptOutcome, HoursRule, OverrideKind, ShiftUnit, TargetKind, UnmetRule
from escalation.models import Page, Policy, Schedule
from escalation.queries.dry_run import DryRunLine, dry_run
from escalation.queries.policy import LevelWants, snapshot_of
from tests.escalation.story import MINUTE, start
from tests.factories import NOW
from tests.factories.accounts import TeamFactory, UserFactory
from tests.factories.comms import ContactPointFactory, ContactRuleFactory, ReachableUserFactory
from tests.factories.escalation import (
    BusinessHoursFactory,
    OverrideFactory,
    PolicyFactory,
    PolicyStepFactory,
    RotationFactory,
    ScheduleFactory,
    StepTargetFactory,
    make_policy,
    make_schedule,
)

HOOK = "http://127.0.0.1:9/hook"
WITHIN = timedelta(minutes=25)
WANTS = LevelWants(2 * MINUTE)
RANK = 2

targets = st.one_of(
    st.tuples(st.just("person"), st.integers(0, 5)),
    st.tuples(st.just("on_call"), st.integers(0, 2)),
    st.sampled_from([("next", 0), ("team", 0), ("role", 0), ("webhook", 0)]),
)
conditions = st.sampled_from(
    [
        {},
        {},
        {"mildest_rank": 1},
        {"mildest_rank": 3},
        {"hours_rule": HoursRule.INSIDE},
        {"hours_rule": HoursRule.OUTSIDE, "if_not_met": UnmetRule.WAIT},
        {"hours_rule": HoursRule.INSIDE, "if_not_met": UnmetRule.WAIT},
        {"more_than": 1, "within_seconds": 600},
    ]
)
steps = st.tuples(st.lists(targets, max_size=3), st.sampled_from([None, 0, 60, 300]), conditions)


def make_people() -> list[User]:
    """Every way in which a person can, or cannot, be reached."""
    mail, phones, ruled, unproved, nowhere, gone = (
        ReachableUserFactory(),
        UserFactory(),
        ReachableUserFactory(),
        UserFactory(),
        UserFactory(),
        ReachableUserFactory(is_active=False),
    )
    for transport in (Transport.SMS, Transport.VOICE):
        ContactPointFactory(user=phones, transport=transport, address="+491700000001")
    point = ruled.contact_points.get()
    for seconds in (0, 600):
        ContactRuleFactory(contact_point=point, after_seconds=seconds)
    off = ContactPointFactory(user=ruled, transport=Transport.SMS, address="+491700000002", is_enabled=False)
    ContactRuleFactory(contact_point=off, after_seconds=60)
    ContactPointFactory(user=unproved, verified_at=None)
    return [mail, phones, ruled, unproved, nowhere, gone]


def make_schedules(people: list[User]) -> list[Schedule]:
    """One that changes hands every hour, one covered for ten minutes, one with nobody."""
    hourly = ScheduleFactory()
    turns = {"unit": ShiftUnit.HOURS, "length": 1, "people": [people[1], people[0], people[4]]}
    RotationFactory(schedule=hourly, **turns)
    covered = make_schedule(people[2])
    span = {"starts_at": NOW + 2 * MINUTE, "ends_at": NOW + 12 * MINUTE}
    OverrideFactory(schedule=covered, kind=OverrideKind.COVER, user=people[3], **span)
    return [hourly, covered, make_schedule()]


class DryRunIsWhatHappens(TestCase):
    """Whatever an admin puts together."""

    @settings(max_examples=12, deadline=None, phases=[Phase.explicit, Phase.generate])
    @given(
        wanted=st.lists(steps, max_size=3),
        repeats=st.integers(0, 2),
        last_resort=st.sampled_from([None, 0, 4]),
        rings_on=st.booleans(),
    )
    def test_who_is_told_when_by_what_and_who_is_not_and_why(
        self, wanted: list[Any], repeats: int, last_resort: int | None, rings_on: bool
    ) -> None:
        people = make_people()
        policy = PolicyFactory(
            repeats=repeats,
            rings_until_answered=rings_on,
            last_resort=None if last_resort is None else people[last_resort],
        )
        fill(policy, wanted, people)
        roles = {"deputy": [people[0].pk]}

        page = start(policy=policy, acknowledge_within=2 * MINUTE, roles=roles, level_rank=RANK)
        snapshot = snapshot_of(policy, WANTS)
        foretold = dry_run(snapshot, at=NOW, level_rank=RANK, roles=roles, horizon=WITHIN, most=None)
        play(page)

        assert told_by(foretold.lines) == written_by(page)
        assert not_told_by(foretold.lines) == not_written_by(page)


def fill(policy: Policy, wanted: list[Any], people: list[User]) -> None:
    """The steps of the made-up policy as rows."""
    schedules, hours = (
        make_schedules(people),
        BusinessHoursFactory(opens_at=time(0, 0), closes_at=time(14, 30), workdays=[1, 2, 3, 4, 5, 6, 7]),
    )
    team = TeamFactory(members=people[:2])
    for position, (aims, wait, condition) in enumerate(wanted):
        when = {"hours": hours, **condition} if "hours_rule" in condition else condition
        row = PolicyStepFactory(policy=policy, position=position, wait_seconds=wait, **when)
        for kind, which in aims:
            named: dict[str, dict[str, Any]] = {
                "person": {"user": people[which]},
                "on_call": {"on_call": schedules[which % 3]},
                "next": {"on_call": schedules[0], "turn": 1},
                "team": {"kind": TargetKind.TEAM, "user": None, "team": team},
                "role": {"kind": TargetKind.ROLE, "user": None, "role": "deputy"},
                "webhook": {"kind": TargetKind.WEBHOOK, "user": None, "url": HOOK},
            }
            StepTargetFactory(step=row, **named[kind])


def play(page: Page) -> None:
    """The engine, at each moment at which the page wants to be looked at."""
    for _ in range(500):
        page.refresh_from_db()
        if page.wake_at is None or page.wake_at > NOW + WITHIN:
            return
        advance_due_pages(now=page.wake_at)
    raise AssertionError("The page spins.")


def told_by(lines: list[DryRunLine]) -> list[Any]:
    """(moment, person, transport) of everything that the dry run says would leave."""
    said = [(line.at, line.user.pk if line.user else 0, line.transport) for line in lines if line.transport]
    return sorted(
        row for row, line in zip(said, [one for one in lines if one.transport], strict=True) if not line.why_not
    )


def written_by(page: Page) -> list[Any]:
    """The same of the outbox."""
    rows = Message.objects.filter(kind=MessageKind.PAGE, subject_key=page.subject_key, not_sent_reason="")
    found = rows.filter(deliver_after__lte=NOW + WITHIN).values_list("deliver_after", "user_id", "transport")
    return sorted((at, user or 0, transport) for at, user, transport in found)


def not_told_by(lines: list[DryRunLine]) -> list[Any]:
    """(moment, person, source) of everybody whom the dry run says nothing would reach by a step."""
    return sorted(
        (line.at, line.user.pk if line.user else 0, line.source)
        for line in lines
        if line.why_not and not line.transport
    )


def not_written_by(page: Page) -> list[Any]:
    """The same of the attempts."""
    rows = page.attempts.exclude(outcome=AttemptOutcome.RUNG).values_list("at", "user_id", "source")
    return sorted((at, user or 0, source) for at, user, source in rows)


@pytest.mark.django_db
def test_a_line_says_the_channel_the_moment_and_where_the_person_comes_from() -> None:
    ana, jens = ReachableUserFactory(handle="ana"), UserFactory(handle="jens")
    ContactPointFactory(user=jens, transport=Transport.VOICE, address="+491700000001")
    last = UserFactory()
    policy = make_policy(ana, jens, last, wait_seconds=300)

    found = dry_run(snapshot_of(policy), at=NOW)

    assert [(line.after, str(line.user), line.channel, line.why_not) for line in found.lines] == [
        (timedelta(), "@ana", "Email", ""),
        (7 * MINUTE, "@jens", "Call", ""),
        (
            10 * MINUTE,
            str(policy.steps.last().targets.get().user),
            "",
            f"{last} cannot be reached.",
        ),
        (10 * MINUTE, "None", "", "Nobody is there."),
    ]
    assert (found.goes_on, found.reaches_nobody) == (False, False)


@pytest.mark.django_db
def test_only_the_first_lines_are_listed_and_it_is_said_that_there_are_more() -> None:
    found = dry_run(snapshot_of(make_policy(ReachableUserFactory(), repeats=50)), at=NOW, most=5)

    assert (len(found.lines), found.goes_on) == (5, True)


@pytest.mark.django_db
def test_a_policy_that_reaches_nobody_says_so() -> None:
    assert dry_run(snapshot_of(PolicyFactory()), at=NOW).reaches_nobody is True


@pytest.mark.django_db
def test_it_takes_as_many_queries_for_three_people_as_for_one(django_assert_num_queries: Any) -> None:
    snapshot = snapshot_of(make_policy(*[ReachableUserFactory() for _ in range(3)]))
    alone = snapshot_of(make_policy(ReachableUserFactory()))

    for one in (alone, snapshot):
        with django_assert_num_queries(3):
            dry_run(one, at=NOW)
