"""Words for others: a status update in two presses, or "no change" in one."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.htmx import HtmxRequest
from incidents.actions.status_update import post_no_change, post_status_update
from incidents.forms.status_update import StatusUpdateForm
from incidents.models import Incident
from incidents.views.door import room_door
from incidents.views.room import find_room, show_room


@room_door("update")
def update_post(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """Post it; the next one is promised in the same breath."""
    post_status_update(incident, by=request.actor, now=timezone.now(), **words)
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
def update_preview(request: HtmxRequest, reference: str) -> HttpResponse:
    """What the public would read of what is typed; posts nothing.

    HTMX asks for it while somebody types. Without scripts a press brings the form back with it.
    """
    found = find_room(request, reference)
    if request.htmx:
        form = StatusUpdateForm(request.GET, room=found)
        return render(request, "incidents/public_word/preview.html", {"form": form, "incident": found.incident})
    if request.method != "POST":
        return redirect(found.incident)
    return show_room(request, found, key="update", form=StatusUpdateForm(request.POST, room=found))


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
