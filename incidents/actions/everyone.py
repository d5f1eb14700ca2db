"""The very top: everybody here is told, once for each level that says so."""

from datetime import datetime

from accounts.actor import Actor
from accounts.models import User
from comms.actions.message import queue_new_messages
from comms.enums import MessageKind
from incidents.actions.message import telling
from incidents.models import Incident


def tell_everyone(incident: Incident, *, by: Actor, now: datetime) -> int:
    """A notice by push or mail, never a ring, to everybody who is active but `by`, where the level says so.

    How many were told. Four statements, however many people; the same level of the same incident a second time writes
    nothing. A private incident tells nobody. The incident is locked, or is being declared.
    """
    level = incident.level
    if not level.tells_everyone or incident.audience_id:
        return 0
    people = [user for user in User.objects.filter(is_active=True) if user != by.user]
    messages = [
        telling(
            incident,
            dedup_key=f"everyone:{incident.reference}:{level.name}:{user.pk}",
            kind=MessageKind.NOTICE,
            to=user,
            body=f"{incident.reference} is {level}: everybody is told. You are not asked to do anything.",
            facts={"event": "everyone", "level": level.name},
        )
        for user in people
    ]
    queue_new_messages(messages, now=now)
    return len(people)
