"""Presses on mitigations."""

from typing import Any

from django.utils import timezone

from core.htmx import HtmxRequest
from incidents.actions.mitigation import (
    answer_mitigation,
    note_remaining,
    roll_back_mitigation,
    start_mitigation,
)
from incidents.models import Incident
from incidents.views.door import room_door


@room_door("mitigation")
def mitigation_start(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """Somebody does it now."""
    start_mitigation(incident, by=request.actor, now=timezone.now(), **words)
    return ""


@room_door()
def mitigation_answer(request: HtmxRequest, incident: Incident, *, number: int, outcome: str) -> str:
    """What it did."""
    seen = request.POST.get("seen")
    answer_mitigation(incident, by=request.actor, now=timezone.now(), number=number, outcome=outcome, seen=seen)
    return ""


@room_door()
def mitigation_roll_back(request: HtmxRequest, incident: Incident, *, number: int) -> str:
    """Undo it."""
    roll_back_mitigation(incident, by=request.actor, now=timezone.now(), number=number)
    return ""


@room_door("remaining")
def remaining_note(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """What is left after it helped in part."""
    note_remaining(incident, by=request.actor, now=timezone.now(), **words)
    return ""
