"""What it does to whom, and which service it is."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from core.htmx import HtmxRequest
from escalation.models import Service
from incidents.actions.impact import set_impact, set_service
from incidents.models import Incident
from incidents.views.door import room_door


@room_door("impact")
def impact_set(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """Write down what is known."""
    set_impact(incident, by=request.actor, now=timezone.now(), **words)
    return ""


@room_door("service")
def service_set(request: HtmxRequest, incident: Incident, *, service: Service | None, submission_key: UUID) -> str:
    """Name the service, or another."""
    set_service(incident, by=request.actor, now=timezone.now(), service=service)
    return ""
