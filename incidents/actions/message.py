"""Say something about an incident to a person or a standing channel: what all such messages have in common."""

from datetime import datetime
from typing import Any

from accounts.models import User
from comms.actions.message import queue_message, queue_new_messages
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
    told = telling(incident, dedup_key=dedup_key, kind=kind, to=to, body=body, subject=subject, link=link, facts=facts)
    queue_message(now=now, **told)


def tell_first(incident: Incident, to: User | Subscription, *, now: datetime, **said: Any) -> None:
    """`tell` what nobody can have been told before, in one statement: of an incident that is being declared."""
    known = {"dedup_key", "kind", "body", "subject", "link"}
    facts = {key: value for key, value in said.items() if key not in known}
    told = telling(incident, to=to, facts=facts, **{key: value for key, value in said.items() if key in known})
    queue_new_messages([told], now=now)


def telling(
    incident: Incident, *, facts: dict[str, Any], subject: str = "", link: str = "", **said: Any
) -> dict[str, Any]:
    """What all messages of an incident have in common, as the outbox wants it."""
    return {
        "subject": subject or incident.headline,
        "link": link or incident.get_absolute_url(),
        "subject_key": incident.subject_key,
        "audience": incident.audience,
        "facts": {"incident": incident.reference, **facts},
        **said,
    }
