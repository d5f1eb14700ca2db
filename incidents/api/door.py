"""What the doors of the API have in common: which incident is meant, and what a refusal looks like."""

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Schema

from accounts.api import user_of
from core.errors import InvalidInput
from core.wire import Problem
from escalation.models import Service
from incidents.models import Incident

REFUSALS = {403: Problem, 404: Problem, 409: Problem, 422: Problem}


def incident_of(request: HttpRequest, reference: str) -> Incident:
    """The incident, or 404: also for whoever may not know of it."""
    rows = Incident.objects.visible_to(user_of(request)).for_rows().select_related("declared_by")
    incident: Incident | None = rows.filter(reference=reference).first() if reference.isprintable() else None
    if incident is None:
        raise Http404(f"There is no incident {reference[:24]}.")
    return incident


def service_named(slug: str) -> Service:
    """The active service with this slug. Raises InvalidInput."""
    service = Service.objects.filter(is_active=True, slug=slug).first() if slug.isprintable() else None
    if service is None:
        raise InvalidInput(f"There is no service called “{slug[:50]}”.", field="service")
    return service


def plain(schema: type[Schema], row: Any) -> dict[str, Any]:
    """Those fields of `schema` that `row` has under the same name."""
    return {name: getattr(row, name) for name in schema.model_fields if hasattr(row, name)}
