"""Status updates for machines: words for others."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AwareDatetime

from accounts.api import actor_of
from core.wire import Asked, Problem
from incidents.actions.status_update import post_no_change, post_status_update
from incidents.api.door import LONGEST_LIST, REFUSALS, incident_of, plain
from incidents.models import Incident, StatusUpdate

router = Router()


class StatusUpdateAsked(Asked):
    """Words for others: `text` in your own, or impact, action, cause and eta, or both; `next_by` promises the next.

    With `tell_public` the public reads it too, in `public_text` or in the words of the ladder; with `tell_executives`
    they get the brief. One `submission_key` posts one update.
    """

    text: str = ""
    impact: str = ""
    action: str = ""
    cause: str = ""
    eta: str = ""
    status: str | None = None
    next_by: AwareDatetime | None = None
    tell_public: bool = False
    public_text: str = ""
    tell_executives: bool = False
    submission_key: UUID | None = None


class NoChangeAsked(Asked):
    """Nothing but the key of this press."""

    submission_key: UUID | None = None


class StatusUpdateShown(Schema):
    """A status update as it went out; `public_text` is what the public read of it, or empty."""

    reference: str
    status: str
    text: str
    public_text: str
    is_no_change: bool
    next_by: datetime | None
    posted_at: datetime
    posted_by: str | None
    told: list[str]


POSTED = {201: StatusUpdateShown, **REFUSALS}


@router.get(
    "/incidents/{reference}/status-updates",
    response={200: list[StatusUpdateShown], 404: Problem},
    url_name="update-list",
)
def update_list(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """What others were told of an incident, the newest first, at most a hundred."""
    incident = incident_of(request, reference)
    rows = incident.status_updates.select_related("posted_by").order_by("-posted_at", "-pk")
    return [_shown(incident, update) for update in rows[:LONGEST_LIST]]


@router.post("/incidents/{reference}/status-updates", response=POSTED, url_name="update-post")
def update_post(request: HttpRequest, reference: str, asked: StatusUpdateAsked) -> Status:
    """Post a status update: it goes to the channels of the level and promises the next one."""
    incident = incident_of(request, reference)
    update = post_status_update(incident, by=actor_of(request), now=timezone.now(), **asked.dict())
    return Status(201, _shown(incident, update))


@router.post("/incidents/{reference}/status-updates/no-change", response=POSTED, url_name="update-no-change")
def update_no_change(request: HttpRequest, reference: str, asked: NoChangeAsked | None = None) -> Status:
    """Nothing has changed since the last words; the next ones come by the level's cadence."""
    incident, key = incident_of(request, reference), asked.submission_key if asked else None
    update = post_no_change(incident, by=actor_of(request), now=timezone.now(), submission_key=key)
    return Status(201, _shown(incident, update))


def _shown(incident: Incident, update: StatusUpdate) -> dict[str, Any]:
    who = update.posted_by.handle if update.posted_by else None
    own = {"reference": incident.reference, "posted_by": who, "told": update.told_where}
    return {**plain(StatusUpdateShown, update), **own}
