"""SMS, as Twilio takes and refuses them."""

import pytest

from comms.transports import http
from comms.transports.base import PermanentFailure, Receipt, TemporaryFailure
from comms.transports.twilio import SmsTransport
from tests.comms.transports.envelopes import KEY, envelope
from tests.comms.transports.twilio.account import ACCOUNT, NUMBER, breaches

ANA = "+491701234567"


def send(**changes):
    return SmsTransport().send(envelope(ANA, **changes))


def test_a_page_says_level_summary_and_service_then_how_to_answer_and_the_link(twilio):
    receipt = send(facts={"code": "K7M"})

    assert receipt == Receipt(f"Twilio took it as SM{1:032x} (queued).", their_key=f"SM{1:032x}")
    ((resource, form),) = twilio.taken
    assert (resource, form["To"], form["From"]) == ("Messages", ANA, NUMBER)
    assert form["StatusCallback"] == f"http://127.0.0.1:8000/in/twilio/report/{KEY}/"
    assert form["Body"] == (
        "[SEV2] Pipeline blocks spiking - api\nReply ACK K7M, or NO K7M.\nhttp://127.0.0.1:8000/p/abc/"
    )


def test_what_cannot_be_answered_says_its_body_instead(twilio):
    send(subject="[SEV2] Blocks", body="You command this incident.\nTo pass it on, open the room.")

    ((_, form),) = twilio.taken
    assert form["Body"] == (
        "[SEV2] Blocks\nYou command this incident. To pass it on, open the room.\nhttp://127.0.0.1:8000/p/abc/"
    )


def test_a_messaging_service_takes_the_place_of_the_number(twilio, settings):
    settings.TWILIO_MESSAGING_SERVICE_SID, settings.TWILIO_FROM = "MG" + "0" * 32, ""

    send()

    ((_, form),) = twilio.taken
    assert form["MessagingServiceSid"] == "MG" + "0" * 32
    assert "From" not in form


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (21211, "The 'To' number +491701234567 is not a valid phone number."),
        (21610, "Attempt to send to unsubscribed recipient"),
        (21614, "'To' number is not a valid mobile number"),
    ],
)
def test_a_number_that_can_get_none_is_for_good(twilio, code, words):
    twilio.refuses = (400, code, words)

    with pytest.raises(PermanentFailure) as refusal:
        send()

    assert str(refusal.value) == f"Twilio said 400 {code}: {words}"


@pytest.mark.parametrize(("status", "code"), [(429, 20429), (500, 20500), (503, 20503)])
def test_too_many_and_out_of_order_are_for_now_and_its_wish_is_heard(twilio, status, code):
    twilio.refuses, twilio.headers = (status, code, "Not now"), {"Retry-After": "7"}

    with pytest.raises(TemporaryFailure) as refusal:
        send()

    assert (str(refusal.value), refusal.value.retry_after) == (f"Twilio said {status} {code}: Not now", 7)


def test_a_wrong_key_can_be_mended_so_it_is_for_now(twilio, settings):
    settings.TWILIO_AUTH_TOKEN = "wrong"

    with pytest.raises(TemporaryFailure) as refusal:
        send()

    assert str(refusal.value) == "Twilio said 401 20003: Authenticate"
    assert twilio.taken == []


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"status": "queued"}'])
def test_an_answer_without_a_name_is_none(settings, httpserver, twilio, body):
    settings.TWILIO_API_URL = httpserver.url_for("/proxy")
    httpserver.expect_request(f"/proxy/2010-04-01/Accounts/{ACCOUNT}/Messages.json").respond_with_data(body)

    with pytest.raises(TemporaryFailure, match=r"^Twilio said 200: "):
        send()


def test_a_twilio_that_is_silent_is_for_now(twilio, settings, silent_address, monkeypatch):
    monkeypatch.setattr(http, "ANSWER_TIMEOUT", 0.2)
    settings.TWILIO_API_URL = f"http://{silent_address}"

    with pytest.raises(TemporaryFailure, match=r"^No answer in time \(ReadTimeout\)\.$"):
        send()


def test_a_twilio_that_is_down_is_for_now(twilio, settings, closed_address):
    settings.TWILIO_API_URL = f"http://{closed_address}"

    with pytest.raises(TemporaryFailure, match=r"^It cannot be reached: .*refused"):
        send()


def test_without_an_account_or_a_number_it_says_so(twilio, settings):
    settings.TWILIO_FROM = ""
    with pytest.raises(PermanentFailure, match=r"^No number is set to send from: TWILIO_FROM is empty\.$"):
        send()

    settings.TWILIO_ACCOUNT_SID = ""
    settings.TWILIO_FROM = NUMBER
    with pytest.raises(PermanentFailure, match=r"^No phone account is set: TWILIO_ACCOUNT_SID is empty\.$"):
        send()
    assert twilio.taken == []


def test_what_the_schema_does_not_know_is_seen():
    assert breaches({"code": "20003", "message": None, "status": 401, "more": 1}, "error") == [
        "code: not a integer",
        "message: null",
        "more: not published",
        "more_info: missing",
    ]
