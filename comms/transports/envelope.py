"""What a transport is given of a row of the outbox."""

from datetime import datetime
from typing import Any

from comms.enums import OPEN_TO_ALL, Transport, Urgency
from comms.models import Message
from comms.transports.base import Envelope

DISCREET = "Muster: something private needs you. Open it to read what."
# What a discreet message keeps of its facts: by these it is answered, and they say nothing.
ANSWERS = {"code", "call", "page"}


def envelope_of(message: Message, moment: datetime) -> Envelope:
    """`message` as it leaves at `moment`.

    What is discreet keeps its words only on channels that show them to its person alone; elsewhere, also by webhook to
    a machine, it says that there is something, and carries the link and what it is answered by.
    """
    return Envelope(
        key=message.key,
        kind=message.kind,
        address=message.address,
        link=message.link,
        subject_key=message.subject_key,
        is_urgent=message.urgency == Urgency.URGENT,
        to=str(message.user or message.subscription or ""),
        secret=getattr(message.contact_point or message.subscription, "secret", ""),
        created_at=message.created_at,
        sent_at=moment,
        **_words(message),
    )


def _words(message: Message) -> dict[str, Any]:
    to_a_machine = message.transport == Transport.WEBHOOK and message.user_id is None
    if message.is_discreet and (message.transport in OPEN_TO_ALL or to_a_machine):
        facts = {name: value for name, value in message.facts.items() if name in ANSWERS}
        return {"subject": DISCREET, "body": "", "facts": facts}
    return {"subject": message.subject, "body": message.body, "facts": message.facts}
