"""Why somebody was told, or not, in the browser."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertRedirects

from tests.escalation.story import start
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import make_policy
from tests.factories.incidents import IncidentFactory

pytestmark = pytest.mark.django_db


def test_from_the_story_of_a_page_to_the_answer_about_one_person(client: Client) -> None:
    ana = ReachableUserFactory(handle="ana")
    UserFactory(handle="eva")
    page = start(policy=make_policy(ana))
    client.force_login(UserFactory(viewer=True))
    chooser = reverse("escalation:why-list", args=[page.ref])
    answer = reverse("escalation:why-detail", args=[page.ref, "ana"])

    assert f'href="{chooser}"' in client.get(page.get_absolute_url()).content.decode()
    assert f'href="{answer}"' in client.get(chooser).content.decode()
    assert "Not yet: @ana was rung at" in client.get(answer).content.decode()
    assertRedirects(client.get(chooser, {"who": "@Eva"}), reverse("escalation:why-detail", args=[page.ref, "eva"]))


def test_whom_nobody_knows_is_said(client: Client) -> None:
    page = start(policy=make_policy(ReachableUserFactory()))
    client.force_login(UserFactory())

    answer = client.get(reverse("escalation:why-list", args=[page.ref]), {"who": "nobody"})

    assert (answer.status_code, "Nobody here is called @nobody." in answer.content.decode()) == (404, True)
    assert client.get(reverse("escalation:why-detail", args=[page.ref, "nobody"])).status_code == 404


def test_an_outsider_of_a_private_page_finds_no_answer(client: Client) -> None:
    ana = ReachableUserFactory(handle="ana")
    page = start(policy=make_policy(ana), audience=AudienceFactory(members=[ana]))
    client.force_login(UserFactory(admin=True))

    for name, args in (("why-list", [page.ref]), ("why-detail", [page.ref, "ana"])):
        assert client.get(reverse(f"escalation:{name}", args=args)).status_code == 404


def test_the_room_leads_to_the_answers_about_each_of_its_pages(client: Client) -> None:
    ana, incident = ReachableUserFactory(handle="ana"), IncidentFactory()
    page = start(policy=make_policy(ana), subject_key=incident.subject_key, link=incident.get_absolute_url())
    client.force_login(ana)

    shown = client.get(incident.get_absolute_url()).content.decode()

    assert f'href="{reverse("escalation:why-list", args=[page.ref])}"' in shown
