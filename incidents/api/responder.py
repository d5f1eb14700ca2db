"""Who is here without a role, for machines: join, and leave."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from accounts.api import actor_of
from incidents.actions.responder import join_incident, leave_incident
from incidents.api.door import REFUSALS, incident_of
from incidents.api.people import PeopleShown, people_shown

router = Router()
ANSWERS = {200: PeopleShown, **REFUSALS}


@router.post("/incidents/{reference}/join", response=ANSWERS, url_name="responder-join")
def responder_join(request: HttpRequest, reference: str) -> dict[str, Any]:
    """The owner of the key is here too. A second time changes nothing."""
    join_incident(incident_of(request, reference), by=actor_of(request), now=timezone.now())
    return people_shown(request, reference)


@router.post("/incidents/{reference}/leave", response=ANSWERS, url_name="responder-leave")
def responder_leave(request: HttpRequest, reference: str) -> dict[str, Any]:
    """The owner of the key is no longer here; roles that they hold stay theirs."""
    leave_incident(incident_of(request, reference), by=actor_of(request), now=timezone.now())
    return people_shown(request, reference)
