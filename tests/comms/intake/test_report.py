"""Reports of a provider, read into three words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comms.enums import Report
from comms.intake.report import IncomingReport, read_gateway_report, read_report
from tests.comms.transports.envelopes import KEY
from tests.comms.transports.twilio.account import SCHEMA


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"MessageSid": "SM1", "MessageStatus": "sent"}, IncomingReport("SM1", Report.ON_ITS_WAY, "sent")),
        ({"MessageSid": "SM1", "MessageStatus": "delivered"}, IncomingReport("SM1", Report.ARRIVED, "delivered")),
        (
            {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30003"},
            IncomingReport("SM1", Report.FAILED, "undelivered (30003)"),
        ),
        ({"CallSid": "CA1", "CallStatus": "completed"}, IncomingReport("CA1", Report.ARRIVED, "completed")),
        ({"CallSid": "CA1", "CallStatus": "no-answer"}, IncomingReport("CA1", Report.FAILED, "no-answer")),
    ],
)
def test_a_status_is_read(form, expected):
    assert read_report(form) == expected


@pytest.mark.parametrize("form", [{}, {"MessageStatus": "new"}, {"MessageSid": "SM1"}])
def test_a_status_that_nobody_knows_is_none(form):
    assert read_report(form) is None


def test_every_published_status_of_what_leaves_is_known():
    messages = SCHEMA["api.v2010.account.message"]["properties"]["status"]["enum"]
    calls = SCHEMA["api.v2010.account.call"]["properties"]["status"]["enum"]

    unknown = [status for status in {*messages, *calls} if read_report({"MessageStatus": status}) is None]

    assert sorted(unknown) == ["partially_delivered", "received", "receiving"]


# --- any other gateway -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"key": str(KEY), "status": "delivered"}, IncomingReport("", Report.ARRIVED, "delivered", KEY)),
        ({"client-ref": KEY.hex, "status": "DELIVRD"}, IncomingReport("", Report.ARRIVED, "DELIVRD", KEY)),
        (
            {"messageId": "0A1", "status": "rejected", "err-code": "5"},
            IncomingReport("0A1", Report.FAILED, "rejected (5)"),
        ),
        ({"id": 17, "state": "Delivery_Failed"}, IncomingReport("17", Report.FAILED, "Delivery_Failed")),
        ({"id": "x", "dlr_status": "accepted"}, IncomingReport("x", Report.ON_ITS_WAY, "accepted")),
        ({"id": "x", "status": "teleported"}, IncomingReport("x", Report.ON_ITS_WAY, "teleported")),
    ],
)
def test_a_gateway_is_read_by_the_usual_names(fields, expected):
    assert read_gateway_report(fields) == expected


@pytest.mark.parametrize("fields", [{}, {"id": "x"}, {"status": "failed"}, {"status": "failed", "key": "no uuid"}])
def test_without_a_status_or_a_name_it_is_no_report(fields):
    assert read_gateway_report(fields) is None


@given(st.dictionaries(st.sampled_from(["id", "key", "status", "error"]), st.text() | st.integers() | st.none()))
def test_reading_a_gateway_never_raises_and_keeps_what_the_database_can(fields):
    report = read_gateway_report(fields)

    assert report is None or ("\x00" not in report.name + report.words and len(report.words) <= 200)
