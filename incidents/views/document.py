"""The status document of an incident, as Markdown."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from core.htmx import HtmxRequest
from core.moments import organisation_zone
from incidents.enums import CheckOutcome
from incidents.export import status_document
from incidents.queries.timeline import shown
from incidents.views.room import find_room


@require_safe
def incident_document(request: HtmxRequest, reference: str) -> HttpResponse:
    """What is happening, impact, current status, the whole timeline; in the organisation's zone."""
    found = find_room(request, reference)
    text = status_document(
        found.incident,
        shown(found.incident),
        found.last_update,
        commander=str(found.commander or ""),
        zone=organisation_zone(),
        work=found.work,
        checks=[item for item in found.items if item.is_check and item.outcome == CheckOutcome.PASSED],
    )
    return HttpResponse(text, content_type="text/markdown; charset=utf-8")
