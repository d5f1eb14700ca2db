"""An incoming SMS, from Twilio's form or from any gateway's form or JSON. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

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
    text, sender = _plain(form.get("Body", "")), as_number(form.get("From", ""))
    return IncomingText(_key(TWILIO, form.get("MessageSid", ""), sender, text), sender, text)


def read_gateway(body: bytes, form: Mapping[str, str], *, is_json: bool) -> IncomingText | None:
    """What a gateway sends, by the usual names of its fields; None when no number or no text is in it.

    A gateway that gives its messages no name has them told apart by sender and words: the same again is the same.
    """
    fields = _object(body) if is_json else dict(form)
    sender, text, name = (_first(fields, names) for names in (SENDERS, TEXTS, KEYS))
    if not sender or not text:
        return None
    sender, text = as_number(sender), _plain(text)
    return IncomingText(_key(GATEWAY, name, sender, text), sender, text)


def as_number(text: str) -> str:
    """`+491701234567` of `00491701234567`, `491701234567` or `+49 170 1234567`; anything else as it stands."""
    plain = _plain(text).strip()
    if not NUMBER.match(plain):
        return plain[:40]
    digits = "".join(letter for letter in plain if letter.isdecimal())
    return f"+{digits.removeprefix('00')}"


def _key(origin: str, name: str, sender: str, text: str) -> str:
    """A name that is too long or missing is replaced by a digest."""
    if name and len(name) <= 100:
        return f"{origin}{_plain(name)}"
    return f"{origin}{hashlib.sha256(repr((name, sender, text)).encode()).hexdigest()}"


def _object(body: bytes) -> dict[str, object]:
    try:
        found = json.loads(body)
    except ValueError:  # bytes that are no text among them
        return {}
    return found if isinstance(found, dict) else {}


def _first(fields: Mapping[str, object], names: tuple[str, ...]) -> str:
    return next((str(fields[name]) for name in names if isinstance(fields.get(name), str | int) and fields[name]), "")


def _plain(text: str) -> str:
    """Without what the database cannot keep."""
    return "".join(letter for letter in text[:LONGEST] if letter != "\x00" and not "\ud800" <= letter <= "\udfff")
