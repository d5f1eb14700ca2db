"""The rows of the room as its templates show them: made from what the room has fetched, without a query."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.text import slugify

from accounts.models import User
from core.moments import show_clock
from core.states import may_follow
from escalation.enums import AnswerKind, PageStatus
from escalation.models import Page
from escalation.queries.page import AttemptLine, PageLine
from incidents.contradictions import Facts, Hint, contradictions
from incidents.enums import CheckOutcome, Gate, IncidentStatus, RoleKind
from incidents.models import ChecklistItem, Symptom
from incidents.owed import HOLDING_BACK, OwedRow
from incidents.queries.checklist import ChecklistPart
from incidents.queries.room import RoleRow, Room
from incidents.states import OPEN, TRANSITIONS

FAR = timedelta(hours=12)
FOCUS = {"composer": "composer-line", "checklist": "checklist"}  # parts of the page that a verb leads to
STEPS = (IncidentStatus.INVESTIGATING, IncidentStatus.IDENTIFIED, IncidentStatus.MONITORING, IncidentStatus.RESOLVED)


@dataclass(frozen=True)
class Step:
    """One status on the way; `can_go` when one press leads there."""

    value: str
    label: str
    is_done: bool
    is_now: bool
    can_go: bool
    at: datetime | None


def steps(room: Room) -> list[Step]:
    """The way from investigating to resolved, and closed once it is."""
    incident, rows = room.incident, list(STEPS)
    if room.is_closed:
        rows.append(IncidentStatus.CLOSED)
    here = rows.index(IncidentStatus(incident.status))
    moments = {IncidentStatus.RESOLVED: incident.resolved_at, IncidentStatus.CLOSED: incident.closed_at}
    return [
        Step(
            value=status,
            label=status.label,
            is_done=place < here and (status != IncidentStatus.RESOLVED or incident.resolved_at is not None),
            is_now=place == here,
            can_go=status in OPEN and incident.is_open and may_follow(TRANSITIONS, incident.status, status),
            at=moments.get(status),
        )
        for place, status in enumerate(rows)
    ]


@dataclass(frozen=True)
class Told:
    """Somebody who was rung and is silent, with what left for them."""

    user: User | None
    ways: list[tuple[str, datetime | None, str]]


@dataclass(frozen=True)
class Ringing:
    """One page that still looks for somebody."""

    page: Page
    told: list[Told]
    next_name: str
    next_at: datetime | None
    next_key: str
    left: timedelta | None
    is_exhausted: bool
    is_held: bool
    waits_for: str


def ringing(line: PageLine, now: datetime) -> Ringing:
    """`line` in words: who was told how and when, and who is next."""
    return Ringing(
        page=line.page,
        told=[Told(row.attempt.user, _ways(row)) for row in line.unanswered],
        next_name=" and ".join(str(user) for user in line.next_people),
        next_at=line.next_at,
        next_key=line.next_key,
        left=line.next_at - now if line.next_at else None,
        is_exhausted=line.page.status == PageStatus.EXHAUSTED,
        is_held=line.is_held,
        waits_for=line.waits_for,
    )


def _ways(row: AttemptLine) -> list[tuple[str, datetime | None, str]]:
    """Channel, moment, and what became of it unless it simply arrived."""
    return [(way.channel.lower(), way.at, "" if way.words == "handed over" else way.words) for way in row.ways]


@dataclass(frozen=True)
class Person:
    """One person whom a page reached, and what they said."""

    name: str
    group: str
    look: str
    said: str
    since: datetime | None = None
    silent_for: timedelta | None = None


def people_rung(room: Room) -> list[Person]:
    """Everybody who was rung, once for each page, the silent ones first."""
    rows = [_person(line, row, room) for line in room.pages for row in _newest_each(line)]
    return sorted(rows, key=lambda row: row.since is None)


def was_rung(room: Room) -> bool:
    """Whether a page of this incident has rung whoever looks."""
    return any(row.attempt.user == room.viewer for line in room.pages for row in line.rung)


def _newest_each(line: PageLine) -> list[AttemptLine]:
    return list({row.attempt.user_id: row for row in line.rung if row.attempt.user}.values())


def _person(line: PageLine, row: AttemptLine, room: Room) -> Person:
    name, group, answer, now = str(row.attempt.user), line.page.group, row.answer, room.now
    took = show_short(answer.at - line.page.started_at) if answer else ""
    if answer is None:
        if line.is_open:
            since = row.attempt.at
            return Person(name, group, "text-danger", "", since, now - since)
        return Person(name, group, "mu-dim", "not needed any more")
    if answer.kind == AnswerKind.DECLINED:
        return Person(name, group, "mu-dim", f"cannot come · {took}")
    if answer.arrives_at and answer.arrives_at > now:
        return Person(name, group, "text-success", f"coming, there by {show_clock(answer.arrives_at)}")
    if line.page.nudged_at and room.commander in {None, answer.user}:  # else whoever commands was asked
        return Person(name, group, "text-danger", f"silent, asked at {show_clock(line.page.nudged_at)}")
    here = f"here since {show_clock(answer.arrives_at)}" if answer.arrives_at else "on it"
    return Person(name, group, "text-success", f"{here} · {took}")


def show_short(duration: timedelta) -> str:
    """`22 s`, `2:05`."""
    seconds = max(0, int(duration.total_seconds()))
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60}:{seconds % 60:02}"


@dataclass(frozen=True)
class Owed:
    """One thing owed with the way to its form: a panel of this page, a field of it, or an address."""

    row: OwedRow
    slug: str
    panel: str = ""
    focus: str = ""

    @property
    def is_far(self) -> bool:
        """Whether its moment needs its day to be understood."""
        return self.row.left is not None and abs(self.row.left) > FAR


def owed_row(row: OwedRow) -> Owed:
    """Where the verb of `row` leads."""
    slug, anchor = slugify(row.key.replace(":", "-")), row.url.removeprefix("#")
    if row.posts or not row.url.startswith("#"):
        return Owed(row, slug)
    if anchor in FOCUS:
        return Owed(row, slug, focus=FOCUS[anchor])
    return Owed(row, slug, panel=anchor)


def check_sentences(room: Room, gate: Gate) -> list[str]:
    """What must be seen before `gate` (resolving, closing), each with who saw it."""
    return [_check_sentence(item, room) for item in room.items if item.holds == gate]


def _check_sentence(item: ChecklistItem, room: Room) -> str:
    if item.marked_at is None:
        return f"☐ {item.text}: not seen yet, so it needs a reason."
    when = show_clock(item.marked_at, room.viewer.zone)
    seen = f"{item.marked_by} {when}" + (f", {item.attachment}" if item.attachment else "")
    if item.is_failed:
        return f"✗ {item.text}: failed, {seen}, so it needs a reason."
    words = "" if item.outcome == CheckOutcome.PASSED else "does not apply, "
    return f"✓ {item.text}: {words}{seen}."


def shown_roles(room: Room) -> tuple[list[tuple[RoleRow, str]], bool]:
    """Roles with the word that takes them; early on empty ones but the command are not asked for, and it says so."""
    held = {user.pk for row in room.roles for user in row.holders}
    early = room.now - room.incident.declared_at < HOLDING_BACK and len(held) < 2 and not room.is_over
    rows = []
    for row in room.roles:
        commands = row.definition.kind == RoleKind.COMMANDER
        if early and not commands and not row.holders:
            continue
        rows.append((row, "take command" if commands else "take it"))
    return rows, early and len(rows) < len(room.roles)


def symptoms(room: Room, may_act: bool) -> list[tuple[Symptom, str, bool]]:
    """The symptom table: each row, the name of its runbook (none: empty), and whether that stands in this page."""
    scenario = room.scenario
    pinned = {row.runbook.slug: row.runbook.name for row in scenario.runbooks}
    names = pinned | {other.slug: other.name for other in scenario.others}
    return [
        (row, names.get(row.runbook, row.runbook), row.runbook in (names if may_act else pinned))
        for row in room.work.symptoms
    ]


def impact_rows(room: Room) -> list[tuple[str, str]]:
    """What is known of the impact."""
    incident = room.incident
    count = "" if incident.customers_count is None else str(incident.customers_count)
    amount = "" if incident.revenue_amount is None else f"{incident.revenue_amount:,}"
    revenue = " ".join(part for part in (incident.get_revenue_display(), amount, incident.revenue_note) if part)
    rows = [
        ("Happening", incident.what_happens),
        ("Customers", incident.customers),
        ("Number", count),
        ("Users see", incident.symptom),
        ("Data", incident.get_data_integrity_display()),
        ("Revenue", revenue),
    ]
    return [(name, value) for name, value in rows if value]


def first_hint(room: Room) -> Hint | None:
    """The one thing that does not fit and that the reader has not sent away."""
    incident, due_at = room.incident, room.next_update_by
    facts = Facts(
        incident=incident,
        promises=room.promises,
        last_update=room.last_update,
        has_commander=room.commander is not None,
        has_impact=room.has_impact,
        unanswered=sum(line.page.status == PageStatus.EXHAUSTED for line in room.ringing),
        place=sum(level.rank < incident.level.rank for level in room.levels),
        cadence=due_at - room.now if due_at else None,
        zone=room.viewer.zone,
        shift_ends_at=room.command.shift_ends_at if room.command else None,
        mitigations=len(room.work.mitigations),
    )
    return next(iter(contradictions(facts, room.now, room.sent_away)), None)


def press_key() -> str:
    """The key of one press: the same again acts once."""
    return str(uuid.uuid4())


@dataclass(frozen=True)
class Phase:
    """One phase of the checklist: unfolded while it runs or has something left; its items come when it is opened."""

    part: ChecklistPart
    is_current: bool
    is_shown: bool


def phases(room: Room, opened: set[str]) -> list[Phase]:
    """Every phase; `opened` are the keys of those that the reader has unfolded."""
    rows = [(part, part.is_current(room.now) and not room.is_closed) for part in room.checklist]
    return [Phase(part, current, current or part.key in opened) for part, current in rows]
