"""Deployments, as CI posts them or a person writes them down."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.actor import Actor
from core.errors import InvalidInput
from core.moments import check_moment, show_near
from core.rows import check_row
from escalation.models import Service
from incidents.actions.lock import lock_incident, lock_to_act
from incidents.actions.numbered import one_line
from incidents.actions.submission import came_before, claim_submission
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind
from incidents.models import Deployment, Incident
from incidents.permissions import check_can_record_deployment, check_can_respond
from incidents.queries.changes import LOOKED_BACK

# Clocks of other machines run a little ahead of ours.
AHEAD = timedelta(minutes=5)


@dataclass(frozen=True)
class Said:
    """What is said of a deployment; `at` None means now. `external_id` is what `source` calls it."""

    service: Service
    version: str
    at: datetime | None = None
    by: str = ""
    url: str = ""
    source: str = ""
    external_id: str = ""


@transaction.atomic
def record_deployment(said: Said, *, by: Actor, now: datetime) -> tuple[Deployment, bool]:
    """Write down that a version of a service went out; True when it is new.

    The same `external_id` of the same `source` is the same deployment: the first one is returned, unchanged. Open
    incidents of the service that began no more than a day after it say so in their timeline. Raises InvalidInput for
    no version, a moment to come, an address that is none; NotAllowed for a key that only reads.
    """
    check_can_record_deployment(by)
    row, is_new = _keep(said, by=by, now=now)
    for incident in _concerned(row) if is_new else []:
        _say(lock_incident(incident), row, by=by, now=now)
    return row, is_new


@transaction.atomic
def note_deployment(
    incident: Incident, *, by: Actor, now: datetime, said: Said, submission_key: UUID | None = None
) -> Deployment | None:
    """The same by hand, in the room of `incident`, whose timeline says so in any case. Counts as a sign of life.

    Noted in a private room, it is written into no other timeline. The same `submission_key` again does nothing and
    returns None. Raises what record_deployment raises, and WrongState for a closed incident.
    """
    check_can_respond(by, incident)
    if came_before(claim_submission(submission_key, by=by, now=now, incident=incident)):
        return None
    row, _ = _keep(said, by=by, now=now)
    # Locked in one order by everybody: two who note something never wait for each other.
    others = [] if incident.audience_id else _concerned(row)
    for each in sorted({*others, incident}, key=lambda one: one.pk):
        locked = lock_to_act(each, by) if each == incident else lock_incident(each)
        _say(locked, row, by=by, now=now)
        if each == incident:
            note_sign_of_life(locked, by=by, now=now)
    return row


def _keep(said: Said, *, by: Actor, now: datetime) -> tuple[Deployment, bool]:
    """The row of `said`, and whether it is new."""
    moment = (said.at or now).astimezone(UTC)
    if check_moment(moment, field="deployed_at") > now + AHEAD:
        raise InvalidInput(f"{show_near(moment, now)} has not come yet.", field="deployed_at")
    row = Deployment(
        service=said.service, deployed_at=moment, recorded_at=now, recorded_by=by.user, url=said.url.strip()
    )
    row.version = one_line(said.version, field="version", longest=120, empty="Say which version was deployed.")
    row.by = one_line(said.by, field="by", longest=120)
    row.source = one_line(said.source, field="source", longest=60)
    row.external_id = one_line(said.external_id, field="id", longest=120)
    if known := _same_as(row):
        return known, False
    check_row(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # the same was posted twice at once
        return Deployment.objects.get(source=row.source, external_id=row.external_id), False
    return row, True


def _same_as(row: Deployment) -> Deployment | None:
    """The deployment that this source has posted before."""
    if not row.external_id:
        return None
    return Deployment.objects.filter(source=row.source, external_id=row.external_id).select_related("service").first()


def _concerned(row: Deployment) -> list[Incident]:
    of_service = Q(service=row.service) | Q(affected_services__service=row.service)
    rows = Incident.objects.open().filter(of_service).order_by("pk").distinct()
    return [each for each in rows if (each.impact_began_at or each.declared_at) - row.deployed_at < LOOKED_BACK]


def _say(incident: Incident, row: Deployment, *, by: Actor, now: datetime) -> None:
    who = f" by {row.by}" if row.by else ""
    text = f"Deployed {row.service.slug} {row.version} at {show_near(row.deployed_at, now)}{who}"
    facts = {"service": row.service.slug, "version": row.version, "url": row.url}
    write_entry(incident, by=by, now=now, text=text, kind=EntryKind.DEPLOYMENT, facts=facts)
    announce_change(incident, "facts")
