"""Incoming texts, from Twilio and from any gateway."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comms.intake.fields import read_object
from comms.intake.text import IncomingText, as_number, read_gateway, read_twilio

ANA = "+491701234567"


def test_the_form_of_twilio_is_read():
    form = {"MessageSid": "SM1", "From": ANA, "Body": "ack\x00 k7m", "To": "+4915735980000"}

    assert read_twilio(form) == IncomingText("twilio:SM1", ANA, "ack k7m")


@pytest.mark.parametrize(
    "fields",
    [
        {"from": ANA, "text": "ack", "id": "m1"},
        {"msisdn": "491701234567", "text": "ack", "messageId": "m1"},
        {"sender": "00491701234567", "message": "ack", "message_id": "m1"},
        {"From": "+49 170 1234567", "Body": "ack", "sid": "m1"},
    ],
)
def test_a_gateway_is_read_by_the_usual_names(fields):
    expected = IncomingText("gateway:m1", ANA, "ack")

    assert read_gateway(fields) == expected
    assert read_gateway(read_object(json.dumps(fields).encode())) == expected


def test_a_text_without_a_name_is_told_apart_by_who_said_what():
    one, again, other = (read_gateway({"from": ANA, "text": text}).key for text in ("ack", "ack", "no"))

    assert one == again != other


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b'{"from": "+4917012345"}', b'{"from": {}, "text": "ack"}'])
def test_what_is_no_text_is_none(body):
    assert read_gateway(read_object(body)) is None


@given(st.binary(max_size=300), st.dictionaries(st.text(max_size=10), st.text(max_size=50), max_size=5))
def test_reading_never_raises(body, form):
    read_gateway(read_object(body))
    read_gateway(form)
    read_twilio(form)


@pytest.mark.parametrize(("given_", "number"), [("Muster", "Muster"), ("(0049) 170-1234567", ANA), ("12345", "12345")])
def test_a_number_is_written_with_its_country(given_, number):
    assert as_number(given_) == number
