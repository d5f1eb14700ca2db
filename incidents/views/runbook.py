"""Presses on runbooks: take one up, decide, say that it did not fit, say that it does now."""

from typing import Any

from django.utils import timezone

from core.htmx import HtmxRequest
from incidents.actions.new_failure import finish_runbook_update, note_new_failure
from incidents.actions.runbook import decide, take_up_runbook
from incidents.models import Incident
from incidents.views.door import room_door


@room_door()
def runbook_take_up(request: HtmxRequest, incident: Incident, *, runbook: str) -> str:
    """Work by it from now on."""
    take_up_runbook(incident, by=request.actor, now=timezone.now(), runbook=runbook)
    return ""


@room_door("decide")
def runbook_decide(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """A critical decision was taken."""
    decide(incident, by=request.actor, now=timezone.now(), **words)
    return ""


@room_door()
def runbook_new_failure(request: HtmxRequest, incident: Incident, *, runbook: str = "") -> str:
    """The failure was new to it, or to all where none was taken up."""
    promise = note_new_failure(incident, by=request.actor, now=timezone.now(), runbook=runbook)
    return f"{promise.subject} is owed by {promise.owner or 'nobody yet'}."


@room_door()
def runbook_finish(request: HtmxRequest, incident: Incident, *, runbook: str = "") -> str:
    """It was written, or written anew."""
    finish_runbook_update(incident, by=request.actor, now=timezone.now(), runbook=runbook)
    return ""
