"""Runbooks for machines: which there are, take one up, and what must be decided. Their actions: the checklist."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from core.wire import Asked, Problem
from incidents.actions.runbook import decide, take_up_runbook
from incidents.api.door import REFUSALS, act, incident_of, plain
from incidents.enums import PromiseKind
from incidents.models import Incident, Promise

router = Router()
CRITICAL = "critical:"


class DecideAsked(Asked):
    """What was decided, in one line."""

    text: str


class RunbookShown(Schema):
    """A scenario of the policy by its slug; `link` leads to the long one. Once it was taken up: when and by whom."""

    slug: str
    name: str
    symptoms: str
    link: str
    taken_up_at: datetime | None
    taken_up_by: str | None


class CriticalShown(Schema):
    """What a runbook wants decided by `due_at`: `broken_at` when that had passed, `kept_at` once it was decided."""

    number: int
    text: str
    due_at: datetime
    broken_at: datetime | None
    kept_at: datetime | None


@router.get(
    "/incidents/{reference}/runbooks", response={200: list[RunbookShown], 404: Problem}, url_name="runbook-list"
)
def runbook_list(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """Every runbook of the incident's policy, and which were taken up."""
    return _runbooks(incident_of(request, reference))


@router.post(
    "/incidents/{reference}/runbooks/{runbook}/take-up",
    response={200: list[RunbookShown], **REFUSALS},
    url_name="runbook-take-up",
)
def runbook_take_up(request: HttpRequest, reference: str, runbook: str) -> list[dict[str, Any]]:
    """Work by it from now on: whom it names is rung, its actions join the checklist. Taken up already: no change."""
    act(take_up_runbook, request, reference, runbook=runbook)
    return _runbooks(incident_of(request, reference))


@router.get(
    "/incidents/{reference}/critical-decisions",
    response={200: list[CriticalShown], 404: Problem},
    url_name="critical-list",
)
def critical_list(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """What runbooks want decided, or wanted, the most urgent first; what nobody owes any more is left out."""
    rows = incident_of(request, reference).promises.filter(kind=PromiseKind.CRITICAL, withdrawn_at__isnull=True)
    return [_critical(promise) for promise in rows.order_by("due_at", "pk")]


@router.post(
    "/incidents/{reference}/critical-decisions/{number}",
    response={200: CriticalShown, **REFUSALS},
    url_name="critical-decide",
)
def critical_decide(request: HttpRequest, reference: str, number: int, asked: DecideAsked) -> dict[str, Any]:
    """It is decided; a late one counts too."""
    return _critical(act(decide, request, reference, decision=f"{CRITICAL}{number}", text=asked.text))


def _runbooks(incident: Incident) -> list[dict[str, Any]]:
    taken = {row.runbook_id: row for row in incident.runbooks.select_related("taken_up_by")}
    rows = []
    for runbook in incident.level.version.runbooks.order_by("position"):
        mine = taken.get(runbook.pk)
        by = mine.taken_up_by.handle if mine and mine.taken_up_by else None
        at = mine.taken_up_at if mine else None
        rows.append({**plain(RunbookShown, runbook), "taken_up_at": at, "taken_up_by": by})
    return rows


def _critical(promise: Promise) -> dict[str, Any]:
    number, text = int(promise.subject_key.removeprefix(CRITICAL)), promise.subject.removeprefix("Decide: ")
    return {**plain(CriticalShown, promise), "number": number, "text": text}
