"""Where the response stands, for machines: status steps, bleeding stopped, resolve, the watch, close, reopen."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status

from accounts.api import actor_of, user_of
from core.errors import InvalidInput
from core.wire import Asked, Problem
from incidents.actions.reopen import reopen_incident
from incidents.actions.status import (
    change_status,
    close_as_no_incident,
    close_incident,
    fail_watch,
    resolve_incident,
    stop_bleeding,
)
from incidents.api.door import REFUSALS, ReasonAsked, act, incident_of
from incidents.api.owed import OwedHere, owed_in
from incidents.api.standing import StandingShown, standing

router = Router()
ANSWERS = {200: StandingShown, **REFUSALS}


class StatusAsked(Asked):
    """`investigating`, `identified` or `monitoring`."""

    status: str


class CloseRefused(Problem):
    """Why it is not closed, and every row that is owed and holds it."""

    owed: list[OwedHere] = []


@router.post("/incidents/{reference}/status", response=ANSWERS, url_name="status-change")
def status_change(request: HttpRequest, reference: str, asked: StatusAsked) -> dict[str, Any]:
    """Step to a status, forward or back. The same again changes nothing."""
    act(change_status, request, reference, status=asked.status)
    return standing(request, reference)


@router.post("/incidents/{reference}/bleeding-stopped", response=ANSWERS, url_name="bleeding-stop")
def bleeding_stop(request: HttpRequest, reference: str) -> dict[str, Any]:
    """It no longer hurts, whether the cause is known or not: the status becomes monitoring."""
    act(stop_bleeding, request, reference)
    return standing(request, reference)


@router.post("/incidents/{reference}/resolve", response=ANSWERS, url_name="incident-resolve")
def incident_resolve(request: HttpRequest, reference: str, asked: ReasonAsked | None = None) -> dict[str, Any]:
    """It is over: pages stop. Before the watch is over, or with checks still to do, it needs a reason."""
    act(resolve_incident, request, reference, reason=asked.reason if asked else "")
    return standing(request, reference)


@router.post("/incidents/{reference}/watch-failed", response=ANSWERS, url_name="watch-fail")
def watch_fail(request: HttpRequest, reference: str, asked: ReasonAsked) -> dict[str, Any]:
    """It is back: to investigating, with what came back as the reason. What is closed is reopened instead."""
    act(fail_watch, request, reference, reason=asked.reason)
    return standing(request, reference)


@router.post("/incidents/{reference}/close", response={**ANSWERS, 422: CloseRefused}, url_name="incident-close")
def incident_close(request: HttpRequest, reference: str, asked: ReasonAsked | None = None) -> Status:
    """The response is over. While something holds it, it needs a reason; the refusal then shows what is owed."""
    incident, by, now = incident_of(request, reference), actor_of(request), timezone.now()
    try:
        close_incident(incident, by=by, now=now, reason=asked.reason if asked else "")
    except InvalidInput as refusal:
        rows = [row for row in owed_in(incident, user_of(request), now=now) if row["holds_closing"]]
        return Status(422, {"detail": str(refusal), "field": refusal.field, "owed": rows})
    return Status(200, standing(request, reference))


@router.post("/incidents/{reference}/not-an-incident", response=ANSWERS, url_name="incident-dismiss")
def incident_dismiss(request: HttpRequest, reference: str, asked: ReasonAsked | None = None) -> dict[str, Any]:
    """It was not an incident: closed at once, and nothing is owed."""
    act(close_as_no_incident, request, reference, reason=asked.reason if asked else "")
    return standing(request, reference)


@router.post("/incidents/{reference}/reopen", response=ANSWERS, url_name="incident-reopen")
def incident_reopen(request: HttpRequest, reference: str, asked: ReasonAsked) -> dict[str, Any]:
    """Back to investigating, within a week of its closing, with what came back as the reason.

    Rings nobody but whom a runbook names that was taken up while it was over.
    """
    act(reopen_incident, request, reference, reason=asked.reason)
    return standing(request, reference)
