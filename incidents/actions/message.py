"""Say something about an incident to a person or a standing channel: what all such messages have in common."""

from datetime import datetime
from typing import Any

from accounts.models import User
from comms.actions.message import queue_message
from comms.enums import MessageKind
from comms.models import Subscription
from incidents.models import Incident


def tell(
    incident: Incident,
    to: User | Subscription,
    *,
    now: datetime,
    kind: MessageKind,
    dedup_key: str,
    body: str,
    subject: str = "",
    link: str = "",
    **facts: Any,
) -> None:
    """Queue `body` for `to`, never urgently: ringing is what a page is for.

    The subject is the headline and the link leads to the room, unless given; `facts` go to machines, with the
    reference. Whoever may not see a private incident does not see its message either. The same `dedup_key` tells once.
    """
    queue_message(
        now=now,
        kind=kind,
        to=to,
        dedup_key=dedup_key,
        subject=subject or incident.headline,
        body=body,
        link=link or incident.get_absolute_url(),
        subject_key=incident.subject_key,
        audience=incident.audience,
        facts={"incident": incident.reference, **facts},
    )
