"""The facts that owed() looks at, for any number of incidents in a fixed number of queries."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.urls import reverse

from accounts.models import User
from core.prepared import Prepared, among, among_keys, given_key
from escalation.enums import PageStatus
from escalation.models import Page
from escalation.states import LOOKS_FOR_SOMEBODY
from incidents.enums import RoleKind
from incidents.models import Handover, Incident, Promise, Responder, RoleAssignment
from incidents.owed import IncidentFacts, RingingPage
from incidents.queries.checklist import ChecklistPart, boxes, checklist, checks, with_checklist
from incidents.queries.policy import policies_of, policy_of
from incidents.queries.scenario import columns_of_flags, questions_of


def facts_query(incidents: QuerySet[Incident]) -> QuerySet[Incident]:
    """`incidents` with those facts that are columns of theirs."""
    here = Responder.objects.filter(incident=OuterRef("pk"), left_at__isnull=True)
    offered = Handover.objects.waiting().filter(incident=OuterRef("pk"), role__in=_commanding())
    return (
        with_checklist(incidents)
        .select_related("service")
        .annotate(here=ArraySubquery(here.values("user")), is_offered=Exists(offered))
        .annotate(**columns_of_flags())
    )


def _commanding() -> QuerySet[RoleAssignment, Any]:
    rows = RoleAssignment.objects.filter(kind=RoleKind.COMMANDER, ended_at__isnull=True)
    return rows.filter(incident=OuterRef("incident")).values("role")


HELD = Prepared(
    lambda: (
        RoleAssignment.objects.filter(among_keys("incident", "incidents"), ended_at__isnull=True)
        .select_related("user")
        .order_by("began_at", "pk")
    )
)
PROMISES = Prepared(
    lambda: (
        Promise.objects.open()
        .filter(among_keys("incident", "incidents"))
        .select_related("owner")
        .order_by("due_at", "pk")
    )
)


def with_facts(found: Iterable[Incident]) -> list[Incident]:
    """Incidents of `facts_query`, with all that facts_of() wants of each, in two queries (more for a new policy).

    `held` are the roles that somebody holds, `promises_open` what is owed.
    """
    incidents = list(found)
    policies_of(incidents)
    by_key: dict[int, Any] = {incident.pk: incident for incident in incidents}
    for incident in by_key.values():
        incident.held, incident.promises_open = [], []
    for held in HELD.rows(incidents=list(by_key)):
        by_key[held.incident_id].held.append(held)
    for promise in PROMISES.rows(incidents=list(by_key)):
        by_key[promise.incident_id].promises_open.append(promise)
    return incidents


def _open_pages() -> Any:
    rows = Page.objects.filter(among("subject_key", "subjects", CharField(max_length=80)))
    return rows.filter(status__in=LOOKS_FOR_SOMEBODY).order_by("started_at", "pk")


OPEN_PAGES = Prepared(_open_pages)
OPEN_PAGES_SEEN = Prepared(lambda: _open_pages().visible_to(given_key("user")))


def open_pages(user: User | None, incidents: Iterable[Incident]) -> dict[str, list[Page]]:
    """{subject key: its pages that look for somebody}.

    Those that `user` may see, all of them for None. One query.
    """
    subjects = [incident.subject_key for incident in incidents]
    seen = OPEN_PAGES_SEEN.rows(subjects=subjects, user=user.pk) if user else OPEN_PAGES.rows(subjects=subjects)
    found: dict[str, list[Page]] = {}
    for page in seen:
        found.setdefault(page.subject_key, []).append(page)
    return found


def facts_of_one(incident: Incident) -> IncidentFacts:
    """The facts of one incident as they are now, in four queries."""
    [fetched] = with_facts(facts_query(Incident.objects.filter(pk=incident.pk)))
    return facts_of(fetched, open_pages(None, [fetched]).get(fetched.subject_key, []))


def facts_of(incident: Incident, pages: Sequence[Page], rings: Iterable[Page] = ()) -> IncidentFacts:
    """What owed() looks at, of an incident that `with_facts` has fetched and its open `pages`. No query.

    `rings` are those of them that ring the viewer.
    """
    mine = {page.pk for page in rings}
    return facts_with(
        incident,
        promises=incident.promises_open,  # type: ignore[attr-defined]
        held=incident.held,  # type: ignore[attr-defined]
        here=incident.here,  # type: ignore[attr-defined]
        is_offered=incident.is_offered,  # type: ignore[attr-defined]
        parts=checklist(incident),
        pages=[
            RingingPage(
                ref=page.ref,
                group=page.group,
                next_at=page.wake_at,
                next_name="",
                is_exhausted=page.status == PageStatus.EXHAUSTED,
                answer_url=reverse("escalation:page-acknowledge", args=[page.ref]) if page.pk in mine else "",
            )
            for page in pages
            if page.status != PageStatus.HELD
        ],
    )


def facts_with(
    incident: Incident,
    *,
    promises: Sequence[Promise],
    held: Sequence[RoleAssignment],
    here: Iterable[int],
    pages: Sequence[RingingPage],
    is_offered: bool,
    parts: Sequence[ChecklistPart],
    action_urls: dict[str, str] | None = None,
    may_answer: bool = False,
) -> IncidentFacts:
    """The same for everybody who asks what is owed, in the room or elsewhere, of what they have fetched. No query.

    `held` are the roles that somebody holds, the first come first, `here` the ids of those who are there without one,
    `parts` is the checklist; `incident` has the columns of its flags.
    """
    command = _command(held)
    return IncidentFacts(
        incident=incident,
        promises=promises,
        pages=pages,
        commander=command.user if command else None,
        action_urls=action_urls or {},
        command=command,
        silent_since=command.asked_at if command else None,
        is_offered=is_offered,
        boxes=boxes(parts),
        checks=checks(parts),
        empty_seats=_empty_seats(incident, {row.role for row in held}),
        people=len({row.user_id for row in held} | set(here)),
        questions=questions_of(incident, policy_of(incident)),
        may_answer=may_answer,
    )


def _command(held: Iterable[RoleAssignment]) -> RoleAssignment | None:
    return next((row for row in held if row.kind == RoleKind.COMMANDER), None)


def _empty_seats(incident: Incident, held: set[str]) -> list[str]:
    """The names of those seats of the incident's level that nobody holds."""
    names = policy_of(incident).role_names
    return [names.get(seat.role) or seat.role for seat in incident.level.team.all() if seat.role not in held]
