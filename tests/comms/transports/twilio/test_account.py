"""Whether a request comes from our account at Twilio."""

import pytest
from django.test import RequestFactory

from comms.transports.twilio.account import is_signed
from tests.comms.transports.twilio.account import TOKEN, signature_of

FORM = {"From": "+491701234567", "Body": "ack ✓", "MessageSid": "SM1"}
ADDRESS = "https://muster.example.org/in/twilio/sms/?x=1"


@pytest.fixture(autouse=True)
def account(settings):
    settings.MUSTER_URL, settings.TWILIO_AUTH_TOKEN = "https://muster.example.org", TOKEN


def request_with(signature: str, form: dict[str, str] = FORM, path: str = "/in/twilio/sms/?x=1"):
    return RequestFactory().post(path, form, headers={"X-Twilio-Signature": signature})


def test_the_signature_of_our_account_over_the_public_address_is_known():
    assert is_signed(request_with(signature_of(ADDRESS, FORM)))


@pytest.mark.parametrize(
    "signature",
    ["", "nonsense", "ü", signature_of(ADDRESS, FORM, "another token"), signature_of(ADDRESS, {**FORM, "Body": "no"})],
)
def test_any_other_signature_is_not(signature):
    assert not is_signed(request_with(signature))


def test_what_was_signed_for_another_address_is_not():
    assert not is_signed(request_with(signature_of(ADDRESS, FORM), path="/in/twilio/sms/?x=2"))
    assert not is_signed(request_with(signature_of(ADDRESS.replace("https", "http"), FORM)))


def test_without_an_account_nothing_is_signed(settings):
    settings.TWILIO_AUTH_TOKEN = ""

    assert not is_signed(request_with(signature_of(ADDRESS, FORM, "")))
