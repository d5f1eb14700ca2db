"""Presses on what is around an incident: services, deployments, customers."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from core.errors import InvalidInput
from core.htmx import HtmxRequest
from escalation.models import Service
from incidents.actions.affected_service import set_service_state
from incidents.actions.customer_report import add_report
from incidents.actions.deployment import Said, note_deployment
from incidents.models import Incident
from incidents.views.door import room_door


@room_door("services")
def service_state(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """How a service is."""
    set_service_state(incident, by=request.actor, now=timezone.now(), **words)
    return ""


@room_door()
def service_press(request: HtmxRequest, incident: Incident, *, slug: str, state: str) -> str:
    """The same by one press beside the service."""
    service = Service.objects.filter(slug=slug).first()
    if service is None:
        raise InvalidInput(f"There is no service {slug}.")
    seen = request.POST.get("seen")
    set_service_state(incident, by=request.actor, now=timezone.now(), service=service, state=state, seen=seen)
    return ""


@room_door("deployment")
def deployment_note(request: HtmxRequest, incident: Incident, *, submission_key: UUID | None, **words: Any) -> str:
    """What was deployed."""
    key = submission_key
    note_deployment(incident, by=request.actor, now=timezone.now(), said=Said(**words), submission_key=key)
    return ""


@room_door()
def report_add(request: HtmxRequest, incident: Incident) -> str:
    """One more customer reports it."""
    add_report(incident, by=request.actor, now=timezone.now())
    return ""


@room_door("report")
def report_note(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """The same with a word about them."""
    add_report(incident, by=request.actor, now=timezone.now(), **words)
    return ""
