"""What Twilio says of a message or a call that it has taken (twilio.com/docs/usage/webhooks). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from comms.enums import Report

REPORTS: dict[str, Report] = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent", "initiated", "ringing"), Report.ON_ITS_WAY),
    **dict.fromkeys(("delivered", "read", "in-progress", "completed"), Report.ARRIVED),
    **dict.fromkeys(("undelivered", "failed", "canceled", "busy", "no-answer"), Report.FAILED),
}


@dataclass(frozen=True)
class IncomingReport:
    """`name` is the message or call as its provider calls it, `words` its own status and error code."""

    name: str
    report: Report
    words: str


def read_report(form: Mapping[str, str]) -> IncomingReport | None:
    """The report of a message or a call; None for a status that nobody knows."""
    status = form.get("MessageStatus") or form.get("SmsStatus") or form.get("CallStatus") or ""
    report = REPORTS.get(status)
    if report is None:
        return None
    code = form.get("ErrorCode", "")
    words = f"{status} ({code[:10]})" if code.isdecimal() else status
    return IncomingReport(form.get("MessageSid") or form.get("CallSid") or "", report, words)
