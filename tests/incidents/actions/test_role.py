"""Who holds which role, and whose answer makes a commander."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError

from accounts.actor import Actor
from accounts.enums import Via
from accounts.models import User
from comms.enums import MessageKind
from comms.models import Message
from core.errors import Conflict, InvalidInput, WrongState
from escalation.actions.page import acknowledge_page, decline_page
from escalation.models import Page
from incidents.actions import role as role_actions
from incidents.actions.declare import declare_incident
from incidents.actions.paging import page_people
from incidents.actions.role import assign_role
from incidents.actions.status import resolve_incident
from incidents.actions.vacancy import leave_role
from incidents.enums import PromiseKind, RoleKind
from incidents.models import Incident, LadderVersion, RoleAssignment
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.incidents import DutyFactory, LevelFactory, RoleDefinitionFactory
from tests.factories.ladder import LevelRoleFactory
from tests.incidents.actions.conftest import texts


def notices(user: User) -> list[str]:
    """What was said to `user` about a role."""
    return list(Message.objects.filter(kind=MessageKind.NOTICE, user=user).values_list("body", flat=True))


def test_the_first_who_answers_commands_and_is_told_so(incident: Incident, jens: User, now: datetime) -> None:
    acknowledge_page(Page.objects.get(), by=Actor(user=jens, via=Via.LINK), now=now + timedelta(seconds=48))

    incident.refresh_from_db()
    assert incident.commander == jens
    assert incident.acknowledged_at == now + timedelta(seconds=48)
    assert texts(incident)[-2:] == [
        "@jens answered primary: on it (after 48 s)",
        "@jens is commander, the first to answer primary",
    ]
    assert notices(jens) == [
        "You command this incident. To pass it on, open the room and choose another person under Roles."
    ]


@pytest.mark.parametrize("via", [Via.PHONE, Via.SMS, Via.EMAIL, Via.CHAT])
def test_who_is_told_where_they_answer_that_they_command_gets_no_message_about_it(
    incident: Incident, jens: User, now: datetime, via: Via
) -> None:
    acknowledge_page(Page.objects.get(), by=Actor(user=jens, via=via), now=now)

    assert (incident.commander, notices(jens)) == (jens, [])


def test_a_second_answer_makes_no_second_commander(incident: Incident, jens: User, mira: User, now: datetime) -> None:
    page = Page.objects.get()
    acknowledge_page(page, by=ActorFactory(user=jens), now=now)
    acknowledge_page(page, by=ActorFactory(user=mira), now=now + timedelta(seconds=1))

    assert incident.role_assignments.get(kind=RoleKind.COMMANDER).user == jens
    assert texts(incident)[-1] == "@mira answered primary: on it (after 1 s)"


def test_an_answer_to_a_page_by_hand_makes_no_commander(
    incident: Incident, ana: Actor, mira: User, now: datetime
) -> None:
    page = page_people(incident, by=ana, now=now, people=[mira])

    acknowledge_page(page, by=ActorFactory(user=mira), now=now)

    assert incident.role_assignments.count() == 0


def test_an_arrival_time_and_a_refusal_are_written_down(
    incident: Incident, jens: User, mira: User, now: datetime
) -> None:
    page = Page.objects.get()
    decline_page(page, by=ActorFactory(user=jens), now=now)
    acknowledge_page(page, by=ActorFactory(user=mira), now=now, arrives_at=now + timedelta(minutes=15))

    said = texts(incident)
    assert "@jens answered primary: cannot come (after 0 s)" in said
    assert "@mira answered primary: there in 15 min (after 0 s)" in said


def test_a_role_is_taken_from_its_holder_and_both_spans_are_kept(
    incident: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    assign_role(incident, by=ana, now=now, role="commander", user=ana.user)
    taker, later = ActorFactory(user=jens), now + timedelta(minutes=5)
    with pytest.raises(WrongState, match="@ana is commander now; press once more to take it from them"):
        assign_role(incident, by=taker, now=later, role="Commander", user=jens)
    assign_role(incident, by=taker, now=later, role="Commander", user=jens, takes_from=ana.user)

    held = incident.role_assignments.order_by("began_at").values_list("user__handle", "began_at", "ended_at")
    assert list(held) == [
        ("ana", now, now + timedelta(minutes=5)),
        ("jens", now + timedelta(minutes=5), None),
    ]
    assert texts(incident)[-1] == "@jens is commander, taken from @ana without a handover; before: @ana"
    assert notices(jens) == []
    assert notices(ana.user) == ["You are no longer commander of this incident: @jens is."]


def test_a_role_that_somebody_else_has_by_now_is_not_taken_from_them(
    incident: Incident, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    assign_role(incident, by=ana, now=now, role="comms", user=mira)

    with pytest.raises(Conflict, match="@mira is comms by now"):
        assign_role(incident, by=ActorFactory(user=jens), now=now, role="comms", user=jens, takes_from=ana.user)

    assert incident.role_assignments.get(ended_at__isnull=True).user == mira


def test_a_role_that_neither_commands_nor_speaks_changes_hands_at_once(
    incident: Incident, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    assign_role(incident, by=ana, now=now, role="scribe", user=mira)
    assign_role(incident, by=ana, now=now, role="scribe", user=jens)

    assert incident.role_assignments.get(ended_at__isnull=True).user == jens
    assert texts(incident)[-1] == "@jens is scribe; before: @mira"
    assert notices(mira) == [
        "You are scribe of this incident. To pass it on, open the room and choose another person under Roles."
    ]


def test_whoever_gets_a_role_hears_its_duties_and_those_of_the_level(
    ladder: LadderVersion, ana: Actor, jens: User, now: datetime
) -> None:
    level = LevelFactory(version=ladder, rank=9)
    LevelRoleFactory(level=level, role="watcher", duties="Every ten minutes.")
    RoleDefinitionFactory(version=ladder, slug="watcher", name="Watcher", duties="You watch the graphs.\n")
    incident = declare_incident(by=ana, now=now, level=level, summary="Odd")

    assign_role(incident, by=ana, now=now, role="watcher", user=jens)

    assert notices(jens)[-1].split("\n\n")[1:] == ["You watch the graphs.", "Every ten minutes."]


def test_giving_a_role_to_its_holder_says_nothing(incident: Incident, ana: Actor, now: datetime) -> None:
    first = assign_role(incident, by=ana, now=now, role="commander", user=ana.user)
    said = texts(incident)

    assert assign_role(incident, by=ana, now=now, role="commander", user=ana.user) == first
    assert texts(incident) == said


def test_several_investigate(incident: Incident, ana: Actor, jens: User, mira: User, now: datetime) -> None:
    for person in (jens, mira):
        assign_role(incident, by=ana, now=now, role="investigator", user=person)

    held = incident.role_assignments.filter(role="investigator", ended_at__isnull=True)
    assert sorted(held.values_list("user__handle", flat=True)) == ["jens", "mira"]


def test_a_role_is_left(incident: Incident, ana: Actor, now: datetime) -> None:
    assign_role(incident, by=ana, now=now, role="scribe", user=ana.user)
    left = leave_role(incident, by=ana, now=now + timedelta(minutes=1), role="scribe", user=ana.user)

    assert left.ended_at == now + timedelta(minutes=1)
    assert texts(incident)[-1] == "@ana is no longer scribe"
    with pytest.raises(WrongState, match="@ana is not scribe here"):
        leave_role(incident, by=ana, now=now, role="scribe", user=ana.user)


def test_an_unknown_role_or_somebody_who_left_is_refused(incident: Incident, ana: Actor, now: datetime) -> None:
    gone = UserFactory(handle="gone", is_active=False)
    with pytest.raises(InvalidInput, match="this ladder has: commander, deputy, comms, scribe, investigator"):
        assign_role(incident, by=ana, now=now, role="king", user=ana.user)
    with pytest.raises(InvalidInput, match="@gone is no longer here"):
        assign_role(incident, by=ana, now=now, role="scribe", user=gone)

    assert RoleAssignment.objects.count() == 0


def test_an_assignment_that_breaks_half_way_leaves_the_former_holder(
    incident: Incident, ana: Actor, jens: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assign_role(incident, by=ana, now=now, role="commander", user=ana.user)

    def fail(*_: object, **__: object) -> None:
        raise IntegrityError("the disk is full")

    monkeypatch.setattr(role_actions, "tell_holder", fail)
    with pytest.raises(IntegrityError):
        assign_role(incident, by=ana, now=now, role="commander", user=jens, takes_from=ana.user)

    assert incident.role_assignments.get(ended_at__isnull=True).user == ana.user


def owners(incident: Incident) -> dict[str, str | None]:
    """{what is owed: by whom, by name}."""
    return dict(incident.promises.open().values_list("kind", "owner__handle"))


def test_whoever_takes_command_owes_what_the_one_before_owed(
    incident: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    assign_role(incident, by=ana, now=now, role="commander", user=jens)
    resolve_incident(incident, by=ana, now=now)
    assert owners(incident) == {"watch": "jens", "postmortem": "jens"}

    assign_role(incident, by=ana, now=now, role="commander", user=ana.user, takes_from=jens)

    assert owners(incident) == {"watch": "ana", "postmortem": "ana"}


def test_what_was_owed_by_who_left_waits_for_the_next_in_the_role(
    incident: Incident, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    DutyFactory(level=incident.level, kind=PromiseKind.CUSTOMER_EMAIL, within="24 h", owed_by="comms")
    assign_role(incident, by=ana, now=now, role="commander", user=ana.user)
    assign_role(incident, by=ana, now=now, role="comms", user=jens)
    resolve_incident(incident, by=ana, now=now)
    assert owners(incident) == {"watch": "ana", "postmortem": "ana", "customer_email": "jens"}

    leave_role(incident, by=ana, now=now, role="comms", user=jens)
    assert owners(incident)["customer_email"] == "jens"
    assign_role(incident, by=ana, now=now, role="comms", user=mira)

    assert owners(incident) == {"watch": "ana", "postmortem": "ana", "customer_email": "mira"}


def test_what_the_commander_owes_for_an_empty_role_goes_to_who_fills_it(
    incident: Incident, ana: Actor, jens: User, mira: User, now: datetime
) -> None:
    DutyFactory(level=incident.level, kind=PromiseKind.CUSTOMER_EMAIL, within="24 h", owed_by="comms")
    assign_role(incident, by=ana, now=now, role="commander", user=ana.user)
    resolve_incident(incident, by=ana, now=now)
    assert owners(incident)["customer_email"] == "ana"
    assign_role(incident, by=ana, now=now, role="commander", user=jens, takes_from=ana.user)
    assert owners(incident)["customer_email"] == "jens"

    assign_role(incident, by=ana, now=now, role="comms", user=mira)

    assert owners(incident) == {"watch": "jens", "postmortem": "jens", "customer_email": "mira"}
