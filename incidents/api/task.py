"""Tasks for machines: read them, give one, and say what became of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AwareDatetime

from accounts.api import actor_of
from core.wire import Asked, Problem
from incidents.actions.task import change_task, drop_task, finish_task, give_task, understand_task
from incidents.api.door import REFUSALS, ReasonAsked, act, incident_of, made_before, person_named, plain
from incidents.models import Task

router = Router()


class TaskAsked(Asked):
    """What is to do, by whom (a handle), and if wanted until when. One `submission_key` gives one task."""

    text: str
    owner: str
    due_at: AwareDatetime | None = None
    submission_key: UUID | None = None


class TaskChangeAsked(Asked):
    """More time, another owner (a handle), or both; what is left out stays."""

    owner: str | None = None
    due_at: AwareDatetime | None = None


class TaskShown(Schema):
    """Something that somebody was asked to do."""

    number: int
    text: str
    owner: str
    status: str
    due_at: datetime | None
    understood_at: datetime | None


ANSWERS = {200: TaskShown, **REFUSALS}


@router.get("/incidents/{reference}/tasks", response={200: list[TaskShown], 404: Problem}, url_name="task-list")
def task_list(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """Every task of an incident, in the order in which they were given."""
    rows = incident_of(request, reference).tasks.select_related("owner").order_by("number")
    return [task_shown(task) for task in rows]


@router.post("/incidents/{reference}/tasks", response={201: TaskShown, **ANSWERS}, url_name="task-give")
def task_give(request: HttpRequest, reference: str, asked: TaskAsked) -> Status:
    """Ask somebody to do something; they are told. The same `submission_key` again answers 200 with the first."""
    incident, key = incident_of(request, reference), asked.submission_key
    words = {**asked.dict(), "owner": person_named(asked.owner, field="owner")}
    task = give_task(incident, by=actor_of(request), now=timezone.now(), **words)
    return Status(201 if task else 200, task_shown(task or made_before(incident.tasks.all(), key)))


@router.post("/incidents/{reference}/tasks/{number}/understood", response=ANSWERS, url_name="task-understand")
def task_understand(request: HttpRequest, reference: str, number: int) -> dict[str, Any]:
    """Its owner, whose key it is, has understood it. A second time changes nothing."""
    return task_shown(act(understand_task, request, reference, number=number))


@router.post("/incidents/{reference}/tasks/{number}/done", response=ANSWERS, url_name="task-finish")
def task_finish(request: HttpRequest, reference: str, number: int) -> dict[str, Any]:
    """It is done, whoever says so."""
    return task_shown(act(finish_task, request, reference, number=number))


@router.post("/incidents/{reference}/tasks/{number}/drop", response=ANSWERS, url_name="task-drop")
def task_drop(request: HttpRequest, reference: str, number: int, asked: ReasonAsked) -> dict[str, Any]:
    """Nobody has to do it any more, for a reason; its owner is told."""
    return task_shown(act(drop_task, request, reference, number=number, reason=asked.reason))


@router.post("/incidents/{reference}/tasks/{number}/change", response=ANSWERS, url_name="task-change")
def task_change(request: HttpRequest, reference: str, number: int, asked: TaskChangeAsked) -> dict[str, Any]:
    """Extend it, or pass it on; the old owner and the new one are told."""
    owner = person_named(asked.owner, field="owner") if asked.owner else None
    return task_shown(act(change_task, request, reference, number=number, owner=owner, due_at=asked.due_at))


def task_shown(task: Task) -> dict[str, Any]:
    """TaskShown."""
    return {**plain(TaskShown, task), "owner": task.owner.handle}
