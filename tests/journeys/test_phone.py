"""A phone on the bedside table: a text is answered by a word, what did not arrive is a call, answered by a key."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
import time_machine
from django.test import Client

from accounts.actor import MUSTER
from accounts.enums import Via
from accounts.models import User
from comms.actions.delivery import deliver_due
from comms.enums import Report, Transport, Urgency
from comms.models import Delivery
from escalation.actions.page import advance_due_pages
from escalation.models import Page
from incidents.actions.declare import declare_incident
from incidents.models import Incident
from tests.comms.transports.twilio.account import FakeTwilio, serve, signature_of
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ContactPointFactory, ContactRuleFactory
from tests.factories.incidents import level_of, make_ladder

pytestmark = pytest.mark.django_db
NUMBER = "+491701234567"


@pytest.fixture
def twilio(httpserver: Any, settings: Any) -> FakeTwilio:
    settings.MUSTER_URL = "https://muster.example.org"
    return serve(httpserver, settings)


@pytest.fixture
def jens() -> User:
    """A text at once, a call after two minutes; nothing else."""
    user: User = UserFactory(handle="jens", name="Jens")
    for transport, after in ((Transport.SMS, 0), (Transport.VOICE, 120)):
        point = ContactPointFactory(user=user, transport=transport, address=NUMBER)
        ContactRuleFactory(contact_point=point, chain=Urgency.URGENT, after_seconds=after)
    return user


@pytest.fixture
def incident(twilio: FakeTwilio, jens: User) -> Incident:
    level = level_of(make_ladder(jens), "SEV2")
    return declare_incident(by=MUSTER, now=NOW, level=level, summary="Pipeline blocks spiking")


def tick(now: datetime) -> None:
    """One beat of the engine."""
    advance_due_pages(now=now)
    deliver_due(now=now)


def twilio_asks(address: str, now: datetime, **form: str) -> bytes:
    """Twilio posts to an address of ours that it was given; what it is answered."""
    path = urlsplit(address).path
    signature = signature_of(address, form)
    with time_machine.travel(now, tick=False):
        answer = Client().post(path, form, headers={"X-Twilio-Signature": signature})
    assert answer.status_code in {200, 204}
    return answer.content


def test_a_text_is_answered_by_a_word_and_says_who_commands(twilio, incident, jens):
    tick(NOW)
    ((resource, sent),) = twilio.taken
    page = Page.objects.get()

    code = sent["Body"].split("Reply ACK ")[1].partition(",")[0]
    told = twilio_asks(
        "https://muster.example.org/in/twilio/sms/",
        NOW + timedelta(seconds=40),
        MessageSid="SM" + "f" * 32,
        From=sent["To"],
        Body=f"Ack {code.lower()}",
    ).decode()
    tick(NOW + timedelta(minutes=3))

    assert (resource, sent["To"], code) == ("Messages", NUMBER, page.code)
    assert sent["Body"].startswith(f"{incident.headline}\n")
    assert "You command this incident." in told
    assert (incident.commander, page.answers.get().via) == (jens, Via.SMS)
    assert [resource for resource, _ in twilio.taken] == ["Messages"]  # the call was taken back; who commands was said


def test_a_text_that_did_not_arrive_is_a_call_at_once_and_the_call_is_answered_by_a_key(twilio, incident, jens):
    tick(NOW)
    ((_, text),) = twilio.taken
    soon = NOW + timedelta(seconds=15)

    twilio_asks(text["StatusCallback"], soon, MessageSid=f"SM{1:032x}", MessageStatus="undelivered", ErrorCode="30003")
    tick(soon)

    resource, call = twilio.taken[1]
    assert (resource, call["To"]) == ("Calls", NUMBER)
    spoken = ElementTree.fromstring(twilio_asks(call["Url"], soon, CallSid="CA1", CallStatus="in-progress"))
    assert "Pipeline blocks spiking" in (spoken[0][0].text or "")
    later = soon + timedelta(seconds=20)
    said = twilio_asks(spoken[0].attrib["action"], later, CallSid="CA1", Digits="1").decode()
    assert "You command this incident." in said
    tick(later + timedelta(minutes=3))
    assert len(twilio.taken) == 2  # heard once is enough
    assert (incident.commander, Page.objects.get().answers.get().via) == (jens, Via.PHONE)
    assert list(Delivery.objects.order_by("pk").values_list("transport", "report")) == [
        (Transport.SMS, Report.FAILED),
        (Transport.VOICE, ""),
    ]


def test_a_twilio_that_is_down_is_a_call_at_once_when_it_is_back(twilio, incident, jens):
    twilio.refuses = (503, 20503, "Service unavailable")
    tick(NOW)
    assert twilio.taken == []

    twilio.refuses = None
    tick(NOW + timedelta(seconds=5))

    assert sorted(resource for resource, _ in twilio.taken) == ["Calls", "Messages"]
