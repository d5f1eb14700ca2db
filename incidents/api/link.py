"""Incidents that have to do with each other, for machines: which there are, link one, close one as a duplicate."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from accounts.api import actor_of, user_of
from core.errors import InvalidInput
from core.wire import Asked, Problem
from incidents.actions.link import link_incidents, merge_incident
from incidents.api.door import REFUSALS, incident_of
from incidents.api.standing import StandingShown, standing
from incidents.models import Incident
from incidents.queries.incident import incident_called
from incidents.queries.reading import columns, links

router = Router()


class LinkAsked(Asked):
    """`related` or `caused_by`, and the reference or the number of the other incident."""

    other: str
    relation: str = "related"


class MergeAsked(Asked):
    """The reference or the number of the incident in which it goes on."""

    into: str


class LinkShown(Schema):
    """Another incident that the owner of the key may see; `word` says what this one is to it: Caused by."""

    word: str
    reference: str
    summary: str
    level: str
    status: str


@router.get("/incidents/{reference}/links", response={200: list[LinkShown], 404: Problem}, url_name="link-list")
def link_list(request: HttpRequest, reference: str) -> list[Any]:
    """The incidents that this one has to do with, first those that it names."""
    return _links(request, reference)


@router.post("/incidents/{reference}/links", response={200: list[LinkShown], **REFUSALS}, url_name="incident-link")
def incident_link(request: HttpRequest, reference: str, asked: LinkAsked) -> list[Any]:
    """Both say so from now on. Linked already: no change."""
    incident, other = incident_of(request, reference), _other(request, asked.other, field="other")
    link_incidents(incident, by=actor_of(request), now=timezone.now(), to=other, relation=asked.relation)
    return _links(request, reference)


@router.post("/incidents/{reference}/merge", response={200: StandingShown, **REFUSALS}, url_name="incident-merge")
def incident_merge(request: HttpRequest, reference: str, asked: MergeAsked) -> dict[str, Any]:
    """Close it as a duplicate: its pages stop, it owes nothing more, and its people are sent to the other."""
    incident, other = incident_of(request, reference), _other(request, asked.into, field="into")
    merge_incident(incident, by=actor_of(request), now=timezone.now(), into=other)
    return standing(request, reference)


def _other(request: HttpRequest, called: str, *, field: str) -> Incident:
    """The incident that is meant. Raises InvalidInput also when the owner of the key may not see it."""
    other = incident_called(called, user_of(request))
    if other is None:
        raise InvalidInput(f"There is no incident {called.strip()[:24]}.", field=field)
    return other


def _links(request: HttpRequest, reference: str) -> list[Any]:
    rows = Incident.objects.filter(pk=incident_of(request, reference).pk)
    fetched: Model = rows.annotate(**columns(user_of(request))).get()
    return links(fetched)
