"""A page on the phone: spoken twice, answered by a key, and only for Twilio's own signature."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.enums import Via
from accounts.models import User
from comms.actions.message import strip_messages
from escalation.enums import PageStatus
from escalation.links import sign_answer
from escalation.models import Page
from tests.comms.transports.twilio.account import TOKEN, signature_of
from tests.escalation.story import MINUTE, rung, start
from tests.factories import NOW
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import make_policy

pytestmark = pytest.mark.django_db
URL = "https://muster.example.org"
KEYS = "Press 1 if you are on it, 2 if you cannot, 3 if you will be there in 15 minutes, 9 to hear it again."


@pytest.fixture(autouse=True)
def moment(settings: Any) -> Any:
    settings.MUSTER_URL, settings.TWILIO_AUTH_TOKEN = URL, TOKEN
    with time_machine.travel(NOW + MINUTE, tick=False):
        yield


@pytest.fixture
def ana() -> User:
    return ReachableUserFactory(handle="ana", name="Ana")


@pytest.fixture
def jens() -> User:
    return ReachableUserFactory(handle="jens")


@pytest.fixture
def page(ana: User, jens: User) -> Page:
    return start(policy=make_policy(ana, jens))


@pytest.fixture
def token(page: Page, ana: User) -> str:
    return sign_answer(page, ana)


def ask(door: str, token: str, signature: str = "", **form: str) -> Any:
    """Twilio asks a door about a call."""
    address = reverse(f"escalation:{door}", args=[token])
    form = {"CallSid": "CA1", "CallStatus": "in-progress", **form}
    signature = signature or signature_of(URL + address, form)
    return Client(enforce_csrf_checks=True).post(address, form, headers={"X-Twilio-Signature": signature})


def said(response: Any) -> list[str]:
    """What is spoken, in order."""
    assert response.status_code == 200
    return [str(each.text) for each in ElementTree.fromstring(response.content).iter("Say")]


def test_picking_up_speaks_the_page_twice_and_changes_nothing(page, token):
    response = ask("call-speak", token)

    words = f"Muster rings Ana. SEV2. Pipeline blocks spiking, pipeline {KEYS}"
    assert said(response) == [words, words, "No key was pressed. Goodbye."]
    gather = ElementTree.fromstring(response.content)[0]
    assert gather.get("action") == URL + reverse("escalation:call-key", args=[token])
    assert page.answers.count() == 0


def test_one_acknowledges_and_says_so(page, token, ana):
    response = ask("call-key", token, Digits="1")

    assert said(response) == ["You have it: SEV2. Pipeline blocks spiking, pipeline."]
    answer = page.answers.get()
    assert (answer.user, answer.kind, answer.via) == (ana, "acknowledged", Via.PHONE)


def test_two_rings_the_next_person_and_a_retry_rings_nobody_else(page, token, jens):
    first, second = ask("call-key", token, Digits="2"), ask("call-key", token, Digits="2")

    assert said(first) == said(second) == ["You cannot come: SEV2. Pipeline blocks spiking, pipeline. It rings on."]
    assert rung(page)[1:] == [(1, jens)]


def test_three_is_in_fifteen_minutes(page, token):
    ask("call-key", token, Digits="3")

    assert page.answers.get().arrives_at == NOW + 16 * MINUTE


@pytest.mark.parametrize(
    ("key", "before"), [("9", ""), ("7", "That key means nothing. "), ("", "That key means nothing. ")]
)
def test_nine_and_any_other_key_let_it_be_spoken_again(page, token, key, before):
    spoken = said(ask("call-key", token, Digits=key))

    assert spoken[0].startswith(f"{before}Muster rings Ana.")
    assert page.answers.count() == 0


def test_a_page_that_is_over_says_so_and_wants_no_key(page, token):
    Page.objects.update(status=PageStatus.STOPPED, wake_at=None, stopped_at=NOW, stop_reason="it was resolved")

    assert said(ask("call-speak", token)) == [
        "This page is over: it was resolved. SEV2. Pipeline blocks spiking, pipeline"
    ]
    assert said(ask("call-key", token, Digits="1")) == [
        "This page was stopped (it was resolved); nothing was changed."
    ]


def test_of_what_is_discreet_no_words_are_spoken(page, token):
    strip_messages(now=NOW, subject_key=page.subject_key)

    assert said(ask("call-speak", token))[0] == f"Muster rings Ana. SEV2. something private {KEYS}"


def test_a_link_that_has_ended_is_told_so(page, token):
    with time_machine.travel(NOW + timedelta(hours=24), tick=False):
        (sentence,) = said(ask("call-key", token, Digits="1"))

    assert sentence.startswith("This link ended 24 hours after the page began.")
    assert page.answers.count() == 0


@pytest.mark.parametrize("door", ["call-speak", "call-key"])
def test_a_wrong_signature_hears_nothing_and_changes_nothing(page, token, door):
    response = ask(door, token, signature="nonsense", Digits="1")

    assert response.status_code == 403
    assert "Pipeline" not in response.content.decode()
    assert page.answers.count() == 0
    assert Client().get(reverse(f"escalation:{door}", args=[token])).status_code == 405
