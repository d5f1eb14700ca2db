"""Handovers for machines: offer a role, read its brief, accept, decline, take back."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from accounts.api import actor_of, user_of
from core.wire import Asked, Problem
from incidents.actions.handover import accept_handover, decline_handover, offer_handover, take_back_handover
from incidents.api.door import REFUSALS, incident_of, person_named, plain
from incidents.models import Handover
from incidents.queries.handover import handover_of

router = Router()


class HandoverAsked(Asked):
    """A role that the owner of the key holds, and the handle of whoever is to have it."""

    role: str
    to: str


class HandoverShown(Schema):
    """An offer and what became of it, with the brief as Markdown. Until it is accepted the role stays where it is."""

    number: int
    role: str
    from_user: str
    to_user: str
    offered_at: datetime
    accepted_at: datetime | None
    declined_at: datetime | None
    withdrawn_at: datetime | None
    brief: str


ANSWERS = {200: HandoverShown, **REFUSALS}


@router.post("/incidents/{reference}/handovers", response={201: HandoverShown, **REFUSALS}, url_name="handover-offer")
def handover_offer(request: HttpRequest, reference: str, asked: HandoverAsked) -> Status:
    """Offer a role: it is theirs once they accept it. The same offer again is the first one."""
    incident, to = incident_of(request, reference), person_named(asked.to, field="to")
    offer = offer_handover(incident, by=actor_of(request), now=timezone.now(), role=asked.role, to=to)
    return Status(201, _shown(offer))


@router.get(
    "/incidents/{reference}/handovers/{number}",
    response={200: HandoverShown, 404: Problem},
    url_name="handover-detail",
)
def handover_detail(request: HttpRequest, reference: str, number: int) -> dict[str, Any]:
    """One offer with its brief."""
    return _shown(_find(request, reference, number))


@router.post("/incidents/{reference}/handovers/{number}/accept", response=ANSWERS, url_name="handover-accept")
def handover_accept(request: HttpRequest, reference: str, number: int) -> dict[str, Any]:
    """The role is the owner of the key's from now on. A second time changes nothing."""
    return _answered(accept_handover, request, reference, number)


@router.post("/incidents/{reference}/handovers/{number}/decline", response=ANSWERS, url_name="handover-decline")
def handover_decline(request: HttpRequest, reference: str, number: int) -> dict[str, Any]:
    """The role stays where it is. A second time changes nothing."""
    return _answered(decline_handover, request, reference, number)


@router.post("/incidents/{reference}/handovers/{number}/take-back", response=ANSWERS, url_name="handover-take-back")
def handover_take_back(request: HttpRequest, reference: str, number: int) -> dict[str, Any]:
    """Whoever offered it keeps the role."""
    return _answered(take_back_handover, request, reference, number)


def _answered(answer: Callable[..., Any], request: HttpRequest, reference: str, number: int) -> dict[str, Any]:
    answer(_find(request, reference, number), by=actor_of(request), now=timezone.now())
    return _shown(_find(request, reference, number))


def _find(request: HttpRequest, reference: str, number: int) -> Handover:
    """The offer, or 404: also for whoever may not know of its incident."""
    incident = incident_of(request, reference)
    try:
        return handover_of(user_of(request), incident.reference, number)
    except Handover.DoesNotExist as error:
        raise Http404(f"There is no such offer in {incident.reference}.") from error


def _shown(offer: Handover) -> dict[str, Any]:
    people = {"from_user": offer.from_user.handle, "to_user": offer.to_user.handle}
    return {**plain(HandoverShown, offer), **people}
