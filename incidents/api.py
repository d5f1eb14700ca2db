"""Incidents for machines: declare, look, note, tell."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from ninja import File, Query, Router, Schema, Status, UploadedFile
from pydantic import AwareDatetime, Field

from accounts.api import actor_of, user_of
from core.errors import InvalidInput, WrongState
from core.wire import Asked, Problem
from escalation.models import Service
from incidents.actions.attachment import add_files
from incidents.actions.composer import Posted, post_line
from incidents.actions.declare import declare_incident
from incidents.actions.deployment import Said, record_deployment
from incidents.actions.note import post_note
from incidents.actions.status_update import post_status_update
from incidents.export.status_document import files_of
from incidents.models import Incident, Level, Runbook, TimelineEntry
from incidents.permissions import check_can_record_deployment
from incidents.queries.declaration import Declaration, declaration
from incidents.queries.timeline import entry_of, window
from incidents.queries.work import Work, with_work, work_of

router = Router(tags=["incidents"])
REFUSALS = {403: Problem, 404: Problem, 409: Problem, 422: Problem}
LONGEST_LIST = 100


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


class EntryAsked(Asked):
    """Either `line`, which is read as the composer of the room reads it, or `text`, which is noted as it stands."""

    line: str | None = None
    text: str | None = None
    happened_at: AwareDatetime | None = None
    submission_key: UUID | None = None


class StatusUpdateAsked(Asked):
    """Words for others; `next_by` is the promise of the next ones."""

    text: str
    status: str | None = None
    next_by: AwareDatetime | None = None
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


class FileShown(Schema):
    """A file beside an entry, its size in bytes; `link` shows it to whoever is signed in and may see the incident."""

    name: str
    size: int
    sha256: str
    link: str


class EntryShown(Schema):
    """One entry of the timeline: when it happened, when that was written down, and its files."""

    number: int
    kind: str
    happened_at: datetime
    recorded_at: datetime
    author: str | None
    via: str
    text: str
    files: list[FileShown]


class TaskShown(Schema):
    """Something that somebody was asked to do."""

    number: int
    text: str
    owner: str
    status: str
    due_at: datetime | None
    understood_at: datetime | None


class HypothesisShown(Schema):
    """What may be behind it; `confidence` in percent."""

    number: int
    text: str
    status: str
    confidence: int | None
    evidence: list[str]


class DecisionShown(Schema):
    """What was decided, and whether it worked: `worked`, `failed`, or not known yet."""

    number: int
    text: str
    made_at: datetime
    check_at: datetime | None
    outcome: str


class MitigationShown(Schema):
    """What was done about it, and what became of it: `effective`, `partial`, `none`, `worse`, or not known yet."""

    number: int
    name: str
    command: str
    started_at: datetime
    outcome: str
    remaining: str


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


class DeploymentAsked(Asked):
    """What was deployed; `service` by its slug. The same `id` of the same `source` is the same deployment."""

    service: str
    version: str
    deployed_at: AwareDatetime | None = None
    by: str = ""
    url: str = ""
    source: str = ""
    id: str = ""


class DeploymentShown(Schema):
    """A deployment as it is kept."""

    service: str
    version: str
    deployed_at: datetime
    by: str
    url: str
    source: str
    id: str


class PostedShown(Schema):
    """What a line did, in words, and the entry if it was a note."""

    said: str
    entry: EntryShown | None


class StatusUpdateShown(Schema):
    """A status update as it went out."""

    reference: str
    status: str
    text: str
    next_by: datetime | None
    posted_at: datetime
    told: list[str]


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
        service=None if asked.service is None else _service_named(asked.service),
        runbook=runbook,
        is_private=asked.is_private,
        is_drill=asked.is_drill,
        submission_key=asked.submission_key,
    )
    return Status(201 if incident.declared_at == now else 200, _shown(_found(request, incident.reference)))


@router.get("/incidents", response={200: list[IncidentListed], 422: Problem}, url_name="incident-list")
def incident_list(request: HttpRequest, which: Query[Which]) -> list[dict[str, Any]]:
    """The incidents that the owner of the key may see, newest first."""
    rows = Incident.objects.visible_to(user_of(request)).for_rows().select_related("declared_by").order_by("-number")
    rows = rows.filter(is_drill=which.is_drill)
    if which.is_open is not None:
        rows = rows.filter(closed_at__isnull=which.is_open)
    if which.before is not None:
        rows = rows.filter(number__lt=which.before)
    return [_listed(incident) for incident in rows[: which.limit]]


@router.get("/incidents/{reference}", response={200: IncidentShown, 404: Problem}, url_name="incident-detail")
def incident_detail(request: HttpRequest, reference: str, before: int | None = None) -> dict[str, Any]:
    """One incident with its newest entries, or those that follow the entry `before`."""
    return _shown(_found(request, reference), before)


@router.post(
    "/incidents/{reference}/entries", response={201: PostedShown, 200: PostedShown, **REFUSALS}, url_name="entry-post"
)
def entry_post(request: HttpRequest, reference: str, asked: EntryAsked) -> Status:
    """Note something, or run a line of the composer. 201 when an entry was added."""
    incident, by, now = _found(request, reference), actor_of(request), timezone.now()
    if (asked.line is None) == (asked.text is None):
        raise InvalidInput("Give either a line, as in the room, or a text.", field="text")
    if asked.line is not None:
        if asked.happened_at is not None:
            raise InvalidInput("A line says its own time; give happened_at with a text.", field="happened_at")
        posted = post_line(incident, by=by, now=now, line=asked.line, submission_key=asked.submission_key)
    else:
        text, moment = asked.text or "", asked.happened_at
        posted = post_note(
            incident, by=by, now=now, text=text, happened_at=moment, submission_key=asked.submission_key
        )
    return Status(201 if posted.entry else 200, _posted(posted))


@router.post(
    "/incidents/{reference}/entries/{number}/files", response={201: EntryShown, **REFUSALS}, url_name="entry-files"
)
def entry_files(request: HttpRequest, reference: str, number: int, file: File[UploadedFile]) -> Status:
    """Put a file beside an entry. The same bytes there again change nothing."""
    incident = _found(request, reference)
    add_files(incident, by=actor_of(request), now=timezone.now(), number=number, files=[file])
    shown = entry_of(incident, number)
    assert shown is not None  # add_files found it
    return Status(201, _entry(shown))


@router.post(
    "/incidents/{reference}/status-updates", response={201: StatusUpdateShown, **REFUSALS}, url_name="update-post"
)
def update_post(request: HttpRequest, reference: str, asked: StatusUpdateAsked) -> Status:
    """Post a status update: it goes to the channels of the level and promises the next one."""
    incident = _found(request, reference)
    update = post_status_update(incident, by=actor_of(request), now=timezone.now(), **asked.dict())
    shown = {name: getattr(update, name) for name in ("status", "text", "next_by", "posted_at")}
    return Status(201, {**shown, "reference": incident.reference, "told": update.told_where})


@router.post(
    "/deployments", response={201: DeploymentShown, 200: DeploymentShown, **REFUSALS}, url_name="deployment-post"
)
def deployment_post(request: HttpRequest, asked: DeploymentAsked) -> Status:
    """Write down a deployment, from CI. The same `id` of the same `source` again answers 200 with the first."""
    by = actor_of(request)
    check_can_record_deployment(by)
    service = _service_named(asked.service)
    said = Said(service, asked.version, asked.deployed_at, asked.by, asked.url, asked.source, asked.id)
    row, is_new = record_deployment(said, by=by, now=timezone.now())
    plain = {name: getattr(row, name) for name in ("version", "deployed_at", "by", "url", "source")}
    return Status(201 if is_new else 200, {**plain, "service": row.service.slug, "id": row.external_id})


def _found(request: HttpRequest, reference: str) -> Incident:
    """The incident, or 404: also for whoever may not know of it."""
    rows = Incident.objects.visible_to(user_of(request)).for_rows().select_related("declared_by")
    incident: Incident | None = rows.filter(reference=reference).first() if reference.isprintable() else None
    if incident is None:
        raise Http404(f"There is no incident {reference[:24]}.")
    return incident


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


def _service_named(slug: str) -> Service:
    service = Service.objects.filter(is_active=True, slug=slug).first() if slug.isprintable() else None
    if service is None:
        raise InvalidInput(f"There is no service called “{slug[:50]}”.", field="service")
    return service


def _listed(incident: Incident) -> dict[str, Any]:
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
        **_listed(incident),
        "roles": roles,
        **_work(work_of(with_work(Incident.objects.filter(pk=incident.pk)).select_related("service").get())),
        "entries": [_entry(entry) for entry in seen.entries],
        "older_than": seen.older_than,
    }


def _work(work: Work) -> dict[str, Any]:
    """What is done about it, as the schemas name it."""
    return {
        "services": {row.service.slug: row.state for row in work.services},
        "reports": work.reports,
        "tasks": [{**_plain(TaskShown, row), "owner": row.owner.handle} for row in work.tasks],
        "hypotheses": [
            {**_plain(HypothesisShown, row.hypothesis), "evidence": [line.text for line in row.evidence]}
            for row in work.hypotheses
        ],
        "decisions": [_plain(DecisionShown, row) for row in work.decisions],
        "mitigations": [_plain(MitigationShown, row.mitigation) for row in work.mitigations],
    }


def _plain(schema: type[Schema], row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in schema.model_fields if hasattr(row, name)}


def _entry(entry: TimelineEntry) -> dict[str, Any]:
    plain = {name: getattr(entry, name) for name in ("number", "kind", "happened_at", "recorded_at", "via", "text")}
    files = [{**file, "link": _address_of(file)} for file in files_of(entry)]
    return {**plain, "author": entry.author.handle if entry.author else None, "files": files}


def _address_of(file: dict[str, Any]) -> str:
    return settings.MUSTER_URL + reverse("incidents:attachment-detail", args=[file["incident"], file["sha256"]])


def _posted(posted: Posted) -> dict[str, Any]:
    return {"said": posted.said, "entry": _entry(posted.entry) if posted.entry else None}
