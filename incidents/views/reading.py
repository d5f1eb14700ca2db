"""What a reader keeps: how far they have read, hints that they sent away."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.htmx import HtmxRequest
from incidents.actions.reading import note_look, send_hint_away
from incidents.models import Incident
from incidents.views.entry import number_in
from incidents.views.room import show_parts


@require_http_methods(["POST", "GET"])
def look_note(request: HtmxRequest, reference: str) -> HttpResponse:
    """The reader has seen the entries up to `number`; said by the page itself, by “seen”, or by a press.

    Without scripts the room has a press for it. A GET keeps nothing: a browser that fetches ahead, or a tab that
    nobody looks at, has read nothing, and “since you last looked” would leave out what its reader never saw.
    """
    incident = get_object_or_404(Incident.objects.visible_to(request.user), reference=reference)
    number = number_in(request.POST.get("number", ""))
    if number is not None:
        note_look(incident, by=request.actor, now=timezone.now(), number=number)
    return HttpResponse(status=204) if request.htmx else redirect(incident)


@require_http_methods(["POST", "GET"])
def hint_send_away(request: HtmxRequest, reference: str, hint: str) -> HttpResponse:
    """Not again, here, for this reader."""
    incident = get_object_or_404(Incident.objects.visible_to(request.user), reference=reference)
    if request.method == "POST":
        send_hint_away(incident, by=request.actor, now=timezone.now(), hint=hint)
    return show_parts(request, reference) if request.htmx and request.method == "POST" else redirect(incident)
