"""What I owe: my rows of every room, what rings me, what I hold, when I am on call."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture

from accounts.models import User
from incidents.enums import IncidentStatus, PromiseKind, RoleKind
from incidents.models import Incident
from incidents.queries.me import mine, owed_of
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import OverrideFactory, PageAttemptFactory, PageFactory, RotationFactory
from tests.factories.incidents import IncidentFactory, LevelFactory, PromiseFactory, RoleAssignmentFactory

LATER = NOW + timedelta(hours=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return UserFactory(handle="ana")


@pytest.fixture
def commanded(ana: User) -> Incident:
    """Ana commands; an update is owed by the commander, and another thing by the deputy, whom nobody is."""
    incident = IncidentFactory(summary="Blocks")
    RoleAssignmentFactory(incident=incident, user=ana)
    PromiseFactory(incident=incident, owed_by="commander", subject="Update", due_at=NOW - timedelta(minutes=1))
    PromiseFactory(
        incident=incident,
        owed_by="deputy",
        subject="Stand in",
        kind=PromiseKind.RESPOND,
        due_at=NOW + timedelta(hours=1),
    )
    return incident


def whats(user: User) -> list[str]:
    return [one.row.what for one in owed_of(user, NOW)]


def test_i_owe_what_my_roles_owe_and_as_commander_what_nobody_holds(ana: User, commanded: Incident) -> None:
    assert whats(ana) == ["Update", "Stand in"]

    deputy = RoleAssignmentFactory(incident=commanded, kind=RoleKind.DEPUTY).user
    assert (whats(ana), whats(deputy)) == (["Update"], ["Stand in"])


def test_what_is_owed_by_name_is_mine_also_after_the_fire_and_nobody_elses(ana: User) -> None:
    over = IncidentFactory(closed=True)
    commander = RoleAssignmentFactory(incident=over, ended_at=over.closed_at).user
    PromiseFactory(
        incident=over, kind=PromiseKind.ACTION_ITEM, subject="Mend it", owner=ana, link="/postmortems/x/", due_at=NOW
    )
    PromiseFactory(incident=over, kind=PromiseKind.POSTMORTEM, subject="Postmortem", owed_by="commander", due_at=NOW)

    assert [(one.row.what, one.url) for one in owed_of(ana, NOW)] == [("Mend it", "/postmortems/x/")]
    assert [(one.row.what, one.url) for one in owed_of(commander, NOW)] == [("Postmortem", over.get_absolute_url())]


def test_a_page_that_rings_me_is_owed_by_me_alone(ana: User) -> None:
    incident = IncidentFactory()
    page = PageFactory(subject_key=incident.subject_key, group="primary")
    PageAttemptFactory(page=page, user=ana)

    assert whats(ana) == ["Acknowledge: primary"]
    assert whats(UserFactory()) == []


def test_the_page_leads_to_each_form(client: Client, ana: User, commanded: Incident, time_machine: TimeMachineFixture):
    time_machine.move_to(NOW, tick=False)
    client.force_login(ana)

    content = client.get(reverse("incidents:me-detail")).content.decode()

    assert f'href="{commanded.get_absolute_url()}?panel=update#room-panel"' in content
    assert [words in content for words in ("Update · 1 min late", "Commander</b>", "You are not on call.")] == [
        True
    ] * 3


def test_whoever_owes_nothing_is_told_so(client: Client, ana: User) -> None:
    client.force_login(ana)

    content = client.get("/me/").content.decode()

    assert ("You owe nothing." in content, "None." in content) == (True, True)


def test_what_is_private_to_others_stays_so_and_an_insider_sees_it(ana: User) -> None:
    liv = UserFactory(handle="liv")
    secret = IncidentFactory(private_to=[liv])
    for user in (ana, liv):
        RoleAssignmentFactory(incident=secret, user=user, kind=RoleKind.INVESTIGATOR)
        PromiseFactory(incident=secret, kind=PromiseKind.HANDOVER, subject_key=user.handle, owner=user, subject="Look")

    assert (whats(ana), mine(ana, NOW).roles) == ([], [])
    assert (whats(liv), len(mine(liv, NOW).roles)) == (["Look"], 1)


def test_it_takes_the_same_number_of_queries_for_one_and_for_three(
    ana: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def burn() -> None:
        incident = IncidentFactory(level=LevelFactory(), status=IncidentStatus.IDENTIFIED)
        RoleAssignmentFactory(incident=incident, user=ana)
        PromiseFactory(incident=incident)
        PromiseFactory(incident=IncidentFactory(closed=True), kind=PromiseKind.ACTION_ITEM, owner=ana)
        PageAttemptFactory(page=PageFactory(subject_key=incident.subject_key), user=ana)
        OverrideFactory(schedule=RotationFactory(people=[ana]).schedule, user=ana)
        mine(ana, NOW)  # which reads their policies

    burn()
    with django_assert_num_queries(12):
        assert len(mine(ana, NOW).owed) == 3
    burn()
    burn()
    with django_assert_num_queries(12):
        assert len(mine(ana, NOW).owed) == 9
