"""A file of an incident, for whoever may see the incident: a picture is shown, everything else is downloaded."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from core.htmx import HtmxRequest
from incidents.enums import MediaType
from incidents.intake.attachment import PICTURES
from incidents.models import Incident

TEXTS = {MediaType.TEXT, MediaType.CSV, MediaType.JSON}
# Whatever a browser makes of it, it runs nothing, loads nothing and stands in no page of another site.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, max-age=31536000, immutable",
}


@require_safe
def attachment_detail(request: HtmxRequest, reference: str, digest: str) -> HttpResponse:
    """The bytes as they were put here; their address is their digest, so they never change."""
    incident = get_object_or_404(Incident.objects.visible_to(request.user), reference=reference)
    found = get_object_or_404(incident.attachments.all(), sha256=digest)
    is_text = found.media_type in TEXTS
    kind = f"{found.media_type}; charset=utf-8" if is_text else found.media_type
    response = HttpResponse(bytes(found.content), content_type=kind, headers=HEADERS)
    disposition = content_disposition_header(found.media_type not in PICTURES, found.name)
    response["Content-Disposition"] = disposition or "inline"
    return response
