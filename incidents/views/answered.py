"""What the signed link of a page opens in its incident: the hole that the link's page leaves, read and one note."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.enums import Via
from accounts.models import User
from core.errors import InvalidInput, Refused
from core.htmx import HtmxRequest
from core.public import public_door
from escalation.links import read_answer
from incidents.actions.note import post_note
from incidents.forms.note import NoteForm
from incidents.models import Incident
from incidents.queries.ownership import sentence_of_ownership
from incidents.queries.timeline import window
from incidents.views.entry import fragment, number_in


@public_door(
    "Whoever holds the signed link of a page reads its incident without signing in; it reads, and acts never."
)
@never_cache
@require_safe
def incident_answered(request: HtmxRequest, reference: str, token: str) -> HttpResponse:
    """What this person owns, how things stand and the timeline. Not theirs, or ended: not found."""
    try:
        incident, person = _find(reference, token, timezone.now())
    except Refused as refusal:
        return _gone(refusal)
    return _show(request, incident, person, token, NoteForm())


@public_door(
    "Whoever holds the signed link of a page adds a note without signing in; the link is the whole authority."
)
# No cookie acts here, so none can be abused; a browser that sends no referrer would be refused otherwise.
@csrf_exempt
@never_cache
@require_POST
def answered_note(request: HttpRequest, reference: str, token: str) -> HttpResponse:
    """Add a note as the person of the link, then back to it. A refusal stands beside the words, which stay."""
    now, form = timezone.now(), NoteForm(request.POST)
    try:
        incident, person = _find(reference, token, now)
    except Refused as refusal:
        return _gone(refusal)
    if form.is_valid():
        try:
            post_note(incident, by=Actor(user=person, via=Via.LINK), now=now, **form.cleaned_data)
        except Refused as refusal:
            form.add_error("text", str(refusal))
    if form.errors:
        return _show(request, incident, person, token, form, status=422)
    return _closed(redirect("escalation:answer-link", token))


def _find(reference: str, token: str, now: datetime) -> tuple[Incident, User]:
    """The incident of a link and its person, who may still see it. Raises Refused with a sentence for them."""
    page, person = read_answer(token, now)
    incident = Incident.objects.for_rows().visible_to(person).filter(reference=reference).first()
    if incident is None or incident.subject_key != page.subject_key:
        raise InvalidInput("This link is of another incident.")
    return incident, person


def _show(
    request: HttpRequest, incident: Incident, person: User, token: str, form: NoteForm, status: int = 200
) -> HttpResponse:
    before = request.GET.get("before", "")
    shown = window(incident, number_in(before))
    context = {
        "incident": incident,
        "owned": sentence_of_ownership(incident, person),
        "form": form,
        "token": token,
        "fragments": [fragment(entry) for entry in shown.entries],
        "older": shown.older_than,
    }
    template = "incidents/incident/answered.html"
    part = f"{template}#answered-now" if request.headers.get("HX-Request") and status == 200 else template
    return _closed(render(request, part, context, status=status))


def _gone(refusal: Refused) -> HttpResponse:
    return _closed(HttpResponseNotFound(str(refusal), content_type="text/plain; charset=utf-8"))


def _closed(response: HttpResponse) -> HttpResponse:
    """The address is a key: it goes to no other site and into no index."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
