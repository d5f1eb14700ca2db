"""Everything that one room shows, for one viewer, in a fixed number of queries whatever its size."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from accounts.models import User
from core.prepared import Given, Prepared, given_key
from escalation.queries.page import page_lines
from incidents.models import (
    Handover,
    Incident,
    Promise,
    Responder,
    RoleAssignment,
    RoleDefinition,
    SeverityChange,
    StatusUpdate,
    SubTeam,
    SubTeamMember,
)
from incidents.queries import reading
from incidents.queries.checklist import checklist, with_checklist
from incidents.queries.policy import VersionRows, policy_of
from incidents.queries.room.shown import RoleRow, Room
from incidents.queries.scenario import columns_of_scenario, scenario_of
from incidents.queries.watch import raise_to_come
from incidents.queries.work import with_work, work_of

MOMENTS = ("began_at", "shift_ends_at", "asked_at")  # of a role's first holder


def _incident() -> QuerySet[Incident]:
    user = given_key("user")
    waiting = SeverityChange.objects.unsettled().filter(incident=OuterRef("pk"))
    updates = StatusUpdate.objects.filter(incident=OuterRef("pk")).order_by("-posted_at", "-pk")
    kept = Promise.objects.filter(incident=OuterRef("pk"), kept_at__isnull=False).order_by().values("incident")
    return (
        with_checklist(with_work(Incident.objects.visible_to(user)))
        .select_related("level", "service", "declared_by")
        .annotate(kept=Subquery(kept.annotate(count=Count("pk")).values("count")), is_pending=Exists(waiting))
        .annotate(newest_update=Subquery(updates.values("pk")[:1]))
        .annotate(**columns_of_scenario())
        .annotate(**people_of(OuterRef("pk")))
        .annotate(**reading.columns(user))
        .filter(reference=Given("reference", CharField(max_length=24)))
    )


INCIDENT = Prepared(_incident)
PROMISES = Prepared(
    lambda: (
        Promise.objects.open().filter(incident=given_key("incident")).select_related("owner").order_by("due_at", "pk")
    )
)
LAST_UPDATE = Prepared(lambda: StatusUpdate.objects.said_inside().filter(incident=given_key("incident"))[:1])


def room(reference: str, user: User, now: datetime) -> Room:
    """The room of `reference` as `user` sees it. Raises Incident.DoesNotExist when there is none, or not for them."""
    incident = INCIDENT.first(reference=reference, user=user.pk)
    if incident is None:
        raise Incident.DoesNotExist(f"There is no incident {reference} for {user}.")
    policy, work = policy_of(incident), work_of(incident)
    promises = PROMISES.rows(incident=incident.pk)
    work.looked_at_by({row.subject_key: row.due_at for row in promises if row.subject_key})
    return Room(
        incident=incident,
        viewer=user,
        now=now,
        promises=promises,
        kept=incident.kept or 0,  # type: ignore[attr-defined]
        roles=role_rows(incident, policy),
        levels=policy.levels,
        pending=raise_to_come(incident) if incident.is_pending else None,  # type: ignore[attr-defined]
        last_update=LAST_UPDATE.first(incident=incident.pk),
        pages=page_lines(incident.subject_key, now),
        links=reading.links(incident),
        pins=reading.pins(incident),
        news=reading.news(incident, user),
        sent_away=reading.hints_away(incident),
        work=work,
        contacts=list(policy.version.contacts.all()),
        checklist=checklist(incident),
        scenario=scenario_of(incident, policy, now, [row.service.slug for row in work.services]),
    )


def role_rows(incident: Incident, policy: VersionRows) -> list[RoleRow]:
    """Every role of the incident's ladder with its holders, first come first. No query."""
    held: list[dict[str, Any]] = incident.held  # type: ignore[attr-defined]
    at_level = {seat.role: seat.duties for seat in incident.level.team.all()}
    return [
        _role_row(role, [row for row in held if row["role"] == role.slug], at_level.get(role.slug, ""))
        for role in policy.version.roles.all()
    ]


def _role_row(role: RoleDefinition, held: list[dict[str, Any]], at_level: str) -> RoleRow:
    first: dict[str, Any] = held[0] if held else {}
    moments = {name: first.get(name) for name in MOMENTS}
    return RoleRow(
        role,
        [User(**row["person"]) for row in held],
        **{name: datetime.fromisoformat(moment) for name, moment in moments.items() if moment},
        duties=[words.strip() for words in (role.duties, at_level) if words],
    )


def _person(path: str) -> JSONObject:
    fields = ("handle", "name", "time_zone")
    return JSONObject(id=f"{path}__pk", **{name: F(f"{path}__{name}") for name in fields})


def people_of(incident: Any) -> dict[str, ArraySubquery]:
    """Who holds which role, who is here without one, which are offered, and the sub-teams: columns of an incident.

    Of one that is closed those who held them until then.
    """
    here = Responder.objects.filter(incident=incident, left_at__isnull=True).order_by("joined_at", "pk")
    until_the_end = Q(ended_at__isnull=True) | Q(ended_at=F("incident__closed_at"))
    held = RoleAssignment.objects.filter(until_the_end, incident=incident).order_by("began_at", "pk")
    seat = JSONObject(role="role", **{name: name for name in MOMENTS}, person=_person("user"))
    offers = Handover.objects.waiting().filter(incident=incident).order_by("number")
    offer = JSONObject(
        number="number", role="role", name="name", **{"from": _person("from_user"), "to": _person("to_user")}
    )
    members = SubTeamMember.objects.filter(team=OuterRef("pk"), left_at__isnull=True).order_by("pk")
    members = members.exclude(user=OuterRef("lead"))
    team = JSONObject(name="name", lead="lead__handle", people=ArraySubquery(members.values("user__handle")))
    teams = SubTeam.objects.filter(incident=incident, ended_at__isnull=True).order_by("made_at", "pk")
    return {
        "held": ArraySubquery(held.values(found=seat)),
        "here": ArraySubquery(here.values(found=_person("user"))),
        "offers": ArraySubquery(offers.values(found=offer)),
        "teams": ArraySubquery(teams.values(found=team)),
    }
