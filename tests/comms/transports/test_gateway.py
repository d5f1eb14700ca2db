"""SMS by any provider that takes one request."""

import json
from urllib.parse import parse_qs

import pytest

from comms.transports import http
from comms.transports.base import PermanentFailure, Receipt, TemporaryFailure
from comms.transports.gateway import GatewayTransport
from tests.comms.transports.envelopes import KEY, envelope

ANA = "+491701234567"
WORDS = 'Disk "data" is full & slow - api\nhttp://127.0.0.1:8000/p/abc/'


def send(**changes):
    told = {"subject": "Disk “data” is full & slow · api", "body": ""}
    return GatewayTransport().send(envelope(ANA, **told, **changes))


@pytest.fixture
def gateway(httpserver, settings):
    settings.SMS_GATEWAY_URL = httpserver.url_for("/sms")
    return httpserver


def test_by_itself_it_posts_json(gateway):
    gateway.expect_request("/sms", method="POST").respond_with_data("", status=202)

    assert send() == Receipt("HTTP 202")

    ((request, _),) = gateway.log
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.get_data()) == {"to": ANA, "text": WORDS, "key": str(KEY)}


@pytest.mark.parametrize(("secret", "hint"), [("open", "\nReply ACK K7M, or NO K7M.\n"), ("", "\n")])
def test_nobody_is_told_to_reply_where_no_reply_comes_back(gateway, settings, secret, hint):
    settings.SMS_GATEWAY_INCOMING_SECRET = secret
    gateway.expect_request("/sms", method="POST").respond_with_data("ok")

    send(facts={"code": "K7M"})

    ((request, _),) = gateway.log
    assert json.loads(request.get_data())["text"] == hint.join(WORDS.split("\n"))


def test_a_form_and_headers_are_filled_as_each_place_demands(gateway, settings):
    settings.SMS_GATEWAY_HEADERS = json.dumps(
        {"Content-Type": "application/x-www-form-urlencoded", "Authorization": "Bearer s3", "Idempotency-Key": "{key}"}
    )
    settings.SMS_GATEWAY_BODY = "recipient={to}&message={text}"
    gateway.expect_request("/sms", method="POST").respond_with_data("ok")

    send()

    ((request, _),) = gateway.log
    assert parse_qs(request.get_data(as_text=True)) == {"recipient": [ANA], "message": [WORDS]}
    assert (request.headers["Authorization"], request.headers["Idempotency-Key"]) == ("Bearer s3", str(KEY))


def test_a_get_has_everything_in_its_address(gateway, settings):
    settings.SMS_GATEWAY_METHOD = "get"
    settings.SMS_GATEWAY_URL += "?to={to}&text={text}&id={key}"
    gateway.expect_request("/sms", method="GET").respond_with_data("ok")

    send()

    ((request, _),) = gateway.log
    assert (request.args["to"], request.args["text"], request.args["id"]) == (ANA, WORDS, str(KEY))
    assert request.get_data() == b""


def test_a_repeat_carries_the_same_key(gateway):
    gateway.expect_request("/sms").respond_with_data("ok")

    send()
    send()

    assert [json.loads(request.get_data())["key"] for request, _ in gateway.log] == [str(KEY)] * 2


@pytest.mark.parametrize(
    ("answer", "values", "outcome"),
    [
        ({"messages": [{"status": "0"}]}, "0", "HTTP 200, messages.0.status is 0"),
        ({"messages": [{"status": 0}]}, "0,1", "HTTP 200, messages.0.status is 0"),
        ({"messages": [{"status": True}]}, "true", "HTTP 200, messages.0.status is true"),
    ],
)
def test_what_the_provider_says_in_json_counts(gateway, settings, answer, values, outcome):
    settings.SMS_GATEWAY_JSON_PATH, settings.SMS_GATEWAY_JSON_VALUES = "messages.0.status", values
    gateway.expect_request("/sms").respond_with_json(answer)

    assert send() == Receipt(outcome)


def test_its_own_name_of_the_text_is_kept(gateway, settings):
    settings.SMS_GATEWAY_ID_PATH = "messages.0.id"
    gateway.expect_request("/sms").respond_with_json({"messages": [{"id": "0A1", "status": "0"}]})
    by_code = send()
    settings.SMS_GATEWAY_JSON_PATH = "messages.0.status"

    assert (by_code, send()) == (
        Receipt("HTTP 200", their_key="0A1"),
        Receipt("HTTP 200, messages.0.status is 0", their_key="0A1"),
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"messages": [{"status": "9"}]}', "HTTP 200, but messages.0.status is 9: "),
        ('{"messages": []}', "HTTP 200, but messages.0.status is missing: "),
        ('{"messages": "none"}', "HTTP 200, but messages.0.status is missing: "),
        ("<html>", "HTTP 200, but messages.0.status is missing: "),
    ],
)
def test_a_refusal_in_json_is_for_good(gateway, settings, body, said):
    settings.SMS_GATEWAY_JSON_PATH, settings.SMS_GATEWAY_JSON_VALUES = "messages.0.status", "0"
    gateway.expect_request("/sms").respond_with_data(body)

    with pytest.raises(PermanentFailure) as refusal:
        send()

    assert str(refusal.value) == said + body


def test_only_the_codes_of_the_settings_count_as_taken(gateway, settings):
    settings.SMS_GATEWAY_STATUSES = "201,202"
    gateway.expect_request("/sms").respond_with_data("seen", status=200)

    with pytest.raises(PermanentFailure, match=r"^HTTP 200: seen$"):
        send()


@pytest.mark.parametrize(
    ("status", "failure"),
    [(429, TemporaryFailure), (503, TemporaryFailure), (401, TemporaryFailure), (400, PermanentFailure)],
)
def test_a_refusal_is_for_now_or_for_good(gateway, status, failure):
    gateway.expect_request("/sms").respond_with_data("no", status=status, headers={"Retry-After": "9"})

    with pytest.raises(failure) as refusal:
        send()

    assert str(refusal.value) == f"HTTP {status}: no"
    assert getattr(refusal.value, "retry_after", 9) == 9


def test_a_gateway_that_is_silent_is_for_now(settings, silent_address, monkeypatch):
    monkeypatch.setattr(http, "ANSWER_TIMEOUT", 0.2)
    settings.SMS_GATEWAY_URL = f"http://{silent_address}/sms"

    with pytest.raises(TemporaryFailure, match=r"^No answer in time"):
        send()


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [("{", "SMS_GATEWAY_HEADERS is not JSON: "), ('["a"]', "SMS_GATEWAY_HEADERS is one JSON object of texts.")],
)
def test_headers_that_cannot_be_read_are_named(gateway, settings, headers, sentence):
    settings.SMS_GATEWAY_HEADERS = headers

    with pytest.raises(PermanentFailure, match=f"^{sentence}"):
        send()


def test_without_a_gateway_it_says_so(settings):
    settings.SMS_GATEWAY_URL = ""

    with pytest.raises(PermanentFailure, match=r"^No gateway is set: SMS_GATEWAY_URL is empty\.$"):
        send()
