"""JSON by POST, with the headers of Standard Webhooks (github.com/standard-webhooks/standard-webhooks)."""

import base64
import binascii
import functools
import hashlib
import hmac
import json
import ssl
from typing import Any

import httpx

from comms.transports.base import (
    ANSWER_TIMEOUT,
    CONNECT_TIMEOUT,
    Envelope,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
)

# "Not now" among the answers 4xx: request timeout, too early, too many requests.
TEMPORARY = {408, 425, 429}
SECRET_PREFIX = "whsec_"


class WebhookTransport:
    """Follows no redirect: an address that moved is one that a person must look at."""

    def send(self, envelope: Envelope) -> Receipt:
        """Post it. An answer 2xx takes it; 408, 425, 429, 5xx and no answer mean later; all others mean never."""
        body = json.dumps(payload(envelope), ensure_ascii=False, default=str).encode()
        timeout = httpx.Timeout(ANSWER_TIMEOUT, connect=CONNECT_TIMEOUT)
        try:
            with (
                httpx.Client(timeout=timeout, follow_redirects=False, verify=_trust()) as client,
                client.stream("POST", envelope.address, content=body, headers=headers(envelope, body)) as answer,
            ):
                return _judge(answer)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
            raise PermanentFailure(f"The address is none: {error}") from error
        except httpx.TimeoutException as error:
            raise TemporaryFailure(f"No answer in time ({type(error).__name__}).") from error
        except httpx.HTTPError as error:
            raise TemporaryFailure(f"It cannot be reached: {str(error) or type(error).__name__}") from error


def payload(envelope: Envelope) -> dict[str, Any]:
    """What is posted; the same on every attempt. `data.facts` is for machines, the rest can be shown to people."""
    return {
        "type": envelope.kind,
        "timestamp": envelope.created_at.isoformat(),
        "data": {
            "subject": envelope.subject,
            "body": envelope.body,
            "link": envelope.link,
            "subject_key": envelope.subject_key,
            "to": envelope.to,
            "urgent": envelope.is_urgent,
            "facts": envelope.facts,
        },
    }


def headers(envelope: Envelope, body: bytes) -> dict[str, str]:
    """The key as webhook-id, and with a secret the signature of id, timestamp and body."""
    identity, stamp = str(envelope.key), str(int(envelope.sent_at.timestamp()))
    named = {
        "content-type": "application/json",
        "user-agent": "Muster",
        "webhook-id": identity,
        "webhook-timestamp": stamp,
    }
    if envelope.secret:
        digest = hmac.new(_key(envelope.secret), f"{identity}.{stamp}.".encode() + body, hashlib.sha256).digest()
        named["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
    return named


def _key(secret: str) -> bytes:
    """A secret `whsec_…` is base64, any other is taken as it stands."""
    if secret.startswith(SECRET_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
        except binascii.Error:
            return secret.encode()
    return secret.encode()


def _judge(answer: httpx.Response) -> Receipt:
    said = f"HTTP {answer.status_code}"
    if answer.is_success:
        return Receipt(said)
    if answer.status_code in TEMPORARY or answer.status_code >= 500:
        wish = answer.headers.get("retry-after", "")
        raise TemporaryFailure(
            said + _words(answer), retry_after=int(wish) if wish.isascii() and wish.isdigit() else 0
        )
    if answer.is_redirect:
        raise PermanentFailure(f"{said}: it has moved to {answer.headers.get('location', 'somewhere else')}.")
    raise PermanentFailure(said + _words(answer))


def _words(answer: httpx.Response) -> str:
    """The first words of an answer that is no success; none when they do not come."""
    try:
        first = next(answer.iter_bytes(200), b"")
    except httpx.HTTPError:
        return ""
    return f": {first.decode(errors='replace')}" if first else ""


@functools.cache
def _trust() -> ssl.SSLContext:
    """Reading the authorities takes longer than a whole post: once a process."""
    return httpx.create_ssl_context()
