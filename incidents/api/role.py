"""Roles for machines: who holds which, take one, give one, leave one."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from accounts.api import actor_of, user_of
from core.wire import Asked, Problem
from incidents.actions.handover import give_role
from incidents.actions.role import assign_role
from incidents.actions.vacancy import leave_role
from incidents.api.door import REFUSALS, incident_of, person_named
from incidents.api.people import PeopleShown, people_shown

router = Router()


class GiveAsked(Asked):
    """`user` is a handle. A role that commands or speaks is relieved only by naming its holder in `takes_from`."""

    user: str
    takes_from: str | None = None


class TakeAsked(Asked):
    """`takes_from` names who has the role now, where it has to be taken from them."""

    takes_from: str | None = None


ANSWERS = {200: PeopleShown, **REFUSALS}


@router.get("/incidents/{reference}/roles", response={200: PeopleShown, 404: Problem}, url_name="role-list")
def role_list(request: HttpRequest, reference: str) -> dict[str, Any]:
    """Who holds which role, what is offered to whom, and who is here without a role."""
    return people_shown(request, reference)


@router.post("/incidents/{reference}/roles/{role}/take", response=ANSWERS, url_name="role-take")
def role_take(request: HttpRequest, reference: str, role: str, asked: TakeAsked | None = None) -> dict[str, Any]:
    """The owner of the key holds it from now on. Theirs already changes nothing."""
    incident, holder = incident_of(request, reference), asked.takes_from if asked else None
    takes_from = person_named(holder, field="takes_from") if holder else None
    by, user = actor_of(request), user_of(request)
    assign_role(incident, by=by, now=timezone.now(), role=role, user=user, takes_from=takes_from)
    return people_shown(request, reference)


@router.post("/incidents/{reference}/roles/{role}/give", response=ANSWERS, url_name="role-give")
def role_give(request: HttpRequest, reference: str, role: str, asked: GiveAsked) -> dict[str, Any]:
    """Somebody holds it from now on, or is offered it by its holder where it has to be accepted."""
    incident, user = incident_of(request, reference), person_named(asked.user, field="user")
    takes_from = person_named(asked.takes_from, field="takes_from") if asked.takes_from else None
    by, now = actor_of(request), timezone.now()
    give_role(incident, by=by, now=now, role=role, user=user, takes_from=takes_from)
    return people_shown(request, reference)


@router.post("/incidents/{reference}/roles/{role}/leave", response=ANSWERS, url_name="role-leave")
def role_leave(request: HttpRequest, reference: str, role: str) -> dict[str, Any]:
    """The owner of the key no longer holds it."""
    incident = incident_of(request, reference)
    leave_role(incident, by=actor_of(request), now=timezone.now(), role=role, user=user_of(request))
    return people_shown(request, reference)
