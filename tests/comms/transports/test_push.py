"""Pushes, as a push service gets them and as the browser reads them; and as the service refuses them."""

import json
import secrets
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from py_vapid import Vapid02

from comms.transports import push
from comms.transports.base import Gone, PermanentFailure, Receipt, TemporaryFailure
from comms.transports.push import PushTransport
from tests.comms.conftest import free_port
from tests.comms.transports.browser import Browser, b64, unb64
from tests.comms.transports.envelopes import KEY, envelope

OUR_KEY = secrets.token_urlsafe(32)


@pytest.fixture(autouse=True)
def push_key(settings: Any) -> None:
    settings.PUSH_KEY = OUR_KEY


@pytest.fixture
def browser() -> Browser:
    return Browser()


def send(address: str, browser: Browser, **changes: Any) -> Receipt:
    return PushTransport().send(envelope(address, secret=browser.secret, **changes))


def claims_of(request: Any) -> dict[str, Any]:
    """What the VAPID token of a push says, once its signature was found to be ours (RFC 8292, section 3)."""
    scheme, _, rest = request.headers["authorization"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    numbers = Vapid02.from_string(OUR_KEY).public_key.public_numbers()
    assert scheme == "vapid"
    assert unb64(parts["k"]) == b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    signed, _, signature = parts["t"].rpartition(".")
    r, s = unb64(signature)[:32], unb64(signature)[32:]
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(parts["k"]))
    der = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    key.verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
    said: dict[str, Any] = json.loads(unb64(signed.split(".")[1]))
    return said


def test_the_browser_alone_can_read_it(httpserver, browser):
    httpserver.expect_request("/p/1", method="POST").respond_with_data("", status=201)

    receipt = send(httpserver.url_for("/p/1"), browser, facts={"page": "abcd2345"})

    ((request, _),) = httpserver.log
    assert receipt == Receipt("HTTP 201 from the push service.")
    assert browser.read(request) == {
        "title": "[SEV2] Pipeline blocks spiking · api",
        "body": "You are paged.",
        "link": "http://127.0.0.1:8000/p/abc/",
        "tag": "abcd2345",
        "urgent": True,
        "answers": True,
    }
    with pytest.raises(Exception, match="Decryption error"):
        Browser().read(request)
    assert b"Pipeline" not in request.get_data()


def test_the_push_service_hears_how_urgent_it_is_how_long_it_holds_and_which_attempts_are_one(httpserver, browser):
    httpserver.expect_request("/p/1").respond_with_data("", status=201)

    send(httpserver.url_for("/p/1"), browser)
    send(httpserver.url_for("/p/1"), browser, is_urgent=False, kind="notice")

    (urgent, _), (quiet, _) = httpserver.log
    assert [(r.headers["urgency"], r.headers["ttl"]) for r in (urgent, quiet)] == [
        ("high", "3600"),
        ("normal", "86400"),
    ]
    assert {r.headers["topic"] for r in (urgent, quiet)} == {b64(KEY.bytes)}
    assert [browser.read(r)["answers"] for r in (urgent, quiet)] == [True, False]


def test_it_is_signed_for_this_service_with_our_key_and_our_address(httpserver, browser, settings):
    settings.DEFAULT_FROM_EMAIL = "muster@example.org"
    httpserver.expect_request("/p/1").respond_with_data("", status=201)

    send(httpserver.url_for("/p/1"), browser)

    ((request, _),) = httpserver.log
    said = claims_of(request)
    assert (said["aud"], said["sub"]) == (httpserver.url_for("").rstrip("/"), "mailto:muster@example.org")
    assert 0 < said["exp"] - time.time() <= 24 * 3600  # RFC 8292, section 2: never more than a day


def test_words_that_are_too_long_are_cut_and_still_fit(httpserver, browser):
    httpserver.expect_request("/p/1").respond_with_data("", status=201)

    send(
        httpserver.url_for("/p/1"), browser, body="ö" * 5000, subject="s" * 300, link="https://a.example/" + "l" * 400
    )

    ((request, _),) = httpserver.log
    assert len(request.get_data()) <= 4096
    assert browser.read(request)["body"] == "ö" * 750


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_not_now_means_later(httpserver, browser, status):
    httpserver.expect_request("/p/1").respond_with_data("busy", status=status, headers={"Retry-After": "7"})

    with pytest.raises(TemporaryFailure, match=f"The push service said {status}") as refusal:
        send(httpserver.url_for("/p/1"), browser)

    assert refusal.value.retry_after == 7


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_has_gone_is_gone_for_good(httpserver, browser, status):
    httpserver.expect_request("/p/1").respond_with_data("", status=status)

    with pytest.raises(Gone, match="has switched pushes off"):
        send(httpserver.url_for("/p/1"), browser)


@pytest.mark.parametrize("status", [400, 401, 403, 413])
def test_any_other_refusal_is_for_good_and_says_why(httpserver, browser, status):
    httpserver.expect_request("/p/1").respond_with_data("VAPID public key mismatch", status=status)

    with pytest.raises(PermanentFailure, match=f"The push service said {status}: VAPID public key mismatch"):
        send(httpserver.url_for("/p/1"), browser)


def test_it_follows_nobody_elsewhere(httpserver, browser):
    httpserver.expect_request("/p/1").respond_with_data("", status=307, headers={"Location": "/p/2"})

    with pytest.raises(PermanentFailure, match="has moved"):
        send(httpserver.url_for("/p/1"), browser)

    assert [request.path for request, _ in httpserver.log] == ["/p/1"]


def test_nobody_there_means_later(browser):
    with pytest.raises(TemporaryFailure, match="cannot be reached: ConnectionError"):
        send(f"http://127.0.0.1:{free_port()}/p/1", browser)


def test_a_service_that_is_silent_means_later(silent_address, browser, monkeypatch):
    monkeypatch.setattr(push, "ANSWER_TIMEOUT", 0.2)

    with pytest.raises(TemporaryFailure, match="No answer in time"):
        send(f"http://{silent_address}/p/1", browser)


@pytest.mark.parametrize("secret", ["", "nonsense", "a.b", f"{b64(b'x' * 65)}.{b64(b'y' * 16)}"])
def test_keys_that_are_none_are_refused_for_good(secret):
    with pytest.raises(PermanentFailure):
        PushTransport().send(envelope("http://127.0.0.1:9/p", secret=secret))


def test_without_a_key_of_ours_nothing_is_sent_and_the_reason_names_the_setting(settings, browser):
    settings.PUSH_KEY = ""
    with pytest.raises(PermanentFailure, match="MUSTER_PUSH_KEY is empty"):
        send("http://127.0.0.1:9/p", browser)
