"""Words for others: a status update in two presses, or "no change" in one."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from core.htmx import HtmxRequest
from incidents.actions.status_update import post_no_change, post_status_update
from incidents.models import Incident
from incidents.views.door import room_door


@room_door("update")
def update_post(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """Post it; the next one is promised in the same breath."""
    post_status_update(incident, by=request.actor, now=timezone.now(), **words)
    return ""


@room_door()
def update_no_change(request: HtmxRequest, incident: Incident) -> str:
    """Nothing has changed since the last words."""
    key = request.POST.get("submission_key", "")
    post_no_change(incident, by=request.actor, now=timezone.now(), submission_key=_key(key))
    return ""


def _key(text: str) -> UUID | None:
    """The key of the press; one that is none counts as a press without a key."""
    try:
        return UUID(text)
    except ValueError:
        return None
