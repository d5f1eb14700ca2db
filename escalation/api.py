"""Escalation for machines: who is on call, and “I have it”."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from accounts.api import actor_of, user_of
from core.errors import InvalidInput
from core.moments import check_moment
from core.wire import Asked, Problem
from escalation.actions.page import acknowledge_page, decline_page
from escalation.models import Page
from escalation.queries.oncall import on_call_board

router = Router(tags=["escalation"])


class PersonShown(Schema):
    """A person."""

    handle: str
    name: str


class OnCallShown(Schema):
    """One schedule: who is on call, until when (null: for more than two weeks, or nobody is)."""

    schedule: str
    name: str
    people: list[PersonShown]
    until: datetime | None


class AcknowledgementAsked(Asked):
    """`arrives_at`, or `arrives_in` minutes, for whoever cannot be there at once."""

    arrives_at: AwareDatetime | None = None
    arrives_in: Annotated[int, Field(ge=1, le=1440)] | None = None


class PageShown(Schema):
    """A page as it stands now."""

    ref: str
    group: str
    subject: str
    status: str
    acknowledged_by: str | None
    acknowledged_at: datetime | None


@router.get("/on-call", response={200: list[OnCallShown], 422: Problem}, url_name="on-call")
def on_call_list(request: HttpRequest, at: AwareDatetime | None = None) -> list[dict[str, Any]]:
    """Who is on call in every schedule, now or at `at` (2026-04-18T14:23:00+02:00)."""
    at = check_moment(at, field="at") if at else timezone.now()
    return [
        {
            "schedule": row.schedule.slug,
            "name": row.schedule.name,
            "people": [{"handle": user.handle, "name": user.name} for user in row.users],
            "until": row.until,
        }
        for row in on_call_board(at)
    ]


@router.post(
    "/pages/{ref}/acknowledge",
    response={200: PageShown, 403: Problem, 404: Problem, 409: Problem, 422: Problem},
    url_name="page-acknowledge",
)
def page_acknowledge(request: HttpRequest, ref: str, asked: AcknowledgementAsked | None = None) -> dict[str, Any]:
    """Say that the owner of the key has it. A second time changes nothing and is no error."""
    now, arrives_at = timezone.now(), asked.arrives_at if asked else None
    if asked and asked.arrives_in is not None:
        if arrives_at is not None:
            raise InvalidInput("Give “arrives_at” or “arrives_in”, not both.", field="arrives_in")
        arrives_at = now + timedelta(minutes=asked.arrives_in)
    page = acknowledge_page(_find(request, ref), by=actor_of(request), now=now, arrives_at=arrives_at)
    return _shown(page)


@router.post(
    "/pages/{ref}/decline",
    response={200: PageShown, 403: Problem, 404: Problem, 409: Problem, 422: Problem},
    url_name="page-decline",
)
def page_decline(request: HttpRequest, ref: str) -> dict[str, Any]:
    """Say that the owner of the key cannot come: the next person is told now. A second time changes nothing."""
    return _shown(decline_page(_find(request, ref), by=actor_of(request), now=timezone.now()))


def _find(request: HttpRequest, ref: str) -> Page:
    """The page, if the owner of the key may know of it."""
    page = Page.objects.visible_to(user_of(request)).filter(ref=ref).first() if ref.isprintable() else None
    if page is None:
        raise Http404(f"There is no page {ref[:12]}.")
    return page


def _shown(page: Page) -> dict[str, Any]:
    shown = {name: getattr(page, name) for name in ("ref", "group", "subject", "status", "acknowledged_at")}
    return {**shown, "acknowledged_by": page.acknowledged_by.handle if page.acknowledged_by else None}
