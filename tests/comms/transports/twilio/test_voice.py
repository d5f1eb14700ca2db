"""Calls, as Twilio takes and refuses them, and what it is given to say."""

from xml.etree import ElementTree

import pytest

from comms.transports.base import PermanentFailure, Receipt, TemporaryFailure
from comms.transports.twilio import VoiceTransport
from comms.transports.twilio.words import aloud, say, speak
from tests.comms.transports.envelopes import KEY, envelope
from tests.comms.transports.twilio.account import NUMBER

ANA = "+491701234567"
SPOKEN = "SEV2. Pipeline blocks spiking, api"


def send(**changes):
    return VoiceTransport().send(envelope(ANA, **changes))


def tree(twiml: str) -> list[tuple[str, str | None]]:
    """(tag, text) of everything inside a response, in order."""
    return [(each.tag, each.text) for each in ElementTree.fromstring(twiml).iter() if each.tag != "Response"]


def test_a_page_is_called_and_spoken_by_our_own_door(twilio):
    receipt = send(facts={"call": "call/"})

    assert receipt == Receipt(f"Twilio took it as CA{1:032x} (queued).", their_key=f"CA{1:032x}")
    ((resource, form),) = twilio.taken
    assert resource == "Calls"
    assert form == {
        "To": ANA,
        "From": NUMBER,
        "Timeout": "25",
        "Url": "http://127.0.0.1:8000/p/abc/call/",
        "StatusCallback": f"http://127.0.0.1:8000/in/twilio/report/{KEY}/",
    }


def test_what_cannot_be_answered_is_spoken_twice_from_itself(twilio):
    send(body="The watch begins.")

    ((_, form),) = twilio.taken
    words = f"{SPOKEN}. The watch begins."
    assert tree(form["Twiml"]) == [("Say", words), ("Pause", None), ("Say", words)]


def test_keys_are_asked_for_twice_and_go_to_their_door():
    twiml = speak("[SEV2] Pipeline blocks spiking · api", keys="Press 1.", action="/keys")

    assert tree(twiml) == [
        ("Gather", None),
        ("Say", f"{SPOKEN} Press 1."),
        ("Pause", None),
        ("Say", f"{SPOKEN} Press 1."),
        ("Say", "No key was pressed. Goodbye."),
    ]
    gather = ElementTree.fromstring(twiml)[0]
    assert (gather.get("action"), gather.get("method"), gather.get("numDigits")) == ("/keys", "POST", "1")


def test_what_is_said_is_read_as_words_and_breaks_no_markup():
    assert tree(say("You have it: <b> & co.")) == [("Say", "You have it: <b> & co.")]
    assert aloud("@ana: #3 of\nthe_queue") == "ana: number 3 of the queue"
    assert aloud("Your code is 402917, for 10 minutes") == "Your code is 4 0 2 9 1 7, for 10 minutes"
    assert aloud("type the code 402 917 within 10 minutes") == "type the code 4 0 2 9 1 7 within 10 minutes"
    assert len(aloud("x" * 5000)) == 600


def test_a_number_that_cannot_be_called_is_for_good_and_a_busy_twilio_for_now(twilio):
    twilio.refuses = (400, 13224, "Invalid phone number")
    with pytest.raises(PermanentFailure, match=r"^Twilio said 400 13224: Invalid phone number$"):
        send()

    twilio.refuses = (429, 20429, "Too Many Requests")
    with pytest.raises(TemporaryFailure, match=r"^Twilio said 429 20429: Too Many Requests$"):
        send()


def test_a_messaging_service_calls_nobody(twilio, settings):
    settings.TWILIO_FROM, settings.TWILIO_MESSAGING_SERVICE_SID = "", "MG" + "0" * 32

    with pytest.raises(PermanentFailure, match=r"TWILIO_FROM is empty"):
        send()
