"""Flags for machines: which there are, raise one, lower one."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from core.wire import Problem
from incidents.actions.flag import lower_flag, raise_flag
from incidents.api.door import REFUSALS, act, incident_of, plain
from incidents.models import Incident
from incidents.queries.policy import policy_of
from incidents.queries.scenario import columns_of_scenario, scenario_of

router = Router()


class FlagShown(Schema):
    """A flag of the ladder by its slug; while it is up, since when and by whom, like @ana."""

    slug: str
    name: str
    question: str
    makes_private: bool
    is_up: bool
    since: datetime | None
    by: str


ANSWERS = {200: list[FlagShown], **REFUSALS}


@router.get("/incidents/{reference}/flags", response={200: list[FlagShown], 404: Problem}, url_name="flag-list")
def flag_list(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """Every flag of the ladder, and which are up."""
    return _flags(request, reference)


@router.post("/incidents/{reference}/flags/{flag}/raise", response=ANSWERS, url_name="flag-raise")
def flag_raise(request: HttpRequest, reference: str, flag: str) -> list[dict[str, Any]]:
    """It is so: whom the matrix names is rung, and one that makes private does so at once. Up already: no change."""
    act(raise_flag, request, reference, flag=flag)
    return _flags(request, reference)


@router.post("/incidents/{reference}/flags/{flag}/lower", response=ANSWERS, url_name="flag-lower")
def flag_lower(request: HttpRequest, reference: str, flag: str) -> list[dict[str, Any]]:
    """It is not so, or its question is answered with no. Who was rung stays rung, what is private stays private."""
    act(lower_flag, request, reference, flag=flag)
    return _flags(request, reference)


def _flags(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    rows = Incident.objects.filter(pk=incident_of(request, reference).pk).select_related("level")
    incident = rows.annotate(**columns_of_scenario()).get()
    scenario = scenario_of(incident, policy_of(incident), timezone.now(), services=())
    return [plain(FlagShown, flag) for flag in scenario.flags]
