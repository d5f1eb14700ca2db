"""“I am awake” where it is pressed."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertRedirects

from accounts.models import User
from comms.queries.awake import awake_span
from escalation.links import sign_answer
from tests.escalation.story import start
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.incidents import IncidentFactory

pytestmark = [pytest.mark.django_db]
UNTIL = NOW + timedelta(hours=2)


@pytest.fixture
def ana(client: Client) -> User:
    user = ReachableUserFactory(handle="ana")
    client.force_login(user)
    return user


@time_machine.travel(NOW, tick=False)
def test_on_my_pages_it_is_said_shown_and_taken_back(client: Client, ana: User) -> None:
    address = reverse("escalation:page-list")
    assert "I am awake" in client.get(address).content.decode()

    assertRedirects(client.post(reverse("escalation:awake-begin"), {"next": address}), address)
    span = awake_span(ana, NOW)
    assert span is not None
    assert span.ends_at == UNTIL
    assert "You are awake until <time" in client.get(address).content.decode()

    assertRedirects(client.post(reverse("escalation:awake-end"), {"next": "https://elsewhere.example/"}), address)
    assert awake_span(ana, NOW) is None


@time_machine.travel(NOW, tick=False)
def test_in_the_room_it_is_offered_to_whom_it_rang(client: Client, ana: User) -> None:
    incident = IncidentFactory()
    room = incident.get_absolute_url()
    assert "I am awake" not in client.get(room).content.decode()

    start(people=[ana], subject_key=incident.subject_key, link=room)

    assert "I am awake" in client.get(room).content.decode()
    assertRedirects(client.post(reverse("escalation:awake-begin"), {"next": room}), room)
    assert "You are awake until" in client.get(room).content.decode()


@time_machine.travel(NOW, tick=False)
def test_behind_the_signed_link_it_needs_no_sign_in_and_is_for_the_person_of_the_link() -> None:
    ana = ReachableUserFactory()
    token = sign_answer(start(people=[ana]), ana)
    client, link = Client(enforce_csrf_checks=True), reverse("escalation:answer-link", args=[token])
    press = reverse("escalation:awake-link", args=[token])
    assert "I am awake" in client.get(link).content.decode()

    assertRedirects(client.post(press), link)
    assert awake_span(ana, NOW) is not None
    assert "You are awake until" in client.get(link).content.decode()

    client.post(press, {"end": "1"})
    assert awake_span(ana, NOW) is None


@time_machine.travel(NOW, tick=False)
def test_a_link_that_is_none_makes_nobody_awake(client: Client) -> None:
    assert client.post(reverse("escalation:awake-link", args=["nonsense"])).status_code == 404
    assert client.get(reverse("escalation:awake-begin")).status_code == 302


@time_machine.travel(NOW, tick=False)
def test_a_get_makes_nobody_awake(client: Client, ana: User) -> None:
    assert client.get(reverse("escalation:awake-begin")).status_code == 405
    assert awake_span(UserFactory(), NOW) is None
