"""What I owe: one page for everything that waits for whoever is signed in."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.htmx import HtmxRequest
from incidents.queries.me import mine


@require_safe
def me_detail(request: HtmxRequest) -> HttpResponse:
    """What rings me, what I owe over all incidents, the roles that I hold, my shifts of today."""
    now = timezone.now()
    found = mine(request.user, now)
    return render(request, "incidents/me/detail.html", {"mine": found, "now": now, "rung": found.rung})
