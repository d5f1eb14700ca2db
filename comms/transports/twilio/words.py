"""What Twilio is given to say or to text, as TwiML (twilio.com/docs/voice/twiml, twilio.com/docs/messaging/twiml)."""

import re

from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Gather, VoiceResponse

from comms.transports.short import plain

# Seconds.
WAITS_FOR_KEY = 8
LONGEST = 600
TIMES = 2
# A code or a reference is heard digit by digit, not as thousands.
LONG_NUMBER = re.compile(r"\d{4,}|\b\d{3} \d{3}\b")


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


def text_back(words: str) -> str:
    """TwiML that texts `words` back; nothing to say texts nothing."""
    response = MessagingResponse()
    if words:
        response.message(plain(words))
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
    words = LONG_NUMBER.sub(lambda number: " ".join(number[0]), words)
    return " ".join(words.split())[:LONGEST]
