"""Webhooks, as a real receiver gets them and as it refuses them."""

import base64
import hashlib
import hmac
import json

import pytest
from werkzeug import Request, Response

from comms.transports import http
from comms.transports.base import PermanentFailure, Receipt, TemporaryFailure
from comms.transports.webhook import WebhookTransport
from tests.comms.transports.envelopes import KEY, envelope
from tests.factories import NOW


def send(address, **changes):
    return WebhookTransport().send(envelope(address, **changes))


def test_it_posts_json_with_the_key_and_the_moment(httpserver):
    httpserver.expect_request("/hook", method="POST").respond_with_data("", status=204)

    receipt = send(httpserver.url_for("/hook"), facts={"level": "SEV2"})

    ((request, _),) = httpserver.log
    assert receipt == Receipt("HTTP 204")
    assert (request.headers["webhook-id"], request.headers["content-type"]) == (str(KEY), "application/json")
    assert request.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert "webhook-signature" not in request.headers
    assert json.loads(request.get_data()) == {
        "type": "page",
        "timestamp": "2026-04-18T12:23:00+00:00",
        "data": {
            "subject": "[SEV2] Pipeline blocks spiking · api",
            "body": "You are paged.",
            "link": "http://127.0.0.1:8000/p/abc/",
            "subject_key": "incident:7",
            "to": "@ana",
            "urgent": True,
            "facts": {"level": "SEV2"},
        },
    }


@pytest.mark.parametrize(
    ("secret", "key"),
    [
        ("whsec_" + base64.b64encode(b"sixteen bytes!!!").decode(), b"sixteen bytes!!!"),
        ("plain words", b"plain words"),
        ("whsec_not base64", b"whsec_not base64"),
    ],
)
def test_with_a_secret_it_is_signed_over_id_moment_and_body(httpserver, secret, key):
    httpserver.expect_request("/hook").respond_with_data("ok")

    send(httpserver.url_for("/hook"), secret=secret)

    ((request, _),) = httpserver.log
    signed = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.get_data()
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_not_now_is_a_temporary_failure_with_the_answer(httpserver, status):
    httpserver.expect_request("/hook").respond_with_data("busy", status=status)

    with pytest.raises(TemporaryFailure) as refusal:
        send(httpserver.url_for("/hook"))

    assert str(refusal.value) == f"HTTP {status}: busy"


@pytest.mark.parametrize(("header", "seconds"), [("120", 120), ("Wed, 21 Oct 2026 07:28:00 GMT", 0), ("²", 0)])
def test_the_wish_of_a_receiver_that_is_too_busy_is_heard(httpserver, header, seconds):
    httpserver.expect_request("/hook").respond_with_data(
        "", status=429, headers={"Retry-After": header.encode("utf-8").decode("latin-1")}
    )

    with pytest.raises(TemporaryFailure) as refusal:
        send(httpserver.url_for("/hook"))

    assert refusal.value.retry_after == seconds


@pytest.mark.parametrize("status", [400, 401, 404, 410, 422])
def test_any_other_refusal_is_for_good(httpserver, status):
    httpserver.expect_request("/hook").respond_with_data("no", status=status)

    with pytest.raises(PermanentFailure) as refusal:
        send(httpserver.url_for("/hook"))

    assert str(refusal.value) == f"HTTP {status}: no"


def test_a_redirect_is_not_followed(httpserver):
    httpserver.expect_request("/hook").respond_with_data("", status=307, headers={"Location": "/elsewhere"})
    httpserver.expect_request("/elsewhere").respond_with_data("ok")

    with pytest.raises(PermanentFailure) as refusal:
        send(httpserver.url_for("/hook"))

    assert str(refusal.value) == "HTTP 307: it has moved to /elsewhere."
    assert [request.path for request, _ in httpserver.log] == ["/hook"]


def test_a_receiver_that_is_down_is_for_now(closed_address):
    with pytest.raises(TemporaryFailure, match=r"^It cannot be reached: .*refused"):
        send(f"http://{closed_address}/hook")


def test_a_receiver_that_is_silent_is_for_now(silent_address, monkeypatch):
    monkeypatch.setattr(http, "ANSWER_TIMEOUT", 0.2)

    with pytest.raises(TemporaryFailure, match=r"^No answer in time \(ReadTimeout\)\.$"):
        send(f"http://{silent_address}/hook")


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/hook", "http://", "http://127.0.0.1:port/"])
def test_what_is_no_address_is_for_good(address):
    with pytest.raises(PermanentFailure, match=r"^The address is none: "):
        send(address)


def test_a_long_refusal_is_not_read_to_its_end(httpserver):
    def answer(request: Request) -> Response:
        return Response(iter([b"x" * 200] * 1000), status=500)

    httpserver.expect_request("/hook").respond_with_handler(answer)

    with pytest.raises(TemporaryFailure) as refusal:
        send(httpserver.url_for("/hook"))

    assert str(refusal.value) == "HTTP 500: " + "x" * 200
