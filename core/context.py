"""What every page's frame needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone


def shell(request: HttpRequest) -> dict[str, Any]:
    """The organisation's name and zone, and the moment at which the page was made."""
    return {"organisation": settings.ORGANISATION_NAME, "organisation_zone": settings.TIME_ZONE, "now": timezone.now()}
