"""Whom a rule of the policy names: who is on call in a schedule, or whoever answers for the affected service."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from accounts.models import User
from escalation.models import Schedule, Service, StepTarget
from escalation.queries.oncall import on_call_in
from incidents.enums import RoleSource
from incidents.models import Incident, Level, LevelRole, RoleDefinition


@dataclass(frozen=True)
class Found:
    """Whom a rule names and why, or nobody and why not: half a sentence either way."""

    person: User | None
    why: str


@dataclass(frozen=True)
class Seat:
    """One seat of the team of a level, with the role that it is of."""

    role: str
    source: str
    schedule: str
    duties: str
    definition: RoleDefinition


@dataclass(frozen=True)
class Opening:
    """What a declaration must know beside its level: the newest number given out, and the seats of the team."""

    newest: int
    seats: list[Seat]


def opening_of(level: Level) -> Opening:
    """The newest number of an incident (0: there is none) and the team of `level`, in one query."""
    newest = Incident.objects.order_by("-number").values("number")[:1]
    rows = Level.objects.filter(pk=level.pk).annotate(newest=Subquery(newest), seats=ArraySubquery(_seats()))
    number, seats = rows.values_list("newest", "seats").get()
    return Opening(number or 0, [_seat(fields) for fields in seats])


def seats_of(level: Level) -> list[Seat]:
    """The team of `level`, in one query."""
    seats = Level.objects.filter(pk=level.pk).values_list(ArraySubquery(_seats()), flat=True).get()
    return [_seat(fields) for fields in seats]


def _seats() -> Any:
    role = RoleDefinition.objects.filter(version=OuterRef("level__version"), slug=OuterRef("role"))
    words = JSONObject(slug="slug", name="name", kind="kind", duties="duties", holds_several="holds_several")
    rows = LevelRole.objects.filter(level=OuterRef("pk")).order_by("position")
    found = JSONObject(
        role="role",
        source="source",
        schedule="schedule",
        duties="duties",
        definition=Subquery(role.values(found=words)),
    )
    return rows.values(found=found)


def _seat(fields: dict[str, Any]) -> Seat:
    return Seat(**{**fields, "definition": RoleDefinition(**(fields["definition"] or {"slug": fields["role"]}))})


def fill_of(seats: Collection[Seat], *, service: Service | None, now: datetime) -> list[tuple[Seat, Found]]:
    """Whom the rule of each of `seats` names; seats that whoever likes may take are left out.

    No query for those; three to nine for all that ask a schedule, as many for those that ask the service.
    """
    ruled = [seat for seat in seats if seat.source != RoleSource.NOBODY]
    on_call = on_call_by_slug({seat.schedule for seat in ruled if seat.source == RoleSource.ON_CALL}, now)
    owner = owner_of(service, now) if any(seat.source == RoleSource.SERVICE_OWNER for seat in ruled) else None
    return [(seat, on_call[seat.schedule] if seat.source == RoleSource.ON_CALL else owner) for seat in ruled]  # type: ignore[misc]


def on_call_by_slug(slugs: Collection[str], now: datetime) -> dict[str, Found]:
    """{slug of a schedule: the first who is on call there}."""
    schedules = {row.slug: row for row in Schedule.objects.filter(slug__in=slugs)} if slugs else {}
    people = on_call_in([(row.pk, 0) for row in schedules.values()], now) if schedules else {}
    found = {slug: Found(None, f"there is no schedule called “{slug}”") for slug in slugs}
    for slug, schedule in schedules.items():
        on_call = people[schedule.pk, 0]
        why = f"on call in {schedule}" if on_call else f"nobody is on call in {schedule}"
        found[slug] = Found(on_call[0] if on_call else None, why)
    return found


def owner_of(service: Service | None, now: datetime) -> Found:
    """Whoever answers for `service`: on call in the first schedule of its policy, else owner, else lead of its team.

    Nobody while no service is named.
    """
    if service is None:
        return Found(None, "no service is named yet")
    targets = StepTarget.objects.filter(step__policy=service.policy_id, schedule__isnull=False)
    first = targets.order_by("step__position", "pk").values_list("schedule__slug", flat=True).first()
    on_call = on_call_by_slug([first], now)[first] if first else None
    if on_call and on_call.person:
        return Found(on_call.person, f"{on_call.why} for {service}")
    if service.owner and service.owner.is_active:
        return Found(service.owner, f"who owns {service}")
    lead = service.team.lead if service.team else None
    if service.team and lead and lead.is_active:
        return Found(lead, f"who leads {service.team}, which owns {service}")
    return Found(None, f"{service} has nobody on call and no owner")
