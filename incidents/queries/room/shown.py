"""What one room shows: the record as somebody sees it at a moment. Pure: rows that are fetched, and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from accounts.actor import Actor
from accounts.models import User
from escalation.queries.page import PageLine
from incidents.enums import CommanderRule, IncidentStatus, PromiseKind, RoleKind, WatchOrder
from incidents.models import (
    ChecklistItem,
    Contact,
    Duty,
    Handover,
    Incident,
    Level,
    Promise,
    RoleAssignment,
    RoleDefinition,
    SeverityChange,
    StatusUpdate,
)
from incidents.queries.checklist import ChecklistPart
from incidents.queries.reading import Link, News, PinnedLine
from incidents.queries.scenario import RUNBOOK, RUNBOOK_TO_WRITE, Scenario
from incidents.queries.work import Work
from incidents.states import HANDED_OVER, OPEN


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
