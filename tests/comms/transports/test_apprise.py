"""Apprise, against a real receiver of its json:// scheme."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from comms.transports import apprise
from comms.transports.apprise import AppriseTransport
from comms.transports.base import PermanentFailure, Receipt, TemporaryFailure
from tests.comms.transports.envelopes import envelope


def send(address, **changes):
    return AppriseTransport().send(envelope(address, **changes))


def test_it_hands_over_subject_body_and_link(httpserver):
    httpserver.expect_request("/ana", method="POST").respond_with_data("ok")

    receipt = send(f"json://127.0.0.1:{httpserver.port}/ana")

    ((request, _),) = httpserver.log
    posted = json.loads(request.get_data())
    assert receipt == Receipt("Handed over by Apprise.")
    assert (posted["title"], posted["message"], posted["type"]) == (
        "[SEV2] Pipeline blocks spiking · api",
        "You are paged.\n\nhttp://127.0.0.1:8000/p/abc/",
        "failure",
    )


def test_a_message_without_a_body_says_its_subject(httpserver):
    httpserver.expect_request("/ana").respond_with_data("ok")

    send(f"json://127.0.0.1:{httpserver.port}/ana", body="", link="", is_urgent=False)

    ((request, _),) = httpserver.log
    posted = json.loads(request.get_data())
    assert (posted["message"], posted["type"]) == ("[SEV2] Pipeline blocks spiking · api", "info")


def test_a_failure_says_what_apprise_logged(httpserver):
    httpserver.expect_request("/ana").respond_with_data("no", status=500)

    with pytest.raises(TemporaryFailure, match=r"error=500"):
        send(f"json://127.0.0.1:{httpserver.port}/ana")


def test_two_failures_at_once_do_not_mix_their_words(httpserver):
    httpserver.expect_request("/down").respond_with_data("no", status=500)
    httpserver.expect_request("/busy").respond_with_data("no", status=503)

    def fail(path: str) -> str:
        with pytest.raises(TemporaryFailure) as refusal:
            send(f"json://127.0.0.1:{httpserver.port}/{path}")
        return str(refusal.value)

    with ThreadPoolExecutor(2) as pool:
        down, busy = pool.map(fail, ["down", "busy"])

    assert [("500" in down, "503" in down), ("500" in busy, "503" in busy)] == [(True, False), (False, True)]


def test_an_address_that_apprise_cannot_read_is_for_good():
    with pytest.raises(PermanentFailure, match=r"^Apprise does not know this address\.$"):
        send("nope://127.0.0.1/x")


def test_a_receiver_that_is_silent_is_for_now(silent_address, monkeypatch):
    monkeypatch.setattr(apprise, "ANSWER_TIMEOUT", 0.2)

    with pytest.raises(TemporaryFailure, match=r"did not finish within|Connection error"):
        send(f"json://{silent_address}/ana?rto=0.2")
