"""Web push to a browser, on a phone too: encrypted for that browser alone (RFC 8291), signed by VAPID (RFC 8292).

The address is what the browser's push service gave it; the secret is its two keys, `p256dh.auth`. pywebpush encrypts
and signs. The message's key is the Topic, so that a push service that still holds an earlier attempt replaces it.
"""

import base64
import json
from typing import Any

import requests
from django.conf import settings
from py_vapid import Vapid02 as Vapid
from pywebpush import WebPushException, webpush

from comms.transports.base import (
    ANSWER_TIMEOUT,
    CONNECT_TIMEOUT,
    Envelope,
    Gone,
    PermanentFailure,
    Receipt,
    TemporaryFailure,
)
from comms.transports.http import may_pass_later, seconds_of

# A push service takes 4,096 bytes of which the encryption needs 103 (RFC 8291, section 4): the words stay well below.
WORDS = 1500
TITLE = 120
# How long the push service keeps it for a browser that is off: a page of an hour ago rings nobody any more.
KEPT_FOR = {True: 3600, False: 86400}
GONE = {404, 410}


class PushTransport:
    """Follows no redirect: a push service does not move, and an address is what a browser said."""

    def send(self, envelope: Envelope) -> Receipt:
        """Hand it to the push service. 2xx takes it; 408, 425, 429, 5xx and no answer mean later; the rest never."""
        if not settings.PUSH_KEY:
            raise PermanentFailure("No key for web push is set: MUSTER_PUSH_KEY is empty.")
        p256dh, _, auth = envelope.secret.partition(".")
        if not (p256dh and auth):
            raise PermanentFailure("The keys of this browser are missing; switch it on again.")
        try:
            with _session() as session:
                answer: Any = webpush(
                    {"endpoint": envelope.address, "keys": {"p256dh": p256dh, "auth": auth}},
                    json.dumps(words(envelope), ensure_ascii=False),
                    vapid_private_key=settings.PUSH_KEY,
                    vapid_claims={"sub": f"mailto:{settings.DEFAULT_FROM_EMAIL}"},
                    ttl=KEPT_FOR[envelope.is_urgent],
                    headers={"urgency": "high" if envelope.is_urgent else "normal", "topic": topic(envelope)},
                    timeout=(CONNECT_TIMEOUT, ANSWER_TIMEOUT),
                    requests_session=session,
                )
        except WebPushException as error:
            raise _failure(error) from error
        except requests.exceptions.TooManyRedirects as error:
            raise PermanentFailure("The push service has moved; switch this browser on again.") from error
        except requests.exceptions.Timeout as error:
            raise TemporaryFailure(f"No answer in time ({type(error).__name__}).") from error
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
            raise PermanentFailure(f"The address is none: {error}") from error
        except requests.exceptions.RequestException as error:
            raise TemporaryFailure(f"The push service cannot be reached: {type(error).__name__}") from error
        except ValueError as error:  # keys that are no point of the curve, or no base64
            raise PermanentFailure(f"The keys of this browser are none: {error}") from error
        return Receipt(f"HTTP {answer.status_code} from the push service.")


def words(envelope: Envelope) -> dict[str, Any]:
    """What the service worker shows: `link` is where a tap leads, `answers` whether it offers to answer there."""
    return {
        "title": envelope.subject[:TITLE],
        "body": envelope.body.encode()[:WORDS].decode(errors="ignore"),
        "link": envelope.link,
        "tag": envelope.facts.get("page") or envelope.subject_key or str(envelope.key),
        "urgent": envelope.is_urgent,
        "answers": envelope.kind == "page",
    }


def topic(envelope: Envelope) -> str:
    """The message's key in the 32 letters that a Topic may have (RFC 8030, section 5.4)."""
    return base64.urlsafe_b64encode(envelope.key.bytes).rstrip(b"=").decode()


def _session() -> requests.Session:
    session = requests.Session()
    session.max_redirects = 0
    return session


def _failure(error: WebPushException) -> Exception:
    if error.response is None:
        return PermanentFailure(f"The keys of this browser are none: {error.message}")
    status = int(error.response.status_code)
    said = f"The push service said {status}"
    if status in GONE:
        return Gone(f"{said}: this browser has switched pushes off; switch it on again.")
    if may_pass_later(status):
        return TemporaryFailure(said, retry_after=seconds_of(error.retry_after))
    text = str(getattr(error.response, "text", ""))[:200]
    return PermanentFailure(f"{said}: {text}" if text else said)


def public_key() -> str:
    """Our key as browsers want it when they subscribe: the point, as base64url. Empty when none is set."""
    if not settings.PUSH_KEY:
        return ""
    numbers = Vapid.from_string(settings.PUSH_KEY).public_key.public_numbers()
    point = b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()
