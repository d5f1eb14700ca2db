"""An incoming SMS, from Twilio's form or from any gateway's form or JSON. Pure."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from comms.intake.fields import first_of, plain

# What gateways call the three things that count, the usual names first.
SENDERS = ("from", "From", "msisdn", "sender", "originator", "mobile", "number")
TEXTS = ("text", "Body", "body", "message", "content", "msg")
KEYS = ("id", "messageId", "message_id", "message-id", "MessageSid", "sid", "uuid")
NUMBER = re.compile(r"\+?[\d\s().-]{7,24}\Z", re.ASCII)
LONGEST = 2000
# With what the keys begin.
TWILIO, GATEWAY = "twilio:", "gateway:"


@dataclass(frozen=True)
class IncomingText:
    """Words from a number. The same `key` is the same text delivered again."""

    key: str
    sender: str
    text: str


def read_twilio(form: Mapping[str, str]) -> IncomingText:
    """What Twilio posts for an incoming message (twilio.com/docs/messaging/guides/webhook-request)."""
    text, sender = plain(form.get("Body", ""))[:LONGEST], as_number(form.get("From", ""))
    return IncomingText(_key(TWILIO, form.get("MessageSid", ""), sender, text), sender, text)


def read_gateway(fields: Mapping[str, object]) -> IncomingText | None:
    """What a gateway sends, by the usual names of its fields; None when no number or no text is in it.

    A gateway that gives its messages no name has them told apart by sender and words: the same again is the same.
    """
    sender, text, name = (first_of(fields, names) for names in (SENDERS, TEXTS, KEYS))
    if not sender or not text:
        return None
    sender, text = as_number(sender), text[:LONGEST]
    return IncomingText(_key(GATEWAY, name, sender, text), sender, text)


def as_number(text: str) -> str:
    """`+491701234567` of `00491701234567`, `491701234567` or `+49 170 1234567`; anything else as it stands."""
    bare = plain(text).strip()
    if not NUMBER.match(bare):
        return bare[:40]
    digits = "".join(letter for letter in bare if letter.isdecimal())
    return f"+{digits.removeprefix('00')}"


def _key(origin: str, name: str, sender: str, text: str) -> str:
    """A name that is too long or missing is replaced by a digest."""
    if name and len(name) <= 100:
        return f"{origin}{plain(name)}"
    return f"{origin}{hashlib.sha256(repr((name, sender, text)).encode()).hexdigest()}"
