"""Calls by Twilio's Calls resource (twilio.com/docs/voice/api/call-resource): the words are spoken twice.

What can be answered by keys is spoken by a door of ours, which Twilio asks as soon as somebody picks up: so it says
how things stand at that moment. `facts["call"]` is that door, as a path beneath the message's own link, which is
signed. Anything else is spoken from the message itself.
"""

from urllib.parse import urljoin

from twilio.twiml.voice_response import Gather, VoiceResponse

from comms.transports.base import Envelope, Receipt
from comms.transports.twilio.account import create, own_number

# Seconds: most voice mails answer after 25 to 30, and nobody is told by talking to one.
RINGS_FOR = 25
WAITS_FOR_KEY = 8
LONGEST = 600
TIMES = 2


class VoiceTransport:
    """One call."""

    def send(self, envelope: Envelope) -> Receipt:
        """Let Twilio call. A number that cannot be called is for good."""
        form = {"To": envelope.address, "From": own_number(), "Timeout": str(RINGS_FOR)}
        door = envelope.facts.get("call")
        if door and envelope.link:
            words = {"Url": urljoin(envelope.link, door)}
        else:
            words = {"Twiml": speak(f"{envelope.subject}. {envelope.body}")}
        return create("Calls", form | words)


def speak(words: str, *, keys: str = "", action: str = "") -> str:
    """TwiML that says `words`, then `keys`, twice; a key pressed meanwhile goes to `action`, if there is one."""
    response = VoiceResponse()
    place = Gather(num_digits=1, action=action, method="POST", timeout=WAITS_FOR_KEY) if action else response
    for time in range(TIMES):
        if time:
            place.pause(length=1)
        place.say(" ".join(part for part in (aloud(words), keys) if part))
    if action:
        response.append(place)
        response.say("No key was pressed. Goodbye.")
    return str(response)


def say(words: str) -> str:
    """TwiML that says `words` once and hangs up."""
    response = VoiceResponse()
    response.say(aloud(words))
    return str(response)


def aloud(words: str) -> str:
    """`[SEV2] Blocks spiking · api` as it is read: without marks, and not for ever."""
    for mark, read in (("[", ""), ("]", "."), (" · ", ", "), ("@", ""), ("#", "number "), ("_", " ")):
        words = words.replace(mark, read)
    return " ".join(words.split())[:LONGEST]
