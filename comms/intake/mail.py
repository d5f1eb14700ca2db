"""An incoming mail, from its raw text (RFC 5322). Pure, and it never raises: it is read as far as it can be."""

import hashlib
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from html import unescape

from comms.intake.fields import plain

LONGEST = 10_000
BULK = {"bulk", "junk", "list", "auto_reply"}
BREAKS = re.compile(r"<\s*(?:br|/p|/div|/li|/tr)\b[^>]*>", re.IGNORECASE)
QUOTE = re.compile(r"<\s*blockquote\b.*", re.IGNORECASE | re.DOTALL)
HIDDEN = re.compile(r"<\s*(style|script|head)\b.*?<\s*/\s*\1\s*>", re.IGNORECASE | re.DOTALL)
TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class IncomingMail:
    """Words from an address. The same `key` is the same mail delivered again.

    `is_automatic`: a machine wrote it, an autoreply or a bounce (RFC 3834), so it answers nothing.
    """

    key: str
    sender: str
    subject: str
    text: str
    is_automatic: bool


def read_mail(raw: bytes) -> IncomingMail:
    """The sender, the subject and the plain text of a mail."""
    mail = message_from_bytes(raw)
    name = _header(mail, "Message-ID").strip()
    digest = hashlib.sha256(name.encode(errors="replace") if name else raw).hexdigest()
    return IncomingMail(
        key=f"mail:{name}" if 0 < len(name) <= 150 else f"mail:{digest}",
        sender=parseaddr(_header(mail, "From"))[1].lower()[:254],
        subject=" ".join(_header(mail, "Subject").split())[:500],
        text=_text(mail)[:LONGEST],
        is_automatic=_is_automatic(mail),
    )


def _is_automatic(mail: Message) -> bool:
    submitted = _header(mail, "Auto-Submitted").strip().lower()
    return (
        submitted not in {"", "no"}
        or any(mail[name] is not None for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress"))
        or _header(mail, "Precedence").strip().lower() in BULK
        or _header(mail, "Return-Path").strip() == "<>"
        or mail.get_content_type() == "multipart/report"
    )


def _header(mail: Message, name: str) -> str:
    """A header as text, decoded where it can be; empty when there is none."""
    value = mail.get(name)
    if value is None:
        return ""
    try:
        text = str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        text = str(value)
    return plain(text)


def _text(mail: Message) -> str:
    """The first part that is plain text, or the words of the first that is HTML."""
    parts = [
        part for part in mail.walk() if not part.is_multipart() and part.get_content_disposition() != "attachment"
    ]
    for part in parts:
        if part.get_content_type() == "text/plain":
            return _decoded(part)
    for part in parts:
        if part.get_content_type() == "text/html":
            return _words(_decoded(part)[: 10 * LONGEST])
    return ""


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    body = payload if isinstance(payload, bytes) else b""
    try:
        return plain(body.decode(part.get_content_charset("utf-8"), errors="replace"))
    except LookupError:
        return plain(body.decode("utf-8", errors="replace"))


def _words(html: str) -> str:
    """What a person wrote in HTML: up to the quote, a line for a line."""
    return unescape(TAG.sub("", BREAKS.sub("\n", HIDDEN.sub("", QUOTE.sub("", html)))))
