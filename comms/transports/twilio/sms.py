"""SMS by Twilio's Messages resource (twilio.com/docs/messaging/api/message-resource)."""

from comms.transports.base import Envelope, Receipt
from comms.transports.short import short_text
from comms.transports.twilio.account import create, report_address, sender


class SmsTransport:
    """One text. Twilio knows no idempotency key: a repeat after a crash may arrive twice."""

    def send(self, envelope: Envelope) -> Receipt:
        """Hand it to Twilio. A number that can get none (21211, 21610, 21614, …) is for good."""
        form = {"To": envelope.address, "Body": short_text(envelope), "StatusCallback": report_address(envelope.key)}
        return create("Messages", form | sender())
