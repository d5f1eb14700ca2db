"""How an incident stands after a press that moved its response on: the answer of all such doors."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.api import user_of
from incidents.api.door import incident_of
from incidents.api.incident import IncidentListed, listed
from incidents.api.owed import OwedHere, owed_in


class StandingShown(IncidentListed):
    """The incident as it stands now, and what is owed in it."""

    owed: list[OwedHere]


def standing(request: HttpRequest, reference: str) -> dict[str, Any]:
    """StandingShown, from fresh rows."""
    incident = incident_of(request, reference)
    return {**listed(incident), "owed": owed_in(incident, user_of(request), now=timezone.now())}
