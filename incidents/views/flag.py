"""One press raises a flag, one lowers it."""

from django.utils import timezone

from core.htmx import HtmxRequest
from incidents.actions.flag import lower_flag, raise_flag
from incidents.models import Incident
from incidents.views.door import room_door


@room_door()
def flag_raise(request: HtmxRequest, incident: Incident, *, flag: str) -> str:
    """It is so; whom the matrix names is rung, and a breach is private at once."""
    raise_flag(incident, by=request.actor, now=timezone.now(), flag=flag)
    return ""


@room_door()
def flag_lower(request: HtmxRequest, incident: Incident, *, flag: str) -> str:
    """It is not so, or the question is answered with no."""
    lower_flag(incident, by=request.actor, now=timezone.now(), flag=flag)
    return ""
