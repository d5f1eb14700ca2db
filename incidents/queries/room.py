"""Everything that one room shows, for one viewer, in a fixed number of queries whatever its size."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Count, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from accounts.actor import Actor
from accounts.models import User
from core.prepared import Given, Prepared, given_key
from escalation.queries.page import PageLine, page_lines
from incidents.enums import CommanderRule, IncidentStatus, PromiseKind, RoleKind, WatchOrder
from incidents.models import (
    ChecklistItem,
    Contact,
    Duty,
    Handover,
    Incident,
    Level,
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
from incidents.queries.checklist import ChecklistPart, checklist, with_checklist
from incidents.queries.policy import VersionRows, policy_of
from incidents.queries.reading import Link, News, PinnedLine
from incidents.queries.scenario import RUNBOOK, RUNBOOK_TO_WRITE, Scenario, columns_of_scenario, scenario_of
from incidents.queries.watch import raise_to_come
from incidents.queries.work import Work, with_work, work_of
from incidents.states import HANDED_OVER, OPEN

MOMENTS = ("began_at", "shift_ends_at", "asked_at")  # of a role's first holder


@dataclass(frozen=True)
class RoleRow:
    """One role of the ladder and who holds it now."""

    definition: RoleDefinition
    holders: list[User]
    began_at: datetime | None = None
    shift_ends_at: datetime | None = None
    asked_at: datetime | None = None
    duties: Sequence[str] = ()

    @property
    def must_be_taken(self) -> bool:
        """Whether its holder hands it over, or it has to be taken from them."""
        return bool(self.holders) and self.definition.kind in HANDED_OVER and not self.definition.holds_several


@dataclass(frozen=True)
class Room:
    """The record as `viewer` sees it at `now`. Lists are fetched; properties ask nothing of the database."""

    incident: Incident
    viewer: User
    now: datetime
    promises: list[Promise]
    kept: int
    roles: list[RoleRow]
    levels: list[Level]
    pending: SeverityChange | None
    last_update: StatusUpdate | None
    pages: Sequence[PageLine]
    links: list[Link]
    pins: list[PinnedLine]
    news: News | None
    sent_away: frozenset[str]
    work: Work
    scenario: Scenario
    contacts: Sequence[Contact]
    checklist: Sequence[ChecklistPart] = ()

    @property
    def items(self) -> list[ChecklistItem]:
        """What its checklist asks, in the order of the policy."""
        return [item for part in self.checklist for item in part.items]

    @cached_property
    def commander(self) -> User | None:
        """Who commands."""
        return self.command.user if self.command else None

    @property
    def reader(self) -> Actor:
        """The viewer, as who reads what they typed in their own zone."""
        return Actor(self.viewer)

    @property
    def pinned_numbers(self) -> set[int]:
        """Which entries stand on top."""
        return {pin.number for pin in self.pins}

    @property
    def has_commander_rule(self) -> bool:
        """Whether this level has a commander at all."""
        return self.incident.level.commander_rule != CommanderRule.NOBODY

    @property
    def commander_role(self) -> str:
        """What the ladder calls the role that commands; empty when it has none."""
        return next((row.definition.slug for row in self.roles if row.definition.kind == RoleKind.COMMANDER), "")

    @cached_property
    def held(self) -> list[RoleAssignment]:
        """Who holds which role, since when, and when their shift ends. Not for saving."""
        return [
            RoleAssignment(
                user=user,
                role=row.definition.slug,
                kind=row.definition.kind,
                began_at=row.began_at,
                shift_ends_at=row.shift_ends_at,
                asked_at=row.asked_at,
            )
            for row in self.roles
            if row.began_at
            for user in row.holders
        ]

    @property
    def command(self) -> RoleAssignment | None:
        """Who commands, since when, and when their shift ends. Not for saving."""
        return next((row for row in self.held if row.kind == RoleKind.COMMANDER), None)

    @cached_property
    def here(self) -> list[User]:
        """Who joined without a role, first come first."""
        held = {user.pk for row in self.roles for user in row.holders}
        joined = [User(**fields) for fields in self.incident.here]  # type: ignore[attr-defined]
        return [user for user in joined if user.pk not in held]

    @property
    def am_here(self) -> bool:
        """Whether the viewer has joined."""
        return any(fields["id"] == self.viewer.pk for fields in self.incident.here)  # type: ignore[attr-defined]

    @cached_property
    def offers(self) -> list[Handover]:
        """Roles that are offered and wait for an answer. Not for saving."""
        return [
            Handover(
                incident=self.incident,
                from_user=User(**fields.pop("from")),
                to_user=User(**fields.pop("to")),
                **fields,
            )
            for fields in ({**each} for each in self.incident.offers)  # type: ignore[attr-defined]
        ]

    @property
    def you_command(self) -> bool:
        """Whether the viewer commands."""
        return self.commander == self.viewer

    @property
    def ringing(self) -> list[PageLine]:
        """Pages that nobody has answered yet, the exhausted ones and those that maintenance holds included."""
        return [line for line in self.pages if line.is_open]

    @property
    def to_answer(self) -> list[PageLine]:
        """The ringing pages that rang the viewer and that they have not answered, the newest first."""
        return [row for row in reversed(self.ringing) if self.viewer in [at.attempt.user for at in row.unanswered]]

    @cached_property
    def duties(self) -> list[Duty]:
        """What this level owes."""
        return list(self.incident.level.duties.all())

    @property
    def worse(self) -> Level | None:
        """The next worse level."""
        above = [level for level in self.levels if level.rank < self.incident.level.rank]
        return above[-1] if above else None

    @property
    def lower(self) -> list[Level]:
        """The levels that are less bad."""
        return [level for level in self.levels if level.rank > self.incident.level.rank]

    @property
    def watch(self) -> Promise | None:
        """The watch that runs."""
        return next((row for row in self.promises if row.kind == PromiseKind.WATCH), None)

    @property
    def update_duty(self) -> Duty | None:
        """The duty of this level to say something every so often."""
        return next((duty for duty in self.duties if duty.kind == PromiseKind.STATUS_UPDATE), None)

    @property
    def words_duty(self) -> Duty | None:
        """The duty that words posted now answer: the first update while it is owed, else the one every so often."""
        is_first = any(row.kind == PromiseKind.FIRST_UPDATE and row.done_at is None for row in self.promises)
        first = next((duty for duty in self.duties if duty.kind == PromiseKind.FIRST_UPDATE), None)
        return first if is_first else self.update_duty

    @property
    def brief_duty(self) -> Duty | None:
        """The duty of this level to brief executives."""
        return next((duty for duty in self.duties if duty.kind == PromiseKind.EXECUTIVE_BRIEF), None)

    @property
    def newest_update(self) -> int:
        """The id of the newest words, inside or to the public; 0 before any."""
        return self.incident.newest_update or 0  # type: ignore[attr-defined]

    @property
    def next_update_by(self) -> datetime | None:
        """The moment that a status update posted now would promise."""
        return self.update_by(self.update_duty)

    def update_by(self, duty: Duty | None) -> datetime | None:
        """The moment that `duty` promises when it is done now; None without one."""
        return duty.target.due_at(self.now, self.incident.level.version.calendar) if duty else None

    @property
    def has_impact(self) -> bool:
        """Whether anything about the impact is known."""
        return self.incident.has_impact

    @property
    def watches_first(self) -> bool:
        """Whether the policy wants the watch to be over before “resolved”."""
        return self.incident.level.watch_order == WatchOrder.BEFORE_RESOLVED

    @property
    def is_private(self) -> bool:
        """Whether only those who were let in may see it."""
        return self.incident.audience_id is not None

    @property
    def critical(self) -> list[Promise]:
        """Critical decisions that nobody has taken yet."""
        return [row for row in self.promises if row.kind == PromiseKind.CRITICAL and row.done_at is None]

    @property
    def runbooks_owed(self) -> set[str]:
        """Slugs of the runbooks that somebody promised to write anew."""
        keys = [row.subject_key for row in self.promises if row.kind == PromiseKind.ACTION_ITEM]
        return {key.removeprefix(RUNBOOK) for key in keys if key.startswith(RUNBOOK)}

    @property
    def runbook_to_write(self) -> str:
        """Whether a runbook is `owed`, may be `asked` for as none was taken up, or neither."""
        if any(row.subject_key == RUNBOOK_TO_WRITE and row.kind == PromiseKind.ACTION_ITEM for row in self.promises):
            return "owed"
        noted = self.incident.is_runbook_noted or self.incident.taken_up  # type: ignore[attr-defined]
        return "asked" if self.is_over and not noted else ""

    @property
    def is_over(self) -> bool:
        """Resolved or closed."""
        return self.incident.status not in OPEN

    @property
    def is_closed(self) -> bool:
        """Nothing in it can be changed any more."""
        return self.incident.status == IncidentStatus.CLOSED

    @property
    def since_declared(self) -> timedelta:
        """How long it has gone on, or did."""
        return (self.incident.resolved_at or self.incident.closed_at or self.now) - self.incident.declared_at

    @property
    def since_impact(self) -> timedelta | None:
        """How long it has hurt, or did."""
        began = self.incident.impact_began_at
        return None if began is None else (self.incident.resolved_at or self.now) - began


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
    """Who holds which role, who is here without one, which are offered, and the sub-teams: columns of an incident."""
    here = Responder.objects.filter(incident=incident, left_at__isnull=True).order_by("joined_at", "pk")
    held = RoleAssignment.objects.filter(incident=incident, ended_at__isnull=True).order_by("began_at", "pk")
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
