"""Presses on roles: give one, take one, leave one."""

from typing import Any

from django.utils import timezone

from core.htmx import HtmxRequest
from incidents.actions.role import assign_role, leave_role
from incidents.models import Incident
from incidents.views.door import room_door


@room_door("roles")
def role_assign(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """Somebody holds it from now on."""
    assign_role(incident, by=request.actor, now=timezone.now(), **words)
    return ""


@room_door()
def role_take(request: HtmxRequest, incident: Incident, *, role: str) -> str:
    """I hold it from now on."""
    assign_role(incident, by=request.actor, now=timezone.now(), role=role, user=request.user)
    return ""


@room_door()
def role_leave(request: HtmxRequest, incident: Incident, *, role: str) -> str:
    """I no longer hold it."""
    leave_role(incident, by=request.actor, now=timezone.now(), role=role, user=request.user)
    return ""
