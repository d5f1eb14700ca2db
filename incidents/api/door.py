"""What the doors of the API have in common: which incident and whom is meant, and what a refusal looks like."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from accounts.api import actor_of, user_of
from accounts.models import User
from core.errors import Conflict, InvalidInput
from core.wire import Asked, Problem
from escalation.models import Service
from incidents.models import Incident, Submission

REFUSALS = {403: Problem, 404: Problem, 409: Problem, 422: Problem}
LONGEST_LIST = 100
LONGEST_REASON = 300


class ReasonAsked(Asked):
    """Why, in a few words; whether they are needed is said in the refusal."""

    reason: str = Field("", max_length=LONGEST_REASON)


def incident_of(request: HttpRequest, reference: str) -> Incident:
    """The incident, or 404: also for whoever may not know of it."""
    rows = Incident.objects.visible_to(user_of(request)).for_rows().select_related("declared_by")
    incident: Incident | None = rows.filter(reference=reference).first() if reference.isprintable() else None
    if incident is None:
        raise Http404(f"There is no incident {reference[:24]}.")
    return incident


def act(action: Callable[..., Any], request: HttpRequest, reference: str, **words: Any) -> Any:
    """What `action` returns, done now to the incident by the owner of the key; 404 where incident_of says so."""
    return action(incident_of(request, reference), by=actor_of(request), now=timezone.now(), **words)


def service_named(slug: str) -> Service:
    """The active service with this slug. Raises InvalidInput."""
    service = Service.objects.filter(is_active=True, slug=slug).first() if slug.isprintable() else None
    if service is None:
        raise InvalidInput(f"There is no service called “{slug[:50]}”.", field="service")
    return service


def person_named(handle: str, *, field: str) -> User:
    """The active person called `ana` or `@ana`. Raises InvalidInput about `field`."""
    known = handle.removeprefix("@").lower()
    user = User.objects.filter(handle=known, is_active=True).first()
    if user is None:
        raise InvalidInput(f"There is nobody called @{known[:40]} here.", field=field)
    return user


def made_before(rows: QuerySet[Any], key: UUID | None, *, at: str = "made_at", by: str = "made_by") -> Any:
    """Of `rows` the one that the first press with `key` made, which has the moment and the person of that press.

    Raises Conflict when that press made something else.
    """
    first = Submission.objects.filter(key=key).select_related("user").first() if key else None
    row = rows.filter(**{at: first.at, by: first.user}).order_by("number").first() if first else None
    if row is None:
        raise Conflict("This submission_key was sent with something else before; take a new one.")
    return row


def plain(schema: type[Schema], row: Any) -> dict[str, Any]:
    """Those fields of `schema` that `row` has under the same name."""
    return {name: getattr(row, name) for name in schema.model_fields if hasattr(row, name)}
