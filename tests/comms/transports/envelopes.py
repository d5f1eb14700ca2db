"""An envelope for the tests of the transports."""

from typing import Any
from uuid import UUID

from comms.transports.base import Envelope
from tests.factories import NOW

KEY = UUID("018f2a3e-0000-7000-8000-000000000001")


def envelope(address: str, **changes: Any) -> Envelope:
    """A page to Ana, unless told otherwise."""
    told: dict[str, Any] = {
        "key": KEY,
        "kind": "page",
        "address": address,
        "subject": "[SEV2] Pipeline blocks spiking · api",
        "body": "You are paged.",
        "link": "http://127.0.0.1:8000/p/abc/",
        "to": "@ana",
        "subject_key": "incident:7",
        "is_urgent": True,
        "created_at": NOW,
        "sent_at": NOW,
    }
    return Envelope(**{**told, **changes})
