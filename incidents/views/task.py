"""Presses on tasks."""

from typing import Any

from django.utils import timezone

from core.htmx import HtmxRequest
from incidents.actions.task import change_task, drop_task, finish_task, give_task, understand_task
from incidents.models import Incident
from incidents.views.door import room_door


@room_door("task")
def task_give(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """Somebody is asked to do something."""
    give_task(incident, by=request.actor, now=timezone.now(), **words)
    return ""


@room_door("task-change")
def task_change(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """More time, or another person."""
    change_task(incident, by=request.actor, now=timezone.now(), **words)
    return ""


@room_door("task-drop")
def task_drop(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """Nobody has to do it any more."""
    drop_task(incident, by=request.actor, now=timezone.now(), **words)
    return ""


@room_door()
def task_finish(request: HtmxRequest, incident: Incident, *, number: int) -> str:
    """It is done."""
    finish_task(incident, by=request.actor, now=timezone.now(), number=number)
    return ""


@room_door()
def task_understand(request: HtmxRequest, incident: Incident, *, number: int) -> str:
    """I have understood it."""
    understand_task(incident, by=request.actor, now=timezone.now(), number=number)
    return ""
