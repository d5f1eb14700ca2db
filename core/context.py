"""What every page's frame needs."""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from core.moments import organisation_zone


def shell(request: HttpRequest) -> dict[str, Any]:
    """The organisation's name and zone, the reader's zone and its short name, and the moment the page was made."""
    now = timezone.now()
    zone: ZoneInfo = getattr(getattr(request, "user", None), "zone", None) or organisation_zone()
    return {
        "organisation": settings.ORGANISATION_NAME,
        "organisation_zone": settings.TIME_ZONE,
        "viewer_zone": zone.key,
        "viewer_zone_name": now.astimezone(zone).tzname(),
        "now": now,
    }
