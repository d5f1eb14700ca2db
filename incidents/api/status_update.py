"""Status updates for machines: words for others."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AwareDatetime

from accounts.api import actor_of
from core.wire import Asked
from incidents.actions.status_update import post_status_update
from incidents.api.door import REFUSALS, incident_of

router = Router()


class StatusUpdateAsked(Asked):
    """Words for others; `next_by` is the promise of the next ones."""

    text: str
    status: str | None = None
    next_by: AwareDatetime | None = None
    submission_key: UUID | None = None


class StatusUpdateShown(Schema):
    """A status update as it went out."""

    reference: str
    status: str
    text: str
    next_by: datetime | None
    posted_at: datetime
    told: list[str]


@router.post(
    "/incidents/{reference}/status-updates", response={201: StatusUpdateShown, **REFUSALS}, url_name="update-post"
)
def update_post(request: HttpRequest, reference: str, asked: StatusUpdateAsked) -> Status:
    """Post a status update: it goes to the channels of the level and promises the next one."""
    incident = incident_of(request, reference)
    update = post_status_update(incident, by=actor_of(request), now=timezone.now(), **asked.dict())
    shown = {name: getattr(update, name) for name in ("status", "text", "next_by", "posted_at")}
    return Status(201, {**shown, "reference": incident.reference, "told": update.told_where})
