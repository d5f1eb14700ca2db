"""Escalation for machines: who is on call, and “I have it”."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from accounts.api import actor_of, user_of
from core.errors import InvalidInput
from core.moments import check_moment
from core.wire import Asked, Problem
from escalation.actions.page import acknowledge_page, decline_page
from escalation.models import Override, Page, Schedule
from escalation.queries.oncall import NamedShift, on_call_board, shifts_between

LONGEST_WINDOW = timedelta(days=400)
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


class OverrideShown(Schema):
    """What changed a shift: its kind (cover, replace, add, remove or temporary), why, and who did it, by handle."""

    kind: str
    reason: str
    by: str


class ShiftShown(Schema):
    """A final interval, its end exclusive. Without users: all who are on call then were switched off."""

    start: datetime
    end: datetime
    users: list[PersonShown]
    layer: str
    override: OverrideShown | None


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


@router.get(
    "/schedules/{slug}/shifts", response={200: list[ShiftShown], 404: Problem, 422: Problem}, url_name="shifts"
)
def shift_list(
    request: HttpRequest,
    slug: str,
    start: Annotated[AwareDatetime, Query(alias="from")],
    end: Annotated[AwareDatetime, Query(alias="to")],
) -> list[dict[str, Any]]:
    """The final shifts of a schedule from one moment up to another, in order; a moment in none has nobody."""
    check_moment(start, field="from")
    check_moment(end, field="to")
    if end <= start:
        raise InvalidInput("“to” is later than “from”.", field="to")
    if end - start > LONGEST_WINDOW:
        raise InvalidInput(f"At most {LONGEST_WINDOW.days} days at a time.", field="to")
    schedule = Schedule.objects.filter(slug=slug).first() if slug.isprintable() else None
    if schedule is None:
        raise Http404(f"There is no schedule {slug[:50]}.")
    line = shifts_between(schedule, start, end, timezone.now())
    return [_shown_shift(shift) for shift in line if not shift.is_gap]


def _shown_shift(shift: NamedShift) -> dict[str, Any]:
    one = shift.override
    kind = one.kind if isinstance(one, Override) else "temporary"
    reason = one.reason if isinstance(one, Override) else one.name if one else ""
    return {
        "start": shift.start,
        "end": shift.end,
        "users": [{"handle": user.handle, "name": user.name} for user in shift.users],
        "layer": shift.layer,
        "override": {"kind": kind, "reason": reason, "by": one.created_by.handle} if one else None,
    }


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
