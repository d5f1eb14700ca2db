"""Whoever answers by the signed link is told there what they own, without a sign-in."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.enums import Via
from accounts.models import User
from escalation.actions.page import acknowledge_page
from escalation.links import sign_answer
from escalation.models import Page
from incidents.actions.declare import declare_incident
from incidents.models import Incident
from tests.factories import NOW
from tests.factories.accounts import ActorFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.incidents import level_of, make_ladder

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def jens() -> User:
    return ReachableUserFactory(handle="jens")


@pytest.fixture
def incident(jens: User) -> Incident:
    """It rings jens, and rang him alone."""
    level = level_of(make_ladder(jens), "SEV2")
    return declare_incident(by=ActorFactory(), now=NOW, level=level, summary="Pipeline blocks spiking")


def address(incident: Incident, user: User, page: Page | None = None) -> str:
    """Where the hole of the link's page leads."""
    token = sign_answer(page or Page.objects.get(subject_key=incident.subject_key), user)
    return reverse("incidents:incident-answered", args=[incident.reference, token])


@time_machine.travel(LATER, tick=False)
def test_whoever_became_commander_is_told_so_where_they_answered(
    client: Client, incident: Incident, jens: User
) -> None:
    page = Page.objects.get()
    acknowledge_page(page, by=Actor(user=jens, via=Via.LINK), now=LATER)
    link = reverse("escalation:answer-link", args=[sign_answer(page, jens)])

    assert address(incident, jens) in client.get(link).content.decode()
    told = client.get(address(incident, jens)).content.decode()
    assert "You command this incident." in told
    assert "To pass it on, open the room" in told


@time_machine.travel(LATER, tick=False)
def test_before_anybody_commands_it_says_so(client: Client, incident: Incident, jens: User) -> None:
    assert "Nobody commands yet." in client.get(address(incident, jens)).content.decode()


@time_machine.travel(LATER, tick=False)
def test_htmx_receives_the_part_alone(client: Client, incident: Incident, jens: User) -> None:
    part = client.get(address(incident, jens), headers={"HX-Request": "true"}).content.decode()

    assert part.strip().startswith('<div id="answered-now">')


@time_machine.travel(LATER, tick=False)
def test_the_link_of_another_incident_or_none_tells_nothing(client: Client, incident: Incident, jens: User) -> None:
    other = declare_incident(by=ActorFactory(), now=NOW, level=incident.level, summary="Something secret")
    mine = Page.objects.get(subject_key=incident.subject_key)

    for link in (
        address(other, jens, mine),
        reverse("incidents:incident-answered", args=[other.reference, "made-up"]),
        reverse("incidents:incident-answered", args=["INC-1", sign_answer(mine, jens)]),
    ):
        answer = client.get(link)
        assert answer.status_code == 404
        assert "secret" not in answer.content.decode()


@time_machine.travel(NOW + timedelta(hours=24), tick=False)
def test_an_ended_link_tells_nothing(client: Client, incident: Incident, jens: User) -> None:
    answer = client.get(address(incident, jens))

    assert answer.status_code == 404
    assert "ended 24 hours after" in answer.content.decode()


@time_machine.travel(LATER, tick=False)
def test_the_door_only_reads(client: Client, incident: Incident, jens: User) -> None:
    assert client.post(address(incident, jens)).status_code == 405
