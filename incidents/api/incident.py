"""Incidents for machines: declare, look."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from accounts.api import actor_of, user_of
from core.errors import InvalidInput, WrongState
from core.wire import Asked, Problem
from incidents.actions.declare import declare_incident
from incidents.api.decision import DecisionShown
from incidents.api.door import LONGEST_LIST, REFUSALS, incident_of, service_named
from incidents.api.entry import EntryShown, entry_shown
from incidents.api.hypothesis import HypothesisShown
from incidents.api.mitigation import MitigationShown
from incidents.api.task import TaskShown
from incidents.api.work import work_shown
from incidents.models import Incident, Level, Runbook
from incidents.queries.declaration import Declaration, declaration
from incidents.queries.timeline import window
from incidents.queries.work import with_work, work_of

router = Router()


class IncidentAsked(Asked):
    """A declaration; `level` by its name, `service` and `runbook` by their slugs. Without a level, the runbook's.

    `is_private`: only whoever is rung or holds a role sees it. `is_drill`: an exercise. One `submission_key` declares
    one incident.
    """

    level: str | None = None
    summary: str
    service: str | None = None
    runbook: str | None = None
    is_private: bool = False
    is_drill: bool = False
    submission_key: UUID | None = None


class IncidentListed(Schema):
    """One incident. Moments carry their zone; a service and people go by their slug and handle."""

    reference: str
    summary: str
    level: str
    status: str
    is_private: bool
    is_drill: bool
    service: str | None
    commander: str | None
    declared_at: datetime
    declared_by: str | None
    impact_began_at: datetime | None
    acknowledged_at: datetime | None
    mitigated_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    link: str


class IncidentShown(IncidentListed):
    """One incident with its roles, what is done about it, and the newest entries.

    `services` are the affected ones and how they are (empty: nobody has said); `reports` counts the customers who say
    that they are affected. At most 15 of each list; `older_than` is the `before` of the next older entries.
    """

    roles: dict[str, list[str]]
    services: dict[str, str]
    reports: int
    tasks: list[TaskShown]
    hypotheses: list[HypothesisShown]
    decisions: list[DecisionShown]
    mitigations: list[MitigationShown]
    entries: list[EntryShown]
    older_than: int | None


class Which(Schema):
    """Which incidents of a list: the newest first, `before` a running number. Drills are none: ask for them alone."""

    is_open: bool | None = None
    is_drill: bool = False
    before: int | None = Field(None, ge=1, le=2_000_000_000)
    limit: int = Field(50, ge=1, le=LONGEST_LIST)


@router.post("/incidents", response={201: IncidentShown, 200: IncidentShown, **REFUSALS}, url_name="incident-declare")
def incident_declare(request: HttpRequest, asked: IncidentAsked) -> Status:
    """Declare an incident: rings whom the level names. The same `submission_key` again answers 200 with the first."""
    now, offer = timezone.now(), _offer()
    runbook = _runbook_named(offer, asked.runbook)
    incident = declare_incident(
        by=actor_of(request),
        now=now,
        level=_level_named(offer, asked.level or (runbook.level if runbook else "")),
        summary=asked.summary,
        service=None if asked.service is None else service_named(asked.service),
        runbook=runbook,
        is_private=asked.is_private,
        is_drill=asked.is_drill,
        submission_key=asked.submission_key,
    )
    return Status(201 if incident.declared_at == now else 200, _shown(incident_of(request, incident.reference)))


@router.get("/incidents", response={200: list[IncidentListed], 422: Problem}, url_name="incident-list")
def incident_list(request: HttpRequest, which: Query[Which]) -> list[dict[str, Any]]:
    """The incidents that the owner of the key may see, newest first."""
    rows = Incident.objects.visible_to(user_of(request)).for_rows().select_related("declared_by").order_by("-number")
    rows = rows.filter(is_drill=which.is_drill)
    if which.is_open is not None:
        rows = rows.filter(closed_at__isnull=which.is_open)
    if which.before is not None:
        rows = rows.filter(number__lt=which.before)
    return [listed(incident) for incident in rows[: which.limit]]


@router.get("/incidents/{reference}", response={200: IncidentShown, 404: Problem}, url_name="incident-detail")
def incident_detail(request: HttpRequest, reference: str, before: int | None = None) -> dict[str, Any]:
    """One incident with its newest entries, or those that follow the entry `before`."""
    return _shown(incident_of(request, reference), before)


def _offer() -> Declaration:
    offer = declaration()
    if offer is None:
        raise WrongState("There is no severity ladder yet; ask an admin to make one.")
    return offer


def _runbook_named(offer: Declaration, slug: str | None) -> Runbook | None:
    runbook = offer.runbook_named(slug) if slug else None
    if slug and runbook is None:
        known = ", ".join(each.slug for each in offer.runbooks) or "none"
        raise InvalidInput(f"“{slug[:50]}” is no runbook of the ladder in force; there are {known}.", field="runbook")
    return runbook


def _level_named(offer: Declaration, name: str) -> Level:
    if not name:
        raise InvalidInput("Say how bad it is: give a level, or a runbook that has one.", field="level")
    level = offer.level_named(name)
    if level is None:
        known = ", ".join(card.level.name for card in offer.cards)
        raise InvalidInput(f"“{name[:20]}” is not a level of the ladder in force; there are {known}.", field="level")
    return level


def listed(incident: Incident) -> dict[str, Any]:
    return {
        **{name: getattr(incident, name) for name in MOMENTS},
        "reference": incident.reference,
        "summary": incident.summary,
        "level": incident.level.name,
        "status": incident.status,
        "is_private": incident.audience_id is not None,
        "is_drill": incident.is_drill,
        "service": incident.service.slug if incident.service else None,
        "commander": incident.commander.handle if incident.commander else None,
        "declared_by": incident.declared_by.handle if incident.declared_by else None,
        "link": settings.MUSTER_URL + incident.get_absolute_url(),
    }


MOMENTS = ("declared_at", "impact_began_at", "acknowledged_at", "mitigated_at", "resolved_at", "closed_at")


def _shown(incident: Incident, before: int | None = None) -> dict[str, Any]:
    roles: dict[str, list[str]] = {}
    for held in incident.role_assignments.all():
        if held.ended_at is None:
            roles.setdefault(held.role, []).append(held.user.handle)
    seen = window(incident, before)
    return {
        **listed(incident),
        "roles": roles,
        **work_shown(work_of(with_work(Incident.objects.filter(pk=incident.pk)).select_related("service").get())),
        "entries": [entry_shown(entry) for entry in seen.entries],
        "older_than": seen.older_than,
    }
