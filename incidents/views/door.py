"""What every POST door of the room has in common, so that each is only its action."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from core.errors import Conflict, Refused
from core.htmx import HtmxRequest
from incidents.forms.submission import RoomForm
from incidents.queries.room import Room
from incidents.views.panels import OFFERS
from incidents.views.room import find_room, show_parts, show_room

Press = Callable[..., str]
Door = Callable[..., HttpResponse]


def room_door(key: str = "") -> Callable[[Press], Door]:
    """A POST door of the room; `key` names the panel whose form it takes, none takes no words.

    The wrapped function gets (request, incident, …, **words) and returns a sentence to show, or nothing. A refusal
    keeps what was typed: the panel comes back with the sentence (422). A GET leads to the room, because it comes from
    signing in again in the middle of a press.
    """

    def wrap(press: Press) -> Door:
        @wraps(press)
        @require_http_methods(["POST", "GET"])
        def door(request: HtmxRequest, reference: str, **kwargs: Any) -> HttpResponse:
            found = find_room(request, reference)
            if request.method == "GET":
                return redirect(found.incident)
            form = OFFERS[key].form(request.POST, request.FILES, room=found) if key else None
            if form is not None and not form.is_valid():
                return _refused(request, found, key, form)
            try:
                said = press(request, found.incident, **kwargs, **(form.words() if form else {}))
            except Refused as refusal:
                return _refused(request, found, key, form, refusal)
            if said:
                messages.success(request, said)
            if request.htmx:
                # A press that came from elsewhere leaves an open panel alone: only a panel's form carries this key.
                return show_parts(request, reference, with_panel=bool(key) and "submission_key" in request.POST)
            return redirect(found.incident)

        return door

    return wrap


def _refused(
    request: HtmxRequest, found: Room, key: str, form: RoomForm | None, refusal: Refused | None = None
) -> HttpResponse:
    """It was not done: the sentence beside the field that is at fault, or on top."""
    if form is None:
        messages.error(request, str(refusal))
        return show_parts(request, found.incident.reference) if request.htmx else redirect(found.incident)
    if refusal is not None:
        if isinstance(refusal, Conflict):
            form.see_again()
        field = getattr(refusal, "field", "")
        form.add_error(field if field in form.fields else None, str(refusal))
    if request.htmx:
        return show_parts(request, found.incident.reference, with_panel=True, key=key, form=form, status=422)
    return show_room(request, found, key=key, form=form, status=422)
