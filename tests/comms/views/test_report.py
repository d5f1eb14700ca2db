"""Twilio says by a signed post what became of a message."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from comms.enums import Report
from comms.models import Delivery, Message
from tests.comms.transports.envelopes import KEY
from tests.comms.transports.twilio.account import TOKEN, signature_of
from tests.factories.comms import DeliveryFactory, MessageFactory

pytestmark = pytest.mark.django_db
URL = "https://muster.example.org"


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
