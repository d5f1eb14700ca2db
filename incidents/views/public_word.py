"""Tell the public: the words that are ready in one press, or other ones; and those that people post elsewhere."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.htmx import HtmxRequest
from incidents.actions.public_word import not_public, tell_public
from incidents.actions.text import texts_to_copy
from incidents.models import Incident
from incidents.views.door import room_door


@room_door("public")
def public_tell(request: HtmxRequest, incident: Incident, **words: Any) -> str:
    """Say it."""
    tell_public(incident, by=request.actor, now=timezone.now(), **words)
    return "The public was told."


@require_safe
def public_texts(request: HtmxRequest, reference: str) -> HttpResponse:
    """The ladder's texts for the public, social media and customers, filled in, to copy; also of a closed incident."""
    rows = Incident.objects.visible_to(request.user).select_related("level__version__ladder", "service")
    incident = get_object_or_404(rows, reference=reference)
    why_not = "" if incident.may_be_public else not_public(incident)
    context = {"incident": incident, "texts": texts_to_copy(incident, now=timezone.now()), "why_not": why_not}
    return render(request, "incidents/public_word/texts.html", context)
