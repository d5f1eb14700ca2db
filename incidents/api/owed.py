"""What is owed, for machines: in one incident, and by the owner of the key everywhere."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from accounts.api import user_of
from accounts.models import User
from core.wire import Problem
from incidents.api.door import LONGEST_LIST, incident_of
from incidents.models import Incident
from incidents.owed import OwedRow, holds_close, owed, page_key
from incidents.queries.board import pages_that_ring
from incidents.queries.me import owed_of, where_done
from incidents.queries.owed import facts_of, facts_query, open_pages, with_facts

router = Router()


class OwedShown(Schema):
    """One thing that is owed in `incident`. `due_at` is null for what has no moment; `tone` is late, soon or empty.

    `owner` is a person like @ana, a role, or empty for whoever commands; `page` is the ref of the page that waits for
    an answer; `link` leads to where it is done.
    """

    incident: str
    what: str
    detail: str
    due_at: datetime | None
    tone: str
    owner: str
    page: str | None
    link: str


class OwedHere(OwedShown):
    """One thing that is owed; while it `holds_closing`, closing needs a reason."""

    holds_closing: bool


class WhichOwed(Schema):
    """Which part of a list whose worst row is the first: `limit` of them, after the first `skip`."""

    skip: int = Field(0, ge=0, le=2_000_000_000)
    limit: int = Field(LONGEST_LIST, ge=1, le=LONGEST_LIST)


class OwedByMe(Schema):
    """A part of what somebody owes, of `count` things; `next_skip` is the `skip` of the next part, if there is one."""

    owed: list[OwedShown]
    count: int
    next_skip: int | None


@router.get("/incidents/{reference}/owed", response={200: list[OwedHere], 404: Problem}, url_name="owed-list")
def owed_list(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """What is owed in one incident, the worst first: the same rows as in the room."""
    return owed_in(incident_of(request, reference), user_of(request), now=timezone.now())


@router.get("/me/owed", response={200: OwedByMe, 422: Problem}, url_name="me-owed")
def owed_by_me(request: HttpRequest, which: Query[WhichOwed]) -> dict[str, Any]:
    """What the owner of the key owes over all incidents, the worst first."""
    rows, end = owed_of(user_of(request), timezone.now()), which.skip + which.limit
    return {
        "owed": [_shown(each.incident, each.row, each.url) for each in rows[which.skip : end]],
        "count": len(rows),
        "next_skip": end if end < len(rows) else None,
    }


def owed_in(incident: Incident, user: User, *, now: datetime) -> list[dict[str, Any]]:
    """Rows of OwedHere as `user` sees them, in five queries."""
    [fetched] = with_facts(facts_query(Incident.objects.filter(pk=incident.pk)))
    pages = open_pages(user, [fetched]).get(fetched.subject_key, [])
    facts = facts_of(fetched, pages, rings=pages_that_ring(user))
    holding = {row.key for row in holds_close(facts, now)}
    return [
        {**_shown(fetched, row, where_done(fetched, row)), "holds_closing": row.key in holding}
        for row in owed(facts, now)
    ]


def _shown(incident: Incident, row: OwedRow, path: str) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in ("what", "detail", "due_at", "tone", "owner")},
        "incident": incident.reference,
        "page": row.key.removeprefix(page_key("")) if row.is_page else None,
        "link": settings.MUSTER_URL + path,
    }
