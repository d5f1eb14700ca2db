"""What the board shows: what burns, what is owed after the fire, who is on call. A fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from core.prepared import Prepared, among_keys, given_key
from escalation.enums import PageStatus
from escalation.models import MaintenanceWindow, Page, PageAnswer
from escalation.queries.maintenance import running_maintenance
from escalation.queries.oncall import OnCallRow, on_call_board
from incidents.contradictions import Facts, Hint, contradictions
from incidents.enums import CommanderRule, IncidentStatus, PromiseKind, RoleKind
from incidents.models import Incident, Mitigation, Promise, RoleAssignment, StatusUpdate, TimelineEntry
from incidents.owed import IncidentFacts, OwedRow, owed
from incidents.queries.gathered import gathered, row_of
from incidents.queries.owed import facts_of, facts_query, open_pages, with_facts
from incidents.queries.policy import policy_of
from incidents.queries.reading import away_column, hints_away
from incidents.queries.search import with_words
from incidents.states import AFTER_THE_FIRE

MOST_OPEN = 100
MOST_OWED = 30
SOON_AFTER_THE_FIRE = timedelta(hours=24)
SAID_BY_THE_ROW = {"unanswered", "nobody_commands"}  # hints that its columns say already


@dataclass(frozen=True)
class OpenRow:
    """One incident that goes on, with the next thing owed in it, and which groups are rung or have not answered."""

    incident: Incident
    commander: User | None
    owed: list[OwedRow]
    ringing: str
    unanswered: str
    running: timedelta
    hint: Hint | None = None

    @property
    def has_commander_rule(self) -> bool:
        """Whether this level has a commander at all."""
        return self.incident.level.commander_rule != CommanderRule.NOBODY

    @property
    def next(self) -> OwedRow | None:
        """The worst that is owed beside an answer and a commander, which stand in columns of their own."""
        return next((row for row in self.owed if row.key != "commander" and not row.is_page), None)

    @property
    def tone(self) -> str:
        """late, soon or nothing, of what comes next."""
        return self.next.tone if self.next else ""

    @property
    def is_watch(self) -> bool:
        """Whether what comes next is the end of the watch, which nobody can be late with."""
        return self.next is not None and self.next.is_watch

    def needs(self, user: User) -> bool:
        """Whether something is due soon, or late, that `user` owes as its owner or as commander."""
        commands = {RoleKind.COMMANDER} if user == self.commander else set()
        return any(row.tone and row.key != "commander" and row.is_owed_by(user, commands) for row in self.owed)


@dataclass(frozen=True)
class AfterRow:
    """One promise that outlived its fire: `left` until it is due, negative when it is late."""

    promise: Promise
    owner: User | None
    tone: str
    left: timedelta


@dataclass(frozen=True)
class Board:
    """Everything on the board but the engine's face, as `user` may see it."""

    open: list[OpenRow]
    owed: list[AfterRow]
    has_more_owed: bool
    on_call: list[OnCallRow]
    maintenance: list[MaintenanceWindow]
    rung: list[Page]
    needs_you: int


USER = given_key("user")


def _rings() -> QuerySet[Page]:
    answered = PageAnswer.objects.filter(page=OuterRef("pk"), user=USER, lapsed_at__isnull=True)
    mine = Page.objects.visible_to(USER).ringing().reaching(USER).exclude(Exists(answered))
    return mine.order_by("level_rank", "started_at", "pk")


def _owed() -> QuerySet[Promise]:
    rows = Promise.objects.undone().filter(
        kind__in=AFTER_THE_FIRE,
        incident__status__in=[IncidentStatus.RESOLVED, IncidentStatus.CLOSED],
        incident__in=Incident.objects.visible_to(USER),
    )
    return rows.select_related("incident__level", "owner").order_by("due_at", "pk")[: MOST_OWED + 1]


def _open() -> QuerySet[Incident]:
    rows = facts_query(Incident.objects.open().visible_to(USER).worst_first())
    own = {"incident": OuterRef("pk")}
    said = StatusUpdate.objects.said_inside().filter(**own)[:1]
    return rows.annotate(
        hints_away=away_column(USER),
        last_said=gathered(said, "posted_at", "next_by"),
        is_mitigated=Exists(Mitigation.objects.filter(**own)),
    )[:MOST_OPEN]


OPEN = Prepared(_open)
RINGS = Prepared(_rings)
OWED = Prepared(_owed)
HOLDERS = Prepared(
    lambda: (
        RoleAssignment.objects.filter(among_keys("incident", "incidents"))
        .select_related("user")
        .order_by("began_at", "pk")
    )
)


def board(user: User, now: datetime) -> Board:
    """The board of `user`: twelve queries, one more during maintenance, however many incidents there are or were."""
    rows = open_rows(user, now)
    after = owed_rows(user, now)
    rung = pages_that_ring(user)
    rings = {page.subject_key for page in rung}
    return Board(
        open=rows,
        owed=after[:MOST_OWED],
        has_more_owed=len(after) > MOST_OWED,
        on_call=on_call_board(now),
        maintenance=running_maintenance(now),
        rung=rung,
        needs_you=sum(row.needs(user) or row.incident.subject_key in rings for row in rows),
    )


def pages_that_ring(user: User) -> list[Page]:
    """Pages that ring `user` now and that they have not answered, the worst level first. One query."""
    return RINGS.rows(user=user.pk)


def open_rows(user: User, now: datetime) -> list[OpenRow]:
    """Incidents whose response goes on: what still burns before what is watched, worst first. Four queries."""
    incidents = with_facts(OPEN.rows(user=user.pk))
    pages = open_pages(user, incidents)
    incidents.sort(key=lambda incident: not incident.is_open)
    return [_open_row(incident, pages.get(incident.subject_key, []), user, now) for incident in incidents]


def owed_rows(user: User, now: datetime) -> list[AfterRow]:
    """Promises of incidents that are over, the most urgent first, at most one more than is shown. Two queries."""
    promises = OWED.rows(user=user.pk)
    holders: dict[tuple[int, str], User] = {}
    over = sorted({promise.incident_id for promise in promises})
    for assignment in HOLDERS.rows(incidents=over) if over else []:
        holders[assignment.incident_id, assignment.role] = assignment.user
    return [_owed_row(promise, holders.get((promise.incident_id, promise.owed_by)), now) for promise in promises]


def search_incidents(user: User, *, words: str, before: int | None, size: int, drills: bool = False) -> list[Incident]:
    """`size` + 1 incidents with a number below `before`, newest first, in which every word is found.

    Drills are none, or with `drills` the only ones. A word may stand in the reference, the summary, the name of the
    service, or an entry of the timeline.
    """
    incidents = Incident.objects.visible_to(user).for_rows().filter(is_drill=drills).order_by("-number")
    for word in words.split():
        incidents = incidents.filter(
            Q(reference__icontains=word)
            | Q(summary__icontains=word)
            | Q(service__name__icontains=word)
            | Q(pk__in=with_words(TimelineEntry.objects.all(), word).values("incident"))
        )
    if before is not None:
        incidents = incidents.filter(number__lt=before)
    return list(incidents[: size + 1])


def _open_row(incident: Incident, pages: list[Page], user: User, now: datetime) -> OpenRow:
    facts = facts_of(incident, pages)
    # What is owed after the fire has a list of its own.
    facts = replace(facts, promises=[row for row in facts.promises if row.kind not in AFTER_THE_FIRE])
    return OpenRow(
        incident=incident,
        commander=facts.commander,
        owed=owed(facts, now),
        ringing=_groups(pages, PageStatus.RINGING),
        unanswered=_groups(pages, PageStatus.EXHAUSTED),
        running=now - incident.declared_at,
        hint=_hint(incident, facts, user, now),
    )


def _groups(pages: Iterable[Page], status: PageStatus) -> str:
    """The group of `pages` in this status that has waited longest, and how many more there are; nothing for none."""
    waiting = sorted((page for page in pages if page.status == status), key=lambda page: (page.started_at, page.pk))
    more = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
    return f"{waiting[0].group}{more}" if waiting else ""


def _hint(incident: Incident, facts: IncidentFacts, user: User, now: datetime) -> Hint | None:
    """The first thing that does not fit, by the rules of the room and in its words; not what the row says already."""
    known = Facts(
        incident=incident,
        promises=facts.promises,
        last_update=next((row_of(StatusUpdate, said) for said in incident.last_said), None),  # type: ignore[attr-defined]
        has_commander=facts.commander is not None,
        has_impact=incident.has_impact,
        unanswered=0,
        place=sum(level.rank < incident.level.rank for level in policy_of(incident).levels),
        cadence=_cadence(incident, now),
        zone=user.zone,
        shift_ends_at=facts.command.shift_ends_at if facts.command else None,
        mitigations=int(incident.is_mitigated),  # type: ignore[attr-defined]
    )
    found = contradictions(known, now, SAID_BY_THE_ROW | hints_away(incident))
    return next(iter(found), None)


def _cadence(incident: Incident, now: datetime) -> timedelta | None:
    """How long after it the next update is owed at the incident's level; None where none is."""
    duties = policy_of(incident).level(incident.level_id).duties.all()
    every = next((duty.target for duty in duties if duty.kind == PromiseKind.STATUS_UPDATE), None)
    due_at = every.due_at(now, incident.level.version.calendar) if every else None
    return due_at - now if due_at else None


def _owed_row(promise: Promise, holder: User | None, now: datetime) -> AfterRow:
    left = promise.due_at - now
    return AfterRow(promise, promise.owner or holder, _tone(left, SOON_AFTER_THE_FIRE), left)


def _tone(left: timedelta, soon: timedelta) -> str:
    if left < timedelta(0):
        return "late"
    return "soon" if left <= soon else ""
