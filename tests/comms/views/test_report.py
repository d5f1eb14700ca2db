"""A provider says what became of a message: Twilio by a signed post, another gateway by a secret."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from comms.actions.delivery import deliver_due
from comms.actions.message import queue_message
from comms.enums import MessageKind, Report, Transport, Urgency
from comms.models import Delivery, Message
from tests.comms.transports.envelopes import KEY
from tests.comms.transports.gateway import FakeGateway, serve
from tests.comms.transports.twilio.account import TOKEN, signature_of
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ContactPointFactory, ContactRuleFactory, DeliveryFactory, MessageFactory

pytestmark = pytest.mark.django_db
URL = "https://muster.example.org"
SOON = timedelta(seconds=20)


@pytest.fixture
def message(settings: Any) -> Message:
    settings.MUSTER_URL, settings.TWILIO_AUTH_TOKEN = URL, TOKEN
    return DeliveryFactory(message=MessageFactory(sent=True), their_key="SM1").message


def post(key: object, status: str, signature: str = "") -> int:
    """The status of the answer to a report."""
    address = reverse("comms:delivery-report", args=[key])
    form = {"MessageSid": "SM1", "MessageStatus": status}
    signature = signature or signature_of(URL + address, form)
    client = Client(enforce_csrf_checks=True)
    return client.post(address, form, headers={"X-Twilio-Signature": signature}).status_code


def test_a_signed_report_is_noted(message):
    assert post(message.key, "undelivered") == 204
    assert Delivery.objects.get().report == Report.FAILED


def test_an_unsigned_report_changes_nothing(message):
    assert post(message.key, "undelivered", signature="nonsense") == 403
    assert Delivery.objects.get().report == ""


def test_a_status_that_nobody_knows_changes_nothing_and_a_message_that_is_none_is_not_found(message):
    assert (post(message.key, "teleported"), post(KEY, "sent")) == (204, 404)
    assert Delivery.objects.get().report == ""


# --- any other gateway -----------------------------------------------------------------------------------------------
@pytest.fixture
def gateway(httpserver: Any, settings: Any) -> FakeGateway:
    return serve(httpserver, settings)


@pytest.fixture
def text(gateway: FakeGateway, hook: str) -> Message:
    """A text to ana that the gateway took at NOW; two minutes later a webhook would be told."""
    ana = UserFactory()
    for transport, address, after in ((Transport.GATEWAY, "+491701234567", 0), (Transport.WEBHOOK, hook, 120)):
        point = ContactPointFactory(user=ana, transport=transport, address=address)
        ContactRuleFactory(contact_point=point, after_seconds=after)
    told = {"kind": MessageKind.PAGE, "subject": "x", "to": ana, "urgency": Urgency.URGENT, "dedup_key": "page:1"}
    text, _ = queue_message(now=NOW, **told)
    assert deliver_due(now=NOW) == 1
    return text


def reports() -> list[tuple[str, str]]:
    return list(Delivery.objects.order_by("pk").values_list("report", "report_detail"))


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("named_by", ["key", "id"])
def test_a_text_that_did_not_arrive_lets_the_next_channel_leave_at_once(gateway, text, httpserver, named_by, as_json):
    name = {"key": gateway.taken[0]["key"], "id": "gw-1"}[named_by]
    with time_machine.travel(NOW + SOON, tick=False):
        answered = gateway.report(as_json=as_json, status="undelivered", error_code="27", **{named_by: name})
    sent = deliver_due(now=NOW + SOON)

    assert (answered.status_code, reports()[0]) == (204, (Report.FAILED, "undelivered (27)"))
    assert (sent, [request.path for request, _ in httpserver.log]) == (1, ["/sms", "/hook"])


def test_a_text_that_arrived_moves_nothing_and_a_late_failure_changes_that_no_more(gateway, text):
    for status in ("delivered", "failed"):
        assert gateway.report(id="gw-1", status=status).status_code == 204

    assert (reports(), deliver_due(now=NOW + SOON)) == ([(Report.ARRIVED, "delivered")], 0)


@pytest.mark.parametrize("secret", ["", "another"])
def test_without_the_secret_nothing_is_taken(gateway, text, settings, secret):
    settings.SMS_GATEWAY_REPORT_SECRET = secret

    assert gateway.report(id="gw-1", status="failed").status_code == 403
    assert reports() == [("", "")]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"id": "gw-9", "status": "failed"}, 404),
        ({"key": str(KEY), "status": "failed"}, 404),
        ({"id": "gw-1"}, 422),
        ({"status": "failed"}, 422),
    ],
)
def test_what_is_about_no_text_of_ours_changes_nothing(gateway, text, fields, status):
    assert (gateway.report(**fields).status_code, reports()) == (status, [("", "")])


def test_a_gateway_says_nothing_about_what_left_by_another_way(gateway, message):
    by_key = gateway.report(key=str(message.key), status="failed")
    by_id = gateway.report(id="SM1", status="failed")

    assert (by_key.status_code, by_id.status_code, reports()) == (404, 404, [("", "")])
