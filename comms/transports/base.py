"""What every way out receives, gives back, and raises. A transport touches no row: it runs outside any transaction."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

# Seconds that a transport waits for the other side, once to connect and then for each answer.
CONNECT_TIMEOUT = 5
ANSWER_TIMEOUT = 10


@dataclass(frozen=True)
class Envelope:
    """One message on one attempt. `key` is the same on every attempt; `sent_at` is the moment of this one."""

    key: UUID
    kind: str
    address: str
    subject: str
    created_at: datetime
    sent_at: datetime
    body: str = ""
    link: str = ""
    to: str = ""
    subject_key: str = ""
    is_urgent: bool = False
    secret: str = field(default="", repr=False)
    facts: dict[str, Any] = field(default_factory=dict)

    def as_text(self) -> str:
        """The body and then the link, each if there is one."""
        return "\n\n".join(part for part in (self.body.strip(), self.link) if part)


@dataclass(frozen=True)
class Receipt:
    """It was handed over. `detail` is what the other side said, `their_key` what it calls what it took."""

    detail: str = ""
    their_key: str = ""


class Transport(Protocol):
    """One way out."""

    def send(self, envelope: Envelope) -> Receipt:
        """Hand `envelope` over. Raises TemporaryFailure or PermanentFailure, and nothing else that it foresees."""


class TemporaryFailure(Exception):
    """Not now; the same envelope may pass later. `retry_after` is the other side's wish, in seconds."""

    def __init__(self, detail: str, *, retry_after: int = 0) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class PermanentFailure(Exception):
    """Never: the other side refused this envelope itself."""


class Gone(PermanentFailure):
    """The address itself is no more: nothing will ever be taken there again."""
