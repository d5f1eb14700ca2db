"""Who may see an incident, for machines: make it private or not, let somebody in."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from accounts.api import actor_of
from core.wire import Asked, Problem
from incidents.actions.audience import let_in, make_private, make_public
from incidents.api.door import REFUSALS, ReasonAsked, act, incident_of, person_named, plain
from incidents.models import Incident

router = Router()


class LetInAsked(Asked):
    """The handle of whoever may see it from now on, and why, for the record."""

    user: str
    reason: str


class InsiderShown(Schema):
    """Who may see it, since when and why."""

    user: str
    reason: str
    added_at: datetime


class AudienceShown(Schema):
    """Whether it is private, and then who may see it; else everybody who is signed in."""

    is_private: bool
    people: list[InsiderShown]


ANSWERS = {200: AudienceShown, **REFUSALS}


@router.get("/incidents/{reference}/audience", response={200: AudienceShown, 404: Problem}, url_name="audience")
def audience_detail(request: HttpRequest, reference: str) -> dict[str, Any]:
    """Who may see it."""
    return _shown(incident_of(request, reference))


@router.post("/incidents/{reference}/audience", response=ANSWERS, url_name="audience-add")
def audience_add(request: HttpRequest, reference: str, asked: LetInAsked) -> dict[str, Any]:
    """One person more sees a private incident, and is told. Who is in already: no change."""
    incident, user = incident_of(request, reference), person_named(asked.user, field="user")
    return _shown(let_in(incident, by=actor_of(request), now=timezone.now(), user=user, reason=asked.reason))


@router.post("/incidents/{reference}/make-private", response=ANSWERS, url_name="incident-hide")
def incident_hide(request: HttpRequest, reference: str, asked: ReasonAsked) -> dict[str, Any]:
    """Only those who are in it see it from now on, for a reason. Private already: no change."""
    return _shown(act(make_private, request, reference, reason=asked.reason))


@router.post("/incidents/{reference}/make-public", response=ANSWERS, url_name="incident-unhide")
def incident_unhide(request: HttpRequest, reference: str, asked: ReasonAsked) -> dict[str, Any]:
    """Everybody who is signed in sees it again, with all that was said in it, for a reason."""
    return _shown(act(make_public, request, reference, reason=asked.reason))


def _shown(incident: Incident) -> dict[str, Any]:
    entries = incident.audience.entries.select_related("user").order_by("pk") if incident.audience else []
    people = [{**plain(InsiderShown, entry), "user": entry.user.handle} for entry in entries]
    return {"is_private": incident.audience_id is not None, "people": people}
