"""Reports of a provider, read into three words."""

import pytest

from comms.enums import Report
from comms.intake.report import IncomingReport, read_report
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
