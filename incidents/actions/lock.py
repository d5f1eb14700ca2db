"""The order of locks, in one place: pages before the incident, the incident before its promises and entries.

Every action on an incident takes its row first, so that two people never interleave inside one record; what has to
do with pages (stop them) comes before that, because an answer holds its page and then writes to the incident.
"""

from accounts.actor import Actor
from core.errors import WrongState
from incidents.enums import IncidentStatus
from incidents.models import Incident
from incidents.permissions import check_can_respond


def lock_incident(incident: Incident) -> Incident:
    """The incident's own fresh row, locked until the transaction ends."""
    rows = Incident.objects.select_for_update(of=("self",)).select_related("level__version__ladder", "service")
    return rows.get(pk=incident.pk)


def lock_to_act(incident: Incident, by: Actor) -> Incident:
    """The locked row, once `by` may act in it and it is not closed. Raises NotAllowed or WrongState."""
    check_can_respond(by, incident)
    locked = lock_incident(incident)
    if locked.status == IncidentStatus.CLOSED:
        raise WrongState(f"{locked.reference} is closed; nothing was changed.")
    return locked
