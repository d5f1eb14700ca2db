"""An offer of a role: made, looked at with its brief, accepted, declined, taken back."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from core.htmx import HtmxRequest
from incidents.actions.handover import accept_handover, decline_handover, offer_handover, take_back_handover
from incidents.models import Handover, Incident
from incidents.queries.handover import handover_of
from incidents.views.door import room_door


@require_safe
def handover_detail(request: HtmxRequest, reference: str, number: int) -> HttpResponse:
    """The brief, and for whom it is, one press to accept and one to decline."""
    offer = _find(request, reference, number)
    return render(request, "incidents/handover/detail.html", {"offer": offer, "incident": offer.incident})


@room_door("handover")
def handover_offer(request: HtmxRequest, incident: Incident, *, role: str, to: User) -> str:
    """Offer a role of mine."""
    offer_handover(incident, by=request.actor, now=timezone.now(), role=role, to=to)
    return f"Offered to {to}; it is theirs once they accept."


@room_door()
def handover_accept(request: HtmxRequest, incident: Incident, *, number: int) -> str:
    """It is mine from now on."""
    accept_handover(_find(request, incident.reference, number), by=request.actor, now=timezone.now())
    return ""


@room_door()
def handover_decline(request: HtmxRequest, incident: Incident, *, number: int) -> str:
    """It stays where it is."""
    decline_handover(_find(request, incident.reference, number), by=request.actor, now=timezone.now())
    return ""


@room_door()
def handover_take_back(request: HtmxRequest, incident: Incident, *, number: int) -> str:
    """I keep it."""
    take_back_handover(_find(request, incident.reference, number), by=request.actor, now=timezone.now())
    return ""


def _find(request: HtmxRequest, reference: str, number: int) -> Handover:
    try:
        return handover_of(request.user, reference, number)
    except Handover.DoesNotExist as error:
        raise Http404(f"There is no such offer in {reference}.") from error
