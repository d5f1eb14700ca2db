"""Presses that move the response on: status steps, bleeding stopped, resolve, watch, close."""

from typing import Any

from django.utils import timezone

from core.htmx import HtmxRequest
from incidents.actions.status import (
    change_status,
    close_as_no_incident,
    close_incident,
    fail_watch,
    resolve_incident,
    stop_bleeding,
)
from incidents.models import Incident
from incidents.views.door import room_door


@room_door()
def status_change(request: HtmxRequest, incident: Incident) -> str:
    """Step to the status that the button names."""
    change_status(incident, by=request.actor, now=timezone.now(), status=request.POST.get("status", ""))
    return ""


@room_door()
def bleeding_stop(request: HtmxRequest, incident: Incident) -> str:
    """It no longer hurts."""
    stop_bleeding(incident, by=request.actor, now=timezone.now())
    return ""


@room_door("resolve")
def incident_resolve(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """It is over."""
    resolve_incident(incident, by=request.actor, now=timezone.now(), **words)
    return ""


@room_door("close")
def incident_close(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """The response is over."""
    close_incident(incident, by=request.actor, now=timezone.now(), **words)
    return ""


@room_door("dismiss")
def incident_dismiss(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """It was not an incident."""
    close_as_no_incident(incident, by=request.actor, now=timezone.now(), **words)
    return ""


@room_door("watch")
def watch_fail(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """It is back."""
    fail_watch(incident, by=request.actor, now=timezone.now(), **words)
    return ""
