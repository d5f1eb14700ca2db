"""Presses on hypotheses."""

from typing import Any

from django.utils import timezone

from core.htmx import HtmxRequest
from incidents.actions.hypothesis import add_hypothesis, add_line, change_hypothesis, tick_line
from incidents.models import Incident
from incidents.views.door import room_door


@room_door("hypothesis")
def hypothesis_add(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """Put one forward."""
    add_hypothesis(incident, by=request.actor, now=timezone.now(), **words)
    return ""


@room_door()
def hypothesis_change(request: HtmxRequest, incident: Incident, *, number: int, status: str) -> str:
    """What is thought of it now."""
    seen = request.POST.get("seen")
    change_hypothesis(incident, by=request.actor, now=timezone.now(), number=number, status=status, seen=seen)
    return ""


@room_door("line")
def line_add(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """Evidence, or a step."""
    add_line(incident, by=request.actor, now=timezone.now(), **words)
    return ""


@room_door()
def line_tick(request: HtmxRequest, incident: Incident, *, number: int, line: int) -> str:
    """A step was taken."""
    tick_line(incident, by=request.actor, now=timezone.now(), number=number, line=line)
    return ""
