"""Presses of who is here without a role."""

from django.utils import timezone

from core.htmx import HtmxRequest
from incidents.actions.responder import join_incident, leave_incident
from incidents.models import Incident
from incidents.views.door import room_door


@room_door()
def responder_join(request: HtmxRequest, incident: Incident) -> str:
    """I am here too."""
    join_incident(incident, by=request.actor, now=timezone.now())
    return ""


@room_door()
def responder_leave(request: HtmxRequest, incident: Incident) -> str:
    """I am no longer here."""
    leave_incident(incident, by=request.actor, now=timezone.now())
    return ""
