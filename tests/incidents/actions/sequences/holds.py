"""What always holds of an incident: each rule gives the sentences that say how it is broken, or none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from accounts.models import AudienceMember
from core.moments import parse_duration
from core.prepared import Prepared, given_key
from incidents.actions.promise import OF_THE_RESOLUTION, UNTIL_RESOLVED
from incidents.enums import IncidentStatus, PromiseKind, PromiseStage, RoleKind, WatchOrder
from incidents.models import (
    ChecklistItem,
    ChecklistMark,
    Handover,
    Incident,
    IncidentEscalation,
    Promise,
    RoleAssignment,
    SeverityChange,
    TimelineEntry,
)
from incidents.states import AFTER_THE_FIRE, OPEN

OVER = {IncidentStatus.RESOLVED, IncidentStatus.CLOSED}
WATCHED = {IncidentStatus.MONITORING, IncidentStatus.RESOLVED}
# Nobody reminds anybody of these: they are late from the beginning, and a page rings because of them.
LATE_AT_ONCE = {PromiseKind.ANSWER}

# The rows of one incident. They are asked after every act, so each query is compiled once.
OF_IT = given_key("incident")
ROLES = Prepared(
    lambda: RoleAssignment.objects.filter(incident=OF_IT).select_related("user").order_by("began_at", "pk")
)
PROMISES = Prepared(lambda: Promise.objects.filter(incident=OF_IT).select_related("owner").order_by("due_at", "pk"))
OFFERS = Prepared(lambda: Handover.objects.waiting().filter(incident=OF_IT))
CHANGES = Prepared(
    lambda: SeverityChange.objects.filter(incident=OF_IT, taken_back_at__isnull=True).order_by("at", "pk")
)
ENTRIES = Prepared(
    lambda: TimelineEntry.objects.filter(incident=OF_IT).order_by("number").only("number", "recorded_at")
)
ITEMS = Prepared(lambda: ChecklistItem.objects.filter(incident=OF_IT).order_by("number"))
MARKS = Prepared(lambda: ChecklistMark.objects.filter(item__incident=OF_IT).order_by("pk"))
SEEN_BY = Prepared(lambda: AudienceMember.objects.filter(audience=given_key("audience")))
MATRIX = Prepared(
    lambda: IncidentEscalation.objects.waiting().filter(incident=OF_IT).exclude(rule__unresolved_after="")
)


@dataclass(frozen=True)
class Seen:
    """An incident and the rows beneath it, fetched in a fixed number of queries."""

    incident: Incident
    seen_by: set[int]
    roles: list[RoleAssignment] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    offers: list[Handover] = field(default_factory=list)
    changes: list[SeverityChange] = field(default_factory=list)
    entries: list[TimelineEntry] = field(default_factory=list)
    items: list[ChecklistItem] = field(default_factory=list)
    marks: list[ChecklistMark] = field(default_factory=list)
    matrix: list[IncidentEscalation] = field(default_factory=list)

    @property
    def undone(self) -> list[Promise]:
        """What is open, and nobody has done yet."""
        return [one for one in self.promises if not (one.kept_at or one.withdrawn_at or one.done_at)]

    @property
    def held(self) -> list[RoleAssignment]:
        """Who has a role now."""
        return [one for one in self.roles if one.ended_at is None]


def look(incident: Incident) -> Seen:
    """`incident` as its rows stand now."""
    of_it = {"incident": incident.pk}
    audience = incident.audience_id
    return Seen(
        incident=incident,
        seen_by={entry.user_id for entry in SEEN_BY.rows(audience=audience)} if audience else set(),
        roles=ROLES.rows(**of_it),
        promises=PROMISES.rows(**of_it),
        offers=OFFERS.rows(**of_it),
        changes=CHANGES.rows(**of_it),
        entries=ENTRIES.rows(**of_it),
        items=ITEMS.rows(**of_it),
        marks=MARKS.rows(**of_it),
        matrix=MATRIX.rows(**of_it),
    )


Rule = Callable[[Seen], Iterator[str]]


def one_person_a_role(seen: Seen) -> Iterator[str]:
    """One commander, one of each other role that is held by one, spans in a row; none outlives the response."""
    spans: dict[tuple[str, int], list[tuple[datetime, datetime | None]]] = {}
    for row in seen.roles:
        key = (row.role, 0 if row.kind != RoleKind.INVESTIGATOR else row.user_id)
        spans.setdefault(key, []).append((row.began_at, row.ended_at))
    for (role, _), line in spans.items():
        for one, two in pairwise(line):
            if one[1] is None or one[1] > two[0]:
                yield f"{role} overlaps: {one} {two}"
    if len([row for row in seen.held if row.kind == RoleKind.COMMANDER]) > 1:
        yield "two command"
    if seen.incident.status == IncidentStatus.CLOSED and seen.held:
        yield "a role outlives the response"


def promises_end_once(seen: Seen) -> Iterator[str]:
    """Kept or withdrawn, never both; late is late; what is owed has a moment at which somebody looks at it."""
    for promise in seen.promises:
        if promise.kept_at and promise.withdrawn_at:
            yield f"{promise.kind} both kept and withdrawn"
        if promise.kept_at and not promise.done_at:
            yield f"{promise.kind} kept and never done"
    for promise in seen.undone:
        if promise.kind in LATE_AT_ONCE:
            continue
        is_red = promise.stage not in {PromiseStage.MADE, PromiseStage.REMINDED}
        if is_red != (promise.broken_at is not None):
            yield f"{promise.kind} is {promise.stage}, broken at {promise.broken_at}"
        if not is_red and promise.wake_at is None:
            yield f"nobody looks at {promise.kind} again"


def owed_while_it_is_owed(seen: Seen) -> Iterator[str]:
    """The response owes nothing once it is over, nor what comes after it before; a closed record only the latter.

    What somebody decides while it is watched may be looked at again all the same.
    """
    status = seen.incident.status
    early = [row.kind for row in seen.undone if row.kind in OF_THE_RESOLUTION]
    if status in OPEN and early:
        yield f"owed before it is resolved: {early}"
    if status in OVER:
        over_at = seen.incident.resolved_at or seen.incident.closed_at
        assert over_at
        late = [
            row.kind
            for row in seen.undone
            if row.kind in UNTIL_RESOLVED and row.kind != PromiseKind.WATCH
            if not (row.kind == PromiseKind.DECISION and row.made_at >= over_at)
        ]
        if late:
            yield f"owed although it is {status}: {late}"
    if status not in WATCHED and any(row.kind == PromiseKind.WATCH for row in seen.undone):
        yield f"watched while {status}"
    if status == IncidentStatus.CLOSED and any(row.kind not in AFTER_THE_FIRE for row in seen.undone):
        yield "something urgent is owed in a closed record"


def offers_are_owed(seen: Seen) -> Iterator[str]:
    """Each offer that waits is a promise to answer it, and its giver still holds the role."""
    waiting = {offer.subject_key for offer in seen.offers}
    owed = {row.subject_key for row in seen.undone if row.kind == PromiseKind.HANDOVER}
    if waiting != owed:
        yield f"offers {waiting}, promises to answer {owed}"
    for offer in seen.offers:
        if not any((row.role, row.user_id) == (offer.role, offer.from_user_id) for row in seen.held):
            yield "an offer of a role that its giver does not hold"


def whoever_owes_may_see(seen: Seen) -> Iterator[str]:
    """In a private incident: owners of what is owed, and who holds a role, are in its audience."""
    if seen.incident.audience_id is None:
        return
    for promise in seen.undone:
        if promise.owner_id and promise.owner_id not in seen.seen_by:
            yield f"@{promise.owner.handle} owes {promise.kind} and may not see it"
    for held in seen.held:
        if held.user_id not in seen.seen_by:
            yield f"@{held.user.handle} is {held.role} and may not see it"


def nothing_of_it_is_public(seen: Seen) -> Iterator[str]:
    """Of a private incident no word to the public is owed."""
    if seen.incident.audience_id and any(row.kind == PromiseKind.PUBLIC_UPDATE for row in seen.undone):
        yield "a public word is owed about what is private"


def level_is_the_last_change(seen: Seen) -> Iterator[str]:
    """The level is what the newest change that stands made it; of an unsettled one too."""
    if seen.changes and seen.changes[-1].after_id != seen.incident.level_id:
        yield f"it is {seen.incident.level}, and the last change made it {seen.changes[-1].after}"


def timeline_has_no_hole(seen: Seen) -> Iterator[str]:
    """Numbered from 1 on, one by one, in the order in which it was recorded."""
    if [entry.number for entry in seen.entries] != list(range(1, seen.incident.last_entry + 1)):
        yield "a hole in the timeline"
    for one, two in pairwise(seen.entries):
        if one.recorded_at > two.recorded_at:
            yield f"recorded before: {two.number}"


def items_are_their_last_mark(seen: Seen) -> Iterator[str]:
    """An item of the checklist stands as its newest mark says."""
    last = {mark.item_id: mark.outcome for mark in seen.marks}
    for item in seen.items:
        said = last.get(item.pk, "open")
        if item.outcome != said:
            yield f"item {item.number} is {item.outcome}, and was last said to be {said}"


def matrix_waits_while_it_burns(seen: Seen) -> Iterator[str]:
    """Once it is over no rule by time waits to fire."""
    if seen.incident.status not in OPEN and seen.matrix:
        yield "the matrix waits although it is over"


RULES: tuple[Rule, ...] = (
    one_person_a_role,
    promises_end_once,
    owed_while_it_is_owed,
    offers_are_owed,
    whoever_owes_may_see,
    nothing_of_it_is_public,
    level_is_the_last_change,
    timeline_has_no_hole,
    items_are_their_last_mark,
    matrix_waits_while_it_burns,
)


def wrong(incident: Incident) -> list[str]:
    """What no incident may ever look like."""
    seen = look(incident)
    return [sentence for rule in RULES for sentence in rule(seen)]


def unwatched(before: Incident, now: datetime) -> str:
    """Why `before`, as it stood when it was resolved at `now` without a reason, had not been watched in full."""
    if before.level.watch_order != WatchOrder.BEFORE_RESOLVED:
        return ""
    if before.status != IncidentStatus.MONITORING or before.mitigated_at is None:
        return f"it was {before.status}, and stopped hurting at {before.mitigated_at}"
    length: timedelta = parse_duration(before.level.watch_for)
    shown = before.severity_changes.filter(taken_back_at__isnull=True).order_by("at", "pk").last()
    since = max(before.mitigated_at, shown.at) if shown else before.mitigated_at
    return "" if since + length <= now else f"it was watched since {since} only"
