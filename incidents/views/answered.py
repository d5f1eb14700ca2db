"""What a person owns after they have answered by their signed link: the hole that the link's page leaves."""

from django.http import HttpResponse, HttpResponseNotFound
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.errors import Refused
from core.htmx import HtmxRequest
from core.public import public_door
from escalation.links import read_answer
from incidents.models import Incident
from incidents.queries.ownership import sentence_of_ownership


@public_door(
    "Whoever holds the signed link of a page learns what they own without signing in; it reads, and acts never."
)
@never_cache
@require_safe
def incident_answered(request: HtmxRequest, reference: str, token: str) -> HttpResponse:
    """Whether the person of the link commands, and how to pass it on. Not theirs, or ended: not found."""
    try:
        page, person = read_answer(token, timezone.now())
    except Refused as refusal:
        return HttpResponseNotFound(str(refusal), content_type="text/plain; charset=utf-8")
    incident = Incident.objects.for_rows().filter(reference=reference).first()
    if incident is None or incident.subject_key != page.subject_key:
        return HttpResponseNotFound("This link is of another incident.", content_type="text/plain; charset=utf-8")
    context = {"incident": incident, "owned": sentence_of_ownership(incident, person)}
    template = "incidents/incident/answered.html"
    return render(request, f"{template}#answered-now" if request.htmx else template, context)
