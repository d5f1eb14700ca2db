"""Presses on the level: change it, take a raise back."""

from django.utils import timezone

from core.htmx import HtmxRequest
from incidents.actions.severity import change_level, take_back_change
from incidents.models import Incident, Level
from incidents.views.door import room_door


@room_door("severity")
def severity_change(request: HtmxRequest, incident: Incident, *, level: Level, reason: str, seen: str) -> str:
    """Raise by one press, or lower with a reason."""
    change_level(incident, by=request.actor, now=timezone.now(), level=level, reason=reason, seen=seen or None)
    return ""


@room_door()
def severity_take_back(request: HtmxRequest, incident: Incident) -> str:
    """Within ten seconds nobody was rung."""
    change = take_back_change(incident, by=request.actor, now=timezone.now())
    return f"Taken back: it stays {change.before}. Nobody was rung."
