"""Whom to reach for what."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.htmx import HtmxRequest
from escalation.queries.role_contact import contacts_now


@require_safe
def contact_list(request: HtmxRequest) -> HttpResponse:
    """The contact table with whoever is on call now and their numbers."""
    return render(request, "escalation/role_contact/list.html", {"lines": contacts_now(timezone.now())})
