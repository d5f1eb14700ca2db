"""Whom a rule of the policy names: who is on call in a schedule, or whoever answers for the affected service."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from accounts.models import User
from core.prepared import Prepared, given_key
from escalation.models import Service, StepTarget
from escalation.queries.oncall import on_call_of
from incidents.enums import RoleKind, RoleSource
from incidents.models import Duty, EscalationRule, Incident, Level, LevelPage, LevelRole, RoleDefinition

ROLE = ("slug", "name", "kind", "duties", "holds_several")
GROUP = ("group", "policy_from", "policy", "makes_commander", "answers_needed")
DUTY = ("kind", "within", "owed_by", "remind_before")
RULE = ("id", "unresolved_after", "levels")


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
    """What a declaration must know beside its level, in one query.

    The newest number given out, whom the level pages, the seats of its team, the role that commands, what the level
    owes, the rules of the matrix that time alone fires (by what they ask: levels and a span), and the schedule that
    the affected service rings first.
    """

    newest: int
    groups: list[LevelPage]
    seats: list[Seat]
    commander: RoleDefinition | None
    duties: list[Duty]
    rules: list[EscalationRule]
    commander_schedule: str = ""
    service_schedule: str = ""

    @property
    def schedules(self) -> set[str]:
        """The slugs of those that rules of the level ask."""
        asked = {self.commander_schedule, *(seat.schedule for seat in self.seats)}
        return asked - {""}


def _opening() -> QuerySet[Level]:
    of_level, of_version = {"level": OuterRef("pk")}, {"version": OuterRef("version")}
    by_time = EscalationRule.objects.filter(**of_version).exclude(unresolved_after="").order_by("pk")
    commander = RoleDefinition.objects.filter(**of_version, kind=RoleKind.COMMANDER)
    return Level.objects.filter(pk=given_key("level")).annotate(
        its_newest=Subquery(Incident.objects.order_by("-number").values("number")[:1]),
        its_groups=_rows(LevelPage.objects.filter(**of_level).order_by("position"), GROUP),
        its_seats=ArraySubquery(_seats()),
        its_commander=_rows(commander, ROLE),
        its_duties=_rows(Duty.objects.filter(**of_level).order_by("position"), DUTY),
        its_rules=_rows(by_time, RULE),
        its_service_schedule=Subquery(_rung_first(given_key("service_policy")).values("schedule__slug")[:1]),
    )


OPENING = Prepared(_opening)


def opening_of(level: Level, service: Service | None = None) -> Opening:
    """What declaring at `level` needs, in one query; the newest number is 0 when there is none."""
    [found] = OPENING.rows(level=level.pk, service_policy=_policy_of(service))
    known: dict[str, Any] = vars(found)
    return Opening(
        newest=known["its_newest"] or 0,
        groups=[LevelPage(level=level, **fields) for fields in known["its_groups"]],
        seats=[_seat(fields) for fields in known["its_seats"]],
        commander=next((RoleDefinition(**fields) for fields in known["its_commander"]), None),
        duties=[Duty(level=level, **fields) for fields in known["its_duties"]],
        rules=[EscalationRule(**fields) for fields in known["its_rules"]],
        commander_schedule=level.commander_schedule,
        service_schedule=known["its_service_schedule"] or "",
    )


def _rows(rows: Any, fields: tuple[str, ...]) -> ArraySubquery:
    """The `fields` of `rows`, as one array."""
    return ArraySubquery(rows.values(found=JSONObject(**{field: field for field in fields})))


def seats_of(level: Level) -> list[Seat]:
    """The team of `level`, in one query."""
    seats = Level.objects.filter(pk=level.pk).values_list(ArraySubquery(_seats()), flat=True).get()
    return [_seat(fields) for fields in seats]


def _seats() -> Any:
    role = RoleDefinition.objects.filter(version=OuterRef("level__version"), slug=OuterRef("role"))
    words = JSONObject(**{field: field for field in ROLE})
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


def fill_of(
    seats: Collection[Seat], *, service: Service | None, now: datetime, rung_first: str | None = None
) -> list[tuple[Seat, Found]]:
    """Whom the rule of each of `seats` names; seats that whoever likes may take are left out.

    No query for those; at most four for all that ask a schedule or the service, seven where single shifts are planned,
    and one to three more for the service. `rung_first` is the slug of the schedule that the service rings first, where
    that is known.
    """
    ruled = [seat for seat in seats if seat.source != RoleSource.NOBODY]
    asks_owner = any(seat.source == RoleSource.SERVICE_OWNER for seat in ruled)
    known = _first_schedule(service) if rung_first is None and asks_owner else rung_first
    first = (known or "") if asks_owner else ""
    slugs = {seat.schedule for seat in ruled if seat.source == RoleSource.ON_CALL}
    on_call = on_call_by_slug({*slugs, first} - {""}, now)
    owner = _owner(service, on_call.get(first)) if asks_owner else None
    return [(seat, on_call[seat.schedule] if seat.source == RoleSource.ON_CALL else owner) for seat in ruled]  # type: ignore[misc]


def on_call_by_slug(slugs: Collection[str], now: datetime) -> dict[str, Found]:
    """{slug of a schedule: the first who is on call there}."""
    schedules, people = on_call_of(slugs, now) if slugs else ({}, {})
    found = {slug: Found(None, f"there is no schedule called “{slug}”") for slug in slugs}
    for slug, schedule in schedules.items():
        on_call = people[slug]
        why = f"on call in {schedule}" if on_call else f"nobody is on call in {schedule}"
        found[slug] = Found(on_call[0] if on_call else None, why)
    return found


def owner_of(service: Service | None, now: datetime) -> Found:
    """Whoever answers for `service`: on call in the first schedule of its policy, else owner, else lead of its team.

    Nobody while no service is named.
    """
    first = _first_schedule(service)
    return _owner(service, on_call_by_slug([first], now)[first] if first else None)


def _rung_first(policy: Any) -> QuerySet[StepTarget]:
    """The targets of `policy` that are schedules, in the order in which they are rung."""
    targets = StepTarget.objects.filter(step__policy=policy, schedule__isnull=False)
    return targets.order_by("step__position", "pk")


def _first_schedule(service: Service | None) -> str:
    """The slug of the first schedule that the policy of `service` rings, or nothing."""
    return _rung_first(_policy_of(service)).values_list("schedule__slug", flat=True).first() or "" if service else ""


def _policy_of(service: Service | None) -> int:
    return (service.policy_id if service else None) or 0


def _owner(service: Service | None, on_call: Found | None) -> Found:
    if service is None:
        return Found(None, "no service is named yet")
    if on_call and on_call.person:
        return Found(on_call.person, f"{on_call.why} for {service}")
    if service.owner and service.owner.is_active:
        return Found(service.owner, f"who owns {service}")
    lead = service.team.lead if service.team else None
    if service.team and lead and lead.is_active:
        return Found(lead, f"who leads {service.team}, which owns {service}")
    return Found(None, f"{service} has nobody on call and no owner")
