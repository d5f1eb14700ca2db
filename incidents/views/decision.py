"""Presses on decisions."""

from typing import Any

from django.utils import timezone

from core.htmx import HtmxRequest
from incidents.actions.decision import answer_decision, make_decision
from incidents.models import Incident
from incidents.views.door import room_door


@room_door("decision")
def decision_make(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """Write down what was decided."""
    make_decision(incident, by=request.actor, now=timezone.now(), **words)
    return ""


@room_door()
def decision_answer(request: HtmxRequest, incident: Incident, *, number: int, outcome: str) -> str:
    """It worked, or it did not."""
    seen = request.POST.get("seen")
    answer_decision(incident, by=request.actor, now=timezone.now(), number=number, outcome=outcome, seen=seen)
    return ""
