"""The chain that never breaks: primary, the next in the rotation, engineering manager, founder, five minutes each.

Played from declared incidents, by schedules, through everything that a night can do to them.
"""

from datetime import timedelta

import pytest

from accounts.actor import MUSTER, Actor
from accounts.enums import AccessLevel, Via
from accounts.models import User
from comms.actions.delivery import deliver_due
from comms.enums import MessageKind
from comms.models import Message
from escalation.actions.maintenance import start_maintenance
from escalation.actions.page import acknowledge_page, advance_due_pages, decline_page
from escalation.enums import AttemptOutcome, OverrideKind, PageStatus, TargetKind
from escalation.models import Page, PageAttempt, Policy, Schedule
from incidents.actions.declare import declare_incident
from incidents.enums import EntryKind, RoleKind
from incidents.models import Incident, Level
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import (
    OverrideFactory,
    PolicyFactory,
    PolicyStepFactory,
    ServiceFactory,
    StepTargetFactory,
    make_schedule,
)
from tests.factories.incidents import LevelFactory, LevelPageFactory, RoleDefinitionFactory

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


class Chain:
    """Mira is on call and Jens comes next; Em is the manager's shift, Fin the founder's."""

    def __init__(self) -> None:
        self.jens, self.mira, self.em, self.fin = (
            ReachableUserFactory(handle=handle) for handle in ("jens", "mira", "em", "fin")
        )
        self.primary = make_schedule(self.jens, self.mira, slug="primary")
        self.managers, self.founders = (
            make_schedule(person, slug=slug) for person, slug in ((self.em, "managers"), (self.fin, "founders"))
        )
        self.policy: Policy = PolicyFactory(slug="unbroken")
        for position, (schedule, turn) in enumerate(
            [(self.primary, 0), (self.primary, 1), (self.managers, 0), (self.founders, 0)]
        ):
            step = PolicyStepFactory(policy=self.policy, position=position)
            StepTargetFactory(step=step, kind=TargetKind.ON_CALL, user=None, schedule=schedule, turn=turn)
        self.service = ServiceFactory(policy=self.policy)
        self.level: Level = LevelFactory(acknowledge_within="5 min")
        RoleDefinitionFactory(version=self.level.version, kind=RoleKind.COMMANDER, holds_several=False)
        LevelPageFactory(level=self.level, makes_commander=True)

    def declare(self, by: Actor = MUSTER) -> Incident:
        """Declared at NOW about the service of the chain; by a machine unless somebody is named."""
        return declare_incident(by=by, now=NOW, level=self.level, summary="Checkout is slow", service=self.service)


@pytest.fixture
def chain() -> Chain:
    return Chain()


def page_of(incident: Incident) -> Page:
    return Page.objects.get(subject_key=incident.subject_key)


def sweep(*minutes: float) -> None:
    """What the worker does at these minutes after NOW."""
    for minute in minutes:
        advance_due_pages(now=NOW + minute * MINUTE)
        deliver_due(now=NOW + minute * MINUTE)


def rung(incident: Incident) -> list[tuple[int, str]]:
    """(minutes after NOW, handle) of every ring."""
    rows = PageAttempt.objects.filter(page__subject_key=incident.subject_key, outcome=AttemptOutcome.RUNG)
    return [((row.at - NOW) // MINUTE, row.user.handle) for row in rows.select_related("user").order_by("at", "pk")]


def told(incident: Incident, user: User) -> int:
    """How many pages about it have left for `user`."""
    return Message.objects.filter(
        subject_key=incident.subject_key, user=user, kind=MessageKind.PAGE, sent_at__isnull=False
    ).count()


def test_nobody_answers_and_the_founder_is_rung_at_fifteen_minutes(chain: Chain) -> None:
    incident = chain.declare()

    sweep(0, 4.99, 5, 10, 14.99)
    assert rung(incident) == [(0, "mira"), (5, "jens"), (10, "em")]

    sweep(15)
    assert rung(incident) == [(0, "mira"), (5, "jens"), (10, "em"), (15, "fin")]
    assert told(incident, chain.fin) == 1


def test_whoever_cannot_come_passes_on_at_once_and_the_next_has_their_whole_five_minutes(chain: Chain) -> None:
    incident = chain.declare()

    decline_page(page_of(incident), by=Actor(chain.mira, Via.LINK), now=NOW + 2 * MINUTE)
    sweep(5, 6.99, 7)

    assert rung(incident) == [(0, "mira"), (2, "jens"), (7, "em")]


def test_an_empty_schedule_is_passed_at_once_and_said_so(chain: Chain) -> None:
    chain.primary.rotations.all().delete()

    incident = chain.declare()

    assert rung(incident) == [(0, "em")]
    passed = page_of(incident).attempts.exclude(outcome=AttemptOutcome.RUNG).order_by("pk")
    assert [(row.outcome, row.source) for row in passed] == [
        (AttemptOutcome.NOBODY, f"on call in {chain.primary}"),
        (AttemptOutcome.NOBODY, f"next on call in {chain.primary}"),
    ]
    said = [entry.text for entry in incident.entries.filter(kind=EntryKind.PAGE).order_by("number")]
    assert [text.split(" · ")[0] for text in said] == ["Nobody to ring for primary"] * 2 + ["Rang primary: @em"]


def test_maintenance_begun_while_it_rings_holds_the_next_step_and_nothing_that_has_begun(chain: Chain) -> None:
    admin = Actor(UserFactory(access=AccessLevel.ADMIN))
    incident = chain.declare()
    sweep(0)

    start_maintenance(
        [chain.service], by=admin, now=NOW + 2 * MINUTE, reason="Disks are changed", lasts=timedelta(minutes=30)
    )
    sweep(5, 10, 31.99)
    assert rung(incident) == [(0, "mira")]
    assert told(incident, chain.mira) == 1

    sweep(32)
    assert rung(incident) == [(0, "mira"), (32, "jens")]


def test_maintenance_never_holds_what_a_person_declared(chain: Chain) -> None:
    admin = Actor(UserFactory(access=AccessLevel.ADMIN))
    start_maintenance(
        [chain.service], by=admin, now=NOW - MINUTE, reason="Disks are changed", lasts=timedelta(hours=1)
    )

    incident = chain.declare(by=Actor(UserFactory()))
    sweep(5)

    assert rung(incident) == [(0, "mira"), (5, "jens")]


def test_an_override_of_an_override_rings_whoever_came_last(chain: Chain) -> None:
    for person, age in ((chain.em, 2), (chain.fin, 1)):
        OverrideFactory(
            schedule=chain.primary, user=person, kind=OverrideKind.COVER, created_at=NOW - timedelta(hours=age)
        )

    incident = chain.declare()

    assert rung(incident) == [(0, "fin")]
    assert layer_of(incident) == "override"


def layer_of(incident: Incident) -> str:
    """By which part of the schedule the first person was found."""
    attempt = page_of(incident).attempts.select_related("override").earliest("pk")
    return "override" if attempt.override else attempt.layer


def test_an_answer_in_the_moment_of_the_next_step_stops_it_and_rings_nobody_more(chain: Chain) -> None:
    incident = chain.declare()

    acknowledge_page(page_of(incident), by=Actor(chain.mira, Via.SMS), now=NOW + 5 * MINUTE)
    sweep(5, 10, 15)

    assert rung(incident) == [(0, "mira")]
    assert page_of(incident).status == PageStatus.ACKNOWLEDGED
    assert incident.commander == chain.mira


def test_a_step_that_fired_before_the_answer_is_thanked_and_the_rest_is_silent(chain: Chain) -> None:
    incident = chain.declare()
    sweep(5)

    acknowledge_page(page_of(incident), by=Actor(chain.mira, Via.SMS), now=NOW + 5 * MINUTE)
    sweep(5, 10, 15)

    assert rung(incident) == [(0, "mira"), (5, "jens")]
    assert page_of(incident).status == PageStatus.ACKNOWLEDGED


def test_who_is_on_call_is_read_when_the_step_is_taken(chain: Chain) -> None:
    incident = chain.declare()
    only(chain.managers, chain.fin)

    sweep(5, 10)

    assert rung(incident) == [(0, "mira"), (5, "jens"), (10, "fin")]


def only(schedule: Schedule, person: User) -> None:
    """From now on `person` alone is on call in `schedule`."""
    OverrideFactory(schedule=schedule, user=person, kind=OverrideKind.COVER, created_at=NOW + MINUTE)
