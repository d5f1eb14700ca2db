"""Seats of the team and the command, filled by the rules of the level."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from comms.models import Message
from escalation.models import Service
from incidents.actions import seat as seat_actions
from incidents.actions.declare import declare_incident
from incidents.actions.impact import set_service
from incidents.actions.severity import change_level, settle_due_changes
from incidents.enums import CommanderRule, RoleKind, RoleSource
from incidents.models import Incident, LadderVersion, Level, RoleAssignment
from incidents.queries.policy import versions
from tests.factories.accounts import TeamFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import PolicyStepFactory, ServiceFactory, StepTargetFactory, make_schedule
from tests.factories.incidents import LevelFactory, RoleAssignmentFactory, level_of
from tests.factories.ladder import LevelRoleFactory
from tests.incidents.actions.conftest import texts


@pytest.fixture
def top(ladder: LadderVersion) -> Level:
    """A level worse than all: its comms are on call, its scribe answers for the service, its deputy is for anybody."""
    level = LevelFactory(version=ladder, name="SEV0", rank=0)
    LevelRoleFactory(level=level, role="comms", source=RoleSource.ON_CALL, schedule="speakers", duties="Speak early.")
    LevelRoleFactory(level=level, role="scribe", source=RoleSource.SERVICE_OWNER)
    LevelRoleFactory(level=level, role="deputy")
    return level


@pytest.fixture
def owned(mira: User) -> Service:
    """A service of Mira's, without a policy."""
    return ServiceFactory(slug="api", name="API", owner=mira)


def held(incident: Incident) -> dict[str, str]:
    """Who holds what now."""
    rows = incident.role_assignments.filter(ended_at__isnull=True)
    return dict(rows.values_list("role", "user__handle"))


def test_the_team_is_put_together_at_the_declaration(
    top: Level, owned: Service, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    make_schedule(jens, slug="speakers", name="Speakers")

    incident = declare_incident(by=ana, now=now, level=top, summary="All is down", service=owned)

    assert held(incident) == {"comms": "jens", "scribe": "mira"}
    assert texts(incident)[-1] == "@jens is comms, on call in Speakers; @mira is scribe, who owns API"
    told = Message.objects.filter(dedup_key__startswith="role:").order_by("pk")
    pass_on = "To pass it on, open the room and choose another person under Roles."
    assert [(message.user, message.body) for message in told] == [
        (jens, f"You are comms of this incident. {pass_on}\n\nSpeak early."),
        (mira, f"You are scribe of this incident. {pass_on}"),
    ]


def test_a_rule_that_finds_nobody_says_so_and_leaves_the_seat_empty(top: Level, ana: Actor, now: datetime) -> None:
    incident = declare_incident(by=ana, now=now, level=top, summary="All is down")

    assert held(incident) == {}
    assert texts(incident)[-1] == (
        "nobody is comms yet: there is no schedule called “speakers”; nobody is scribe yet: no service is named yet"
    )


def test_a_service_that_is_named_later_fills_what_waited_for_its_owner(
    top: Level, owned: Service, ana: Actor, now: datetime
) -> None:
    level = LevelFactory(version=top.version, rank=9, commander_rule=CommanderRule.SERVICE_OWNER)
    LevelRoleFactory(level=level, role="scribe", source=RoleSource.SERVICE_OWNER)
    incident = declare_incident(by=ana, now=now, level=level, summary="Odd")
    assert held(incident) == {}

    set_service(incident, by=ana, now=now, service=owned)

    assert held(incident) == {"commander": "mira", "scribe": "mira"}
    assert texts(incident)[-2:] == ["@mira is commander, who owns API", "@mira is scribe, who owns API"]


def test_whoever_is_on_call_for_the_service_comes_before_its_owner_and_the_lead_of_its_team_last(
    ladder: LadderVersion, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    level = LevelFactory(version=ladder, rank=9, commander_rule=CommanderRule.SERVICE_OWNER)
    step = PolicyStepFactory()
    StepTargetFactory(step=step, on_call=make_schedule(jens, name="Platform"))
    lead = ReachableUserFactory(handle="lena")
    team = TeamFactory(name="Core", lead=lead)
    services = [
        ServiceFactory(name="One", policy=step.policy, owner=mira),
        ServiceFactory(name="Two", owner=mira, team=team),
        ServiceFactory(name="Three", team=team),
        ServiceFactory(name="Four"),
    ]

    said = [
        texts(declare_incident(by=ana, now=now, level=level, summary="Odd", service=service))[-1]
        for service in services
    ]

    assert said == [
        "@jens is commander, on call in Platform for One",
        "@mira is commander, who owns Two",
        "@lena is commander, who leads Core, which owns Three",
        "**Nobody commands yet:** Four has nobody on call and no owner. Take command in the room.",
    ]


def test_a_raise_fills_empty_seats_and_takes_none_from_anybody(
    ladder: LadderVersion, top: Level, owned: Service, ana: Actor, jens: User, now: datetime
) -> None:
    make_schedule(jens, slug="speakers")
    level = level_of(ladder, "SEV2")
    incident = declare_incident(by=ana, now=now, level=level, summary="Slow", service=owned)
    RoleAssignmentFactory(incident=incident, kind=RoleKind.SCRIBE, user=ana.user)

    change_level(incident, by=ana, now=now, level=top)
    assert held(incident) == {"scribe": "ana"}
    settle_due_changes(now=now + timedelta(seconds=10))

    assert held(incident) == {"scribe": "ana", "comms": "jens"}


@pytest.mark.parametrize("seats", [1, 3])
def test_seats_take_the_same_statements_however_many_they_are(
    ladder: LadderVersion, ana: Actor, jens: User, now: datetime, seats: int
) -> None:
    make_schedule(jens, slug="speakers")
    level = LevelFactory(version=ladder, rank=9)
    for role in ("comms", "scribe", "deputy")[:seats]:
        LevelRoleFactory(level=level, role=role, source=RoleSource.ON_CALL, schedule="speakers")
    versions({ladder.pk})  # as the door has read it

    with CaptureQueriesContext(connection) as statements:
        incident = declare_incident(by=ana, now=now, level=Level.objects.get(pk=level.pk), summary="Odd")

    assert len(held(incident)) == seats
    assert len(statements) == 15


def test_a_declaration_whose_team_breaks_half_way_leaves_nothing(
    top: Level, ana: Actor, jens: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_schedule(jens, slug="speakers")

    def fail(*_: object, **__: object) -> None:
        raise IntegrityError("the disk is full")

    monkeypatch.setattr(seat_actions, "tell_holders", fail)
    with pytest.raises(IntegrityError):
        declare_incident(by=ana, now=now, level=top, summary="All is down")

    assert (Incident.objects.count(), RoleAssignment.objects.count()) == (0, 0)
