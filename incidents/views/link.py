"""Incidents that have to do with each other: link, merge; and a closed record opened again."""

from django.utils import timezone

from core.htmx import HtmxRequest
from incidents.actions.link import link_incidents, merge_incident
from incidents.actions.reopen import reopen_incident
from incidents.models import Incident
from incidents.views.door import room_door


@room_door("link")
def incident_link(request: HtmxRequest, incident: Incident, *, other: Incident, relation: str) -> str:
    """Related to another, or caused by it."""
    link_incidents(incident, by=request.actor, now=timezone.now(), to=other, relation=relation)
    return ""


@room_door("merge")
def incident_merge(request: HtmxRequest, incident: Incident, *, other: Incident) -> str:
    """A duplicate of another: it goes on there."""
    merge_incident(incident, by=request.actor, now=timezone.now(), into=other)
    return f"Closed as a duplicate; it goes on in {other.reference}."


@room_door("reopen")
def incident_reopen(request: HtmxRequest, incident: Incident, *, reason: str) -> str:
    """It was closed too early."""
    reopen_incident(incident, by=request.actor, now=timezone.now(), reason=reason)
    return "Reopened. The groups of its level were not rung."
