"""What one person owes everywhere, what rings them, what they hold, and when they are on call today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from accounts.models import User
from escalation.models import Page
from escalation.queries.swap import MyShift, my_shifts
from incidents.enums import RoleKind
from incidents.models import Incident, Promise, RoleAssignment
from incidents.owed import TONES, OwedRow, owed
from incidents.queries.board import pages_that_ring
from incidents.queries.owed import facts_of, facts_query, open_pages, with_facts

MOST = 60
TODAY = timedelta(hours=24)


@dataclass(frozen=True)
class MyRow:
    """One thing that somebody owes, in which incident, and the page where it is done."""

    incident: Incident
    row: OwedRow
    url: str


@dataclass(frozen=True)
class Mine:
    """The page of one person."""

    rung: list[Page]
    owed: list[MyRow]
    has_more: bool
    roles: list[RoleAssignment]
    shifts: list[MyShift]


def mine(user: User, now: datetime) -> Mine:
    """All of it in twelve queries, however much there is."""
    rung = pages_that_ring(user)
    rows = owed_of(user, now, rung=rung)
    held = RoleAssignment.objects.filter(user=user, ended_at__isnull=True, incident__closed_at__isnull=True)
    visible = held.filter(incident__in=Incident.objects.visible_to(user)).select_related("incident__level")
    shifts = my_shifts(user, now).shifts
    return Mine(
        rung=rung,
        owed=rows[:MOST],
        has_more=len(rows) > MOST,
        roles=list(visible.order_by("incident__level__rank", "began_at", "pk")),
        shifts=[shift for shift in shifts if shift.start < now + TODAY],
    )


def owed_of(user: User, now: datetime, *, rung: Iterable[Page] | None = None) -> list[MyRow]:
    """What `user` owes over all incidents, the worst first: by name, by a role of theirs, or because they command.

    The same rows as in each room; of an incident that is closed, what they owed by a role that they held until then.
    Five queries, six unless `rung` is given: the pages that ring them.
    """
    rung = pages_that_ring(user) if rung is None else rung
    held = RoleAssignment.objects.filter(user=user)
    held = held.filter(Q(ended_at__isnull=True) | Q(ended_at=F("incident__closed_at")))
    roles: dict[int, set[str]] = {}
    for pk, slug, kind in held.values_list("incident", "role", "kind"):
        roles.setdefault(pk, set()).update({slug, kind})
    undone = Promise.objects.open()
    owing = Q(pk__in=undone.filter(owner=user).values("incident"))
    owing |= Q(pk__in=list(roles)) & (Q(closed_at__isnull=True) | Q(pk__in=undone.values("incident")))
    owing |= Q(reference__in=[page.subject_key.removeprefix("incident:") for page in rung])
    incidents = with_facts(facts_query(Incident.objects.visible_to(user).filter(owing)))
    pages = open_pages(user, incidents)
    found = []
    for incident in incidents:
        rows = owed(facts_of(incident, pages.get(incident.subject_key, []), rings=list(rung)), now)
        own = roles.get(incident.pk, set())
        found += [MyRow(incident, row, where_done(incident, row)) for row in rows if is_mine(incident, row, user, own)]
    return sorted(found, key=lambda one: (TONES[one.row.tone], one.row.due_at is None, one.row.due_at or now))


def is_mine(incident: Incident, row: OwedRow, user: User, roles: set[str]) -> bool:
    """Whether `user`, who holds `roles`, owes `row`; whoever commands owes for the roles that nobody holds."""
    if row.is_owed_by(user, roles):
        return True
    if row.person or row.is_page or RoleKind.COMMANDER not in roles:
        return False
    taken = {word for held in incident.held for word in (held.role, held.kind)}  # type: ignore[attr-defined]
    return row.role not in taken


def where_done(incident: Incident, row: OwedRow) -> str:
    """The page where it is done: its own, or the room with the form open."""
    room = incident.get_absolute_url()
    if row.posts or not row.url:
        return room
    if not row.url.startswith("#"):
        return row.url if row.url.startswith("/") else room
    anchor = row.url.removeprefix("#")
    return f"{room}#{anchor}" if anchor in {"composer", "checklist"} else f"{room}?panel={anchor}#room-panel"
