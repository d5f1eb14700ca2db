"""The level for machines: change it, take a raise back."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from accounts.api import actor_of
from core.errors import InvalidInput
from incidents.actions.severity import change_level, take_back_change
from incidents.api.door import REFUSALS, ReasonAsked, incident_of
from incidents.api.standing import StandingShown, standing
from incidents.models import Incident, Level
from incidents.queries.policy import policy_of

router = Router()
ANSWERS = {200: StandingShown, **REFUSALS}


class LevelAsked(ReasonAsked):
    """A level of the incident's own ladder, by its name; to lower it needs a reason.

    `seen` is the level that was shown when this was decided: when it is another by now, nothing is changed (409).
    """

    level: str
    seen: str | None = None


@router.post("/incidents/{reference}/severity", response=ANSWERS, url_name="severity-change")
def severity_change(request: HttpRequest, reference: str, asked: LevelAsked) -> dict[str, Any]:
    """Raise it, which rings ten seconds later unless it is taken back, or lower it at once."""
    incident = incident_of(request, reference)
    by, now, level = actor_of(request), timezone.now(), _level_named(incident, asked.level)
    change_level(incident, by=by, now=now, level=level, reason=asked.reason, seen=asked.seen)
    return standing(request, reference)


@router.post("/incidents/{reference}/severity/take-back", response=ANSWERS, url_name="severity-take-back")
def severity_take_back(request: HttpRequest, reference: str) -> dict[str, Any]:
    """Undo a raise within its ten seconds; nobody was rung."""
    take_back_change(incident_of(request, reference), by=actor_of(request), now=timezone.now())
    return standing(request, reference)


def _level_named(incident: Incident, name: str) -> Level:
    policy = policy_of(incident)
    level = policy.level_named(name)
    if level is None:
        known = ", ".join(level.name for level in policy.levels)
        raise InvalidInput(f"“{name[:20]}” is no level here; there are {known}.", field="level")
    return level
