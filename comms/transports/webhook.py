"""JSON by POST, with the headers of Standard Webhooks (github.com/standard-webhooks/standard-webhooks)."""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

import httpx

from comms.transports.base import Envelope, PermanentFailure, Receipt
from comms.transports.http import exchange, first_words, refusal_of

SECRET_PREFIX = "whsec_"


class WebhookTransport:
    """Follows no redirect: an address that moved is one that a person must look at."""

    def send(self, envelope: Envelope) -> Receipt:
        """Post it. An answer 2xx takes it; 408, 425, 429, 5xx and no answer mean later; all others mean never."""
        body = json.dumps(payload(envelope), ensure_ascii=False, default=str).encode()
        with exchange("POST", envelope.address, content=body, headers=headers(envelope, body)) as answer:
            return _judge(answer)


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
    if answer.is_redirect:
        raise PermanentFailure(f"{said}: it has moved to {answer.headers.get('location', 'somewhere else')}.")
    raise refusal_of(answer, said + first_words(answer))
