"""What a provider says later of what it has taken: Twilio (twilio.com/docs/usage/webhooks), or any gateway. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from comms.enums import Report
from comms.intake.fields import first_of
from comms.intake.text import KEYS

REPORTS: dict[str, Report] = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent", "initiated", "ringing"), Report.ON_ITS_WAY),
    **dict.fromkeys(("delivered", "read", "in-progress", "completed"), Report.ARRIVED),
    **dict.fromkeys(("undelivered", "failed", "canceled", "busy", "no-answer"), Report.FAILED),
}
# As gateways say it, and as they pass on what the networks say (SMPP 3.4, table B-3: DELIVRD and its like).
OF_GATEWAYS = REPORTS | {
    **dict.fromkeys(("delivrd", "delivered-to-handset"), Report.ARRIVED),
    **dict.fromkeys(("undeliv", "undeliverable", "not-delivered", "delivery-failed", "error"), Report.FAILED),
    **dict.fromkeys(("expired", "rejected", "rejectd", "deleted", "cancelled", "blocked"), Report.FAILED),
}
# What gateways call the things that count, the usual names first.
OWN_KEYS = ("key", "client-ref", "client_ref", "clientRef", "reference", "custom_id", "external_id", "correlation_id")
STATUSES = ("status", "Status", "state", "message_status", "delivery_status", "deliveryStatus", "dlr_status")
ERRORS = ("err-code", "error_code", "errorCode", "error", "reason")


@dataclass(frozen=True)
class IncomingReport:
    """`name` is the message or call as its provider calls it, `words` its own status and error code.

    `key` is our own key of the message, where the provider hands it back.
    """

    name: str
    report: Report
    words: str
    key: UUID | None = None


def read_report(form: Mapping[str, str]) -> IncomingReport | None:
    """The report of a message or a call; None for a status that nobody knows."""
    status = form.get("MessageStatus") or form.get("SmsStatus") or form.get("CallStatus") or ""
    report = REPORTS.get(status)
    if report is None:
        return None
    code = form.get("ErrorCode", "")
    words = f"{status} ({code[:10]})" if code.isdecimal() else status
    return IncomingReport(form.get("MessageSid") or form.get("CallSid") or "", report, words)


def read_gateway_report(fields: Mapping[str, object]) -> IncomingReport | None:
    """The report of a gateway, by the usual names of its fields; None without a status, or a message that it is about.

    A status that nobody knows is no end: it counts as on its way, in the gateway's own words.
    """
    status, name = first_of(fields, STATUSES), first_of(fields, KEYS)
    key = _uuid(first_of(fields, OWN_KEYS))
    if not status or not (key or name):
        return None
    report = OF_GATEWAYS.get("-".join(status.lower().replace("_", " ").split()), Report.ON_ITS_WAY)
    code = first_of(fields, ERRORS)
    return IncomingReport(name, report, f"{status[:100]} ({code[:60]})" if code else status[:100], key)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
