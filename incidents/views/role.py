"""Presses on roles: give one, take one, take one from somebody, leave one."""

from typing import Any

from django.utils import timezone

from accounts.models import User
from core.htmx import HtmxRequest
from incidents.actions.handover import give_role
from incidents.actions.role import assign_role
from incidents.actions.vacancy import leave_role
from incidents.models import Handover, Incident
from incidents.views.door import room_door


@room_door("roles")
def role_assign(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """Somebody holds it from now on, or is offered it by its holder."""
    given = give_role(incident, by=request.actor, now=timezone.now(), **words)
    return f"Offered to {given.to_user}; it is theirs once they accept." if isinstance(given, Handover) else ""


@room_door()
def role_take(request: HtmxRequest, incident: Incident, *, role: str) -> str:
    """I hold it from now on."""
    assign_role(incident, by=request.actor, now=timezone.now(), role=role, user=request.user)
    return ""


@room_door("takeover")
def role_take_over(request: HtmxRequest, incident: Incident, *, role: str, takes_from: User) -> str:
    """I hold it from now on, and whoever had it is relieved without a handover."""
    words = {"role": role, "user": request.user, "takes_from": takes_from}
    assign_role(incident, by=request.actor, now=timezone.now(), **words)
    return ""


@room_door()
def role_leave(request: HtmxRequest, incident: Incident, *, role: str) -> str:
    """I no longer hold it."""
    leave_role(incident, by=request.actor, now=timezone.now(), role=role, user=request.user)
    return ""
