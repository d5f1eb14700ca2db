"""Calls by Twilio's Calls resource (twilio.com/docs/voice/api/call-resource): the words are spoken twice.

What can be answered by keys is spoken by a door of ours, which Twilio asks as soon as somebody picks up: so it says
how things stand at that moment. `facts["call"]` is that door, as a path beneath the message's own link, which is
signed. Anything else is spoken from the message itself.
"""

from urllib.parse import urljoin

from comms.transports.base import Envelope, Receipt
from comms.transports.twilio.account import create, own_number, report_address
from comms.transports.twilio.words import speak

# Seconds: most voice mails answer after 25 to 30, and nobody is told by talking to one.
RINGS_FOR = 25


class VoiceTransport:
    """One call."""

    def send(self, envelope: Envelope) -> Receipt:
        """Let Twilio call. A number that cannot be called is for good."""
        form = {"To": envelope.address, "From": own_number(), "Timeout": str(RINGS_FOR)}
        form["StatusCallback"] = report_address(envelope.key)
        door = envelope.facts.get("call")
        if door and envelope.link:
            words = {"Url": urljoin(envelope.link, door)}
        else:
            words = {"Twiml": speak(f"{envelope.subject}. {envelope.body}")}
        return create("Calls", form | words)
