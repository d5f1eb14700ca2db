"""The doors for answers from outside: a signature or a secret opens them, and they say what became of it."""

import io
import json
import sys
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
import time_machine
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from accounts.actor import MUSTER
from accounts.models import User
from comms.enums import Transport
from escalation.enums import IncomingOutcome
from escalation.management.commands import mail as mail_command
from escalation.models import IncomingAnswer, Page
from incidents.actions.declare import declare_incident
from tests.comms.transports.twilio.account import TOKEN, signature_of
from tests.escalation.story import MINUTE, start
from tests.factories import NOW
from tests.factories.comms import ContactPointFactory, ReachableUserFactory
from tests.factories.escalation import make_policy
from tests.factories.incidents import level_of, make_ladder

pytestmark = pytest.mark.django_db
NUMBER = "+491701234567"
URL = "https://muster.example.org"


@pytest.fixture(autouse=True)
def doors(settings: Any) -> Any:
    settings.MUSTER_URL, settings.TWILIO_AUTH_TOKEN = URL, TOKEN
    settings.SMS_GATEWAY_INCOMING_SECRET, settings.MAIL_INCOMING_SECRET = "open-sms", "open-mail"
    with time_machine.travel(NOW + MINUTE, tick=False):
        yield


@pytest.fixture
def ana() -> User:
    user: User = ReachableUserFactory(handle="ana")
    ContactPointFactory(user=user, transport=Transport.SMS, address=NUMBER)
    return user


@pytest.fixture
def page(ana: User) -> Page:
    return start(policy=make_policy(ana, ReachableUserFactory(handle="jens")))


@pytest.fixture
def strict() -> Client:
    """A caller without any cookie, checked as a browser would be."""
    return Client(enforce_csrf_checks=True)


def by_twilio(client: Client, body: str, signature: str = "", **form: str) -> Any:
    form = {"MessageSid": "SM1", "From": NUMBER, "To": "+4915735980000", "Body": body, **form}
    address = reverse("escalation:incoming-sms")
    signature = signature or signature_of(URL + address, form)
    return client.post(address, form, headers={"X-Twilio-Signature": signature})


def texted(response: Any) -> list[str]:
    """What the TwiML texts back."""
    assert response["Content-Type"].startswith("text/xml")
    return [str(each.text) for each in ElementTree.fromstring(response.content).iter("Message")]


def test_a_signed_text_answers_and_a_whole_sentence_is_texted_back(strict, page, ana):
    response = by_twilio(strict, "ack")

    assert texted(response) == ["You have it: [SEV2] Pipeline blocks spiking - pipeline."]
    assert page.answers.get().user == ana


def test_whoever_becomes_commander_is_told_so_in_the_text_and_how_to_pass_it_on(strict, ana):
    declare_incident(by=MUSTER, now=NOW, level=level_of(make_ladder(ana), "SEV2"), summary="Pipeline blocks spiking")

    (told,) = texted(by_twilio(strict, "ack"))

    assert told.startswith("You have it: [SEV2] Pipeline blocks spiking")
    assert told.endswith(
        "You command this incident. To pass it on, open the room and choose another person under Roles."
    )


def test_a_retry_of_twilio_changes_nothing_and_hears_the_same(strict, page):
    first, second = by_twilio(strict, "no"), by_twilio(strict, "no")

    assert first.content == second.content
    assert (IncomingAnswer.objects.count(), page.attempts.count()) == (1, 2)


def test_a_wrong_signature_answers_nothing_and_keeps_nothing(strict, page):
    response = by_twilio(strict, "ack", signature="nonsense")

    assert response.status_code == 403
    assert (IncomingAnswer.objects.count(), page.answers.count()) == (0, 0)
    assert strict.get(reverse("escalation:incoming-sms")).status_code == 405


def test_stop_is_kept_and_answered_by_twilio_alone(strict, page):
    response = by_twilio(strict, "STOP", OptOutType="STOP")

    assert texted(response) == []
    assert IncomingAnswer.objects.get().outcome == IncomingOutcome.IGNORED


# --- any other gateway -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("how", [{}, {"content_type": "application/json"}])
def test_a_gateway_posts_a_form_or_json(strict, page, ana, how):
    address = reverse("escalation:incoming-text", args=["open-sms"])

    response = strict.post(address, {"from": "491701234567", "text": "15", "id": "m1"}, **how)

    assert response.json()["reply"].startswith("You have it: [SEV2] Pipeline blocks spiking · pipeline. You will be")
    assert page.answers.get().user == ana


def test_a_gateway_without_the_secret_or_without_words_is_refused(strict, page, settings):
    wrong = strict.post(reverse("escalation:incoming-text", args=["open-mail"]), {"from": NUMBER, "text": "ack"})
    empty = strict.post(reverse("escalation:incoming-text", args=["open-sms"]), {"from": NUMBER})

    assert (wrong.status_code, empty.status_code) == (403, 422)
    settings.SMS_GATEWAY_INCOMING_SECRET = ""
    assert strict.post("/in/sms/x/", {"from": NUMBER, "text": "ack"}).status_code == 403
    assert page.answers.count() == 0


# --- mail ------------------------------------------------------------------------------------------------------------
def raw_mail(page: Page, words: str = "ack", **headers: str) -> bytes:
    known = {"From": "Ana <ana@example.org>", "Subject": f"Re: x · Code {page.ref.upper()}", "Message-ID": "<1@x>"}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in (known | headers).items()]
    return "\r\n".join([*lines, "Content-Type: text/plain; charset=utf-8", "", words, "> quoted"]).encode()


def post_mail(client: Client, raw: bytes, secret: str = "open-mail") -> Any:
    address = reverse("escalation:incoming-mail", args=[secret])
    return client.post(address, raw, content_type="message/rfc822")


def test_a_posted_mail_answers_its_page(strict, page, ana):
    response = post_mail(strict, raw_mail(page))

    assert response.json() == {"outcome": "answered"}
    assert page.answers.get().user == ana


@pytest.mark.parametrize("field", ["email", "body-mime"])
def test_a_provider_may_post_the_mail_in_a_field(strict, page, ana, field):
    response = strict.post("/in/mail/open-mail/", {"from": "x", field: raw_mail(page).decode()})

    assert response.json() == {"outcome": "answered"}
    assert page.answers.get().user == ana


def test_a_post_without_a_mail_is_kept_as_one_of_nobody(strict, page):
    assert strict.post("/in/mail/open-mail/", {"from": "x"}).json() == {"outcome": "unknown"}
    assert page.answers.count() == 0


def test_a_mail_with_megabytes_behind_its_words_is_taken(strict, page):
    assert post_mail(strict, raw_mail(page) + b"\r\n" + b"x" * 3_000_000).json() == {"outcome": "answered"}


def test_an_autoreply_answers_nothing_and_a_wrong_secret_is_refused(strict, page):
    assert post_mail(strict, raw_mail(page, Auto_Submitted="auto-replied")).json() == {"outcome": "ignored"}
    assert post_mail(strict, raw_mail(page), "open-sms").status_code == 403
    assert page.answers.count() == 0


def receive(raw: bytes, monkeypatch: pytest.MonkeyPatch) -> str:
    """What `manage.py mail receive` says to this mail on its standard input."""
    said = io.StringIO()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    call_command("mail", "receive", stdout=said, stderr=said)
    return said.getvalue()


def test_a_piped_mail_answers_its_page(page, ana, monkeypatch):
    assert receive(raw_mail(page), monkeypatch) == "Answered a page.\n"
    assert page.answers.get().user == ana


def test_a_mail_that_cannot_be_kept_is_left_with_the_mail_server(page, monkeypatch):
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(mail_command, "take_mail", away)

    with pytest.raises(SystemExit) as ending:
        receive(raw_mail(page), monkeypatch)

    assert ending.value.code == 75


# --- what it leaves --------------------------------------------------------------------------------------------------
def test_what_came_in_stands_in_the_story_of_its_page(strict, page, ana, client):
    by_twilio(strict, "ack")
    client.force_login(ana)

    shown = client.get(page.get_absolute_url()).content.decode()

    assert "<strong>@ana</strong> by SMS: “ack”" in shown
    assert "Answered a page. You have it: [SEV2]" in shown


def test_json_that_is_none_is_no_text(strict):
    address = reverse("escalation:incoming-text", args=["open-sms"])

    assert strict.post(address, json.dumps([]), content_type="application/json").status_code == 422
