"""The dry run of made-up policies against the rows that the engine then writes on a moving clock."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.db.models import Q
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import Team, User
from comms.actions.delivery import claim_due, record_outcomes
from comms.enums import MessageKind, MessageStatus, Transport, Urgency
from comms.models import Message
from comms.plan.throttle import TWIN
from comms.transports.base import Receipt
from escalation.actions.page import advance_due_pages
from escalation.enums import AttemptOutcome, HoursRule, OverrideKind, ShiftUnit, TargetKind, UnmetRule
from escalation.models import BusinessHours, Page, Policy, Schedule
from escalation.queries.dry_run import DryRunLine, dry_run
from escalation.queries.policy import LevelWants, snapshot_of
from tests.escalation.story import MINUTE, start
from tests.factories import NOW
from tests.factories.accounts import TeamFactory, UserFactory
from tests.factories.comms import ContactPointFactory, ContactRuleFactory, MessageFactory, ReachableUserFactory
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

SECOND = timedelta(seconds=1)
HOOK = "http://127.0.0.1:9/hook"
WITHIN = timedelta(minutes=13)
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
    """Whatever an admin puts together. The people and whom they share stand once for all examples."""

    people: list[User]
    schedules: list[Schedule]
    team: Team
    hours: BusinessHours

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = make_people()
        cls.schedules = make_schedules(cls.people)
        cls.team = TeamFactory(members=cls.people[:2])
        cls.hours = BusinessHoursFactory(opens_at=time(0, 0), closes_at=time(14, 30), workdays=[1, 2, 3, 4, 5, 6, 7])

    @settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.generate])
    @given(
        wanted=st.lists(steps, max_size=3),
        repeats=st.integers(0, 2),
        last_resort=st.sampled_from([None, 0, 4]),
        rings_on=st.booleans(),
    )
    def test_who_is_told_when_by_what_and_who_is_not_and_why(
        self, wanted: list[Any], repeats: int, last_resort: int | None, rings_on: bool
    ) -> None:
        people = self.people
        policy = PolicyFactory(
            repeats=repeats,
            rings_until_answered=rings_on,
            last_resort=None if last_resort is None else people[last_resort],
        )
        self.fill(policy, wanted)
        roles = {"deputy": [people[0].pk]}

        snapshot = snapshot_of(policy, WANTS)
        foretold = dry_run(snapshot, at=NOW, level_rank=RANK, roles=roles, horizon=WITHIN, most=None)
        page = start(policy=policy, acknowledge_within=2 * MINUTE, roles=roles, level_rank=RANK)
        play(page)

        assert told_by(foretold.lines) == written_by(page)
        assert not_told_by(foretold.lines) == not_written_by(page)

    def fill(self, policy: Policy, wanted: list[Any]) -> None:
        """The steps of the made-up policy as rows."""
        for position, (aims, wait, condition) in enumerate(wanted):
            when = {"hours": self.hours, **condition} if "hours_rule" in condition else condition
            row = PolicyStepFactory(policy=policy, position=position, wait_seconds=wait, **when)
            for kind, which in aims:
                named: dict[str, dict[str, Any]] = {
                    "person": {"user": self.people[which]},
                    "on_call": {"on_call": self.schedules[which % 3]},
                    "next": {"on_call": self.schedules[0], "turn": 1},
                    "team": {"kind": TargetKind.TEAM, "user": None, "team": self.team},
                    "role": {"kind": TargetKind.ROLE, "user": None, "role": "deputy"},
                    "webhook": {"kind": TargetKind.WEBHOOK, "user": None, "url": HOOK},
                }
                StepTargetFactory(step=row, **named[kind])


def play(page: Page) -> None:
    """The engine, at each moment at which the page or the outbox wants to be looked at; every send succeeds."""
    for _ in range(1000):
        page.refresh_from_db()
        first = Message.objects.unsent().order_by("deliver_after").values_list("deliver_after", flat=True).first()
        now = min((at for at in (page.wake_at, first) if at is not None), default=None)
        if now is None or now > NOW + WITHIN:
            return
        advance_due_pages(now=now)
        while claims := claim_due(now=now, limit=32):
            record_outcomes([(claim, Receipt()) for claim in claims], now=now)
    raise AssertionError("The page spins.")


def told_by(lines: list[DryRunLine]) -> list[Any]:
    """(person, transport, when it leaves, why it waited, why it did not leave by itself) of every row foretold."""
    rows = [
        (
            line.user.pk if line.user else 0,
            line.transport,
            str(line.leaves_at),
            line.held,
            line.together or line.why_not,
        )
        for line in lines
        if line.transport and (line.leaves_at or line.held or line.why_not == TWIN)
    ]
    return sorted(rows)


def written_by(page: Page) -> list[Any]:
    """The same of the outbox."""
    rows = Message.objects.filter(kind=MessageKind.PAGE, subject_key=page.subject_key).select_related("bundled_into")
    found = rows.filter(
        Q(status=MessageStatus.SENT) | ~Q(held_reason="") | Q(bundled_into__isnull=False) | Q(not_sent_reason=TWIN)
    )
    return sorted(
        (
            row.user_id or 0,
            row.transport,
            str(row.bundled_into.sent_at if row.bundled_into else row.sent_at),
            row.held_reason,
            row.not_sent_reason,
        )
        for row in found
    )


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
        with django_assert_num_queries(5):
            dry_run(one, at=NOW)


@pytest.mark.django_db
def test_what_the_throttles_hold_back_or_bundle_is_said_with_its_reason() -> None:
    ana = UserFactory(handle="ana")
    for seconds in (0, 30, 45):
        point = ContactPointFactory(user=ana, address=f"after-{seconds}@example.org")
        ContactRuleFactory(contact_point=point, after_seconds=seconds)
    first, second, _ = ana.contact_points.order_by("rules__after_seconds")
    MessageFactory(sent=True, user=ana, contact_point=second, sent_at=NOW - 10 * SECOND)
    other = {"user": ana, "series": "page:other:", "kind": MessageKind.PAGE, "urgency": Urgency.URGENT}
    MessageFactory(sent=True, contact_point=first, sent_at=NOW - 5 * MINUTE, created_at=NOW - 5 * MINUTE, **other)
    MessageFactory(contact_point=second, created_at=NOW - MINUTE, deliver_after=NOW + 30 * SECOND, **other)

    found = dry_run(snapshot_of(make_policy(ana, repeats=1, wait_seconds=60)), at=NOW)

    held, bundled = "Held: at most 1 in 1 min to one address.", "Told in one message with 1 other."
    shown = [(line.after, line.leaves_at, line.held, line.together) for line in found.lines if line.transport]
    assert shown == [
        (timedelta(), NOW, "", ""),
        (30 * SECOND, NOW + 50 * SECOND, held, bundled),
        (30 * SECOND, NOW + 30 * SECOND, "", ""),
        (60 * SECOND, NOW + 60 * SECOND, "", ""),
        (90 * SECOND, NOW + 110 * SECOND, held, ""),
        (90 * SECOND, NOW + 90 * SECOND, "", ""),
    ]
    assert Message.objects.filter(deliver_after=NOW + 30 * SECOND, held_reason="").exists()
