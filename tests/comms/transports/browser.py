"""A browser that can be pushed to: its own keys, and what it reads of what a push service was given for it."""

import base64
import json
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from werkzeug import Request

AUTH = b"sixteen bytes!!!"


def b64(raw: bytes) -> str:
    """As base64url without padding, as browsers write their keys."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of it."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Browser:
    """One subscription of one browser (RFC 8291)."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        raw = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.p256dh, self.auth = b64(raw), b64(AUTH)

    @property
    def secret(self) -> str:
        """What its contact point keeps."""
        return f"{self.p256dh}.{self.auth}"

    def read(self, request: Request) -> Any:
        """What a push says to this browser; raises when it was encrypted for another one."""
        assert request.headers["content-encoding"] == "aes128gcm"
        plain = http_ece.decrypt(request.get_data(), private_key=self._private, auth_secret=AUTH)
        return json.loads(plain)
