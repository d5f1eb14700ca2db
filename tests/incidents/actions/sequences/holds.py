"""What always holds of an incident: each rule gives the sentences that say how it is broken, or none."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from core.moments import parse_duration
from incidents.actions.promise import OF_THE_RESOLUTION, UNTIL_RESOLVED
from incidents.enums import IncidentStatus, PromiseKind, PromiseStage, RoleKind, WatchOrder
from incidents.models import Handover, Incident
from incidents.states import AFTER_THE_FIRE, OPEN

Rule = Callable[[Incident], Iterator[str]]
OVER = {IncidentStatus.RESOLVED, IncidentStatus.CLOSED}
WATCHED = {IncidentStatus.MONITORING, IncidentStatus.RESOLVED}
# Nobody reminds anybody of these: they are late from the beginning, and a page rings because of them.
LATE_AT_ONCE = {PromiseKind.ANSWER}


def one_person_a_role(incident: Incident) -> Iterator[str]:
    """One commander, one of each other role that is held by one, spans in a row; none outlives the response."""
    spans: dict[tuple[str, int], list[tuple[datetime, datetime | None]]] = {}
    for row in incident.role_assignments.order_by("began_at", "pk"):
        key = (row.role, 0 if row.kind != RoleKind.INVESTIGATOR else row.user_id)
        spans.setdefault(key, []).append((row.began_at, row.ended_at))
    for (role, _), line in spans.items():
        for one, two in pairwise(line):
            if one[1] is None or one[1] > two[0]:
                yield f"{role} overlaps: {one} {two}"
    held = incident.role_assignments.filter(ended_at__isnull=True)
    if held.filter(kind=RoleKind.COMMANDER).count() > 1:
        yield "two command"
    if incident.status == IncidentStatus.CLOSED and held.exists():
        yield "a role outlives the response"


def promises_end_once(incident: Incident) -> Iterator[str]:
    """Kept or withdrawn, never both; late is late; what is owed has a moment at which somebody looks at it."""
    for promise in incident.promises.all():
        if promise.kept_at and promise.withdrawn_at:
            yield f"{promise.kind} both kept and withdrawn"
        if promise.kept_at and not promise.done_at:
            yield f"{promise.kind} kept and never done"
    for promise in incident.promises.undone().exclude(kind__in=LATE_AT_ONCE):
        is_red = promise.stage not in {PromiseStage.MADE, PromiseStage.REMINDED}
        if is_red != (promise.broken_at is not None):
            yield f"{promise.kind} is {promise.stage}, broken at {promise.broken_at}"
        if not is_red and promise.wake_at is None:
            yield f"nobody looks at {promise.kind} again"


def owed_while_it_is_owed(incident: Incident) -> Iterator[str]:
    """The response owes nothing once it is over, nor what comes after it before; a closed record only the latter.

    What somebody decides while it is watched may be looked at again all the same.
    """
    undone = incident.promises.undone()
    early = undone.filter(kind__in=OF_THE_RESOLUTION)
    late = undone.filter(kind__in=[kind for kind in UNTIL_RESOLVED if kind != PromiseKind.WATCH])
    if incident.status in OPEN and early.exists():
        yield f"owed before it is resolved: {[row.kind for row in early]}"
    if incident.status in OVER:
        late = late.exclude(kind=PromiseKind.DECISION, made_at__gte=incident.resolved_at or incident.closed_at)
    if incident.status in OVER and late.exists():
        yield f"owed although it is {incident.status}: {[row.kind for row in late]}"
    if incident.status not in WATCHED and undone.filter(kind=PromiseKind.WATCH).exists():
        yield f"watched while {incident.status}"
    if incident.status == IncidentStatus.CLOSED and undone.exclude(kind__in=AFTER_THE_FIRE).exists():
        yield "something urgent is owed in a closed record"


def offers_are_owed(incident: Incident) -> Iterator[str]:
    """Each offer that waits is a promise to answer it, and its giver still holds the role."""
    waiting = Handover.objects.waiting().filter(incident=incident)
    owed = incident.promises.undone().filter(kind=PromiseKind.HANDOVER).values_list("subject_key", flat=True)
    if {offer.subject_key for offer in waiting} != set(owed):
        yield f"offers {[offer.subject_key for offer in waiting]}, promises to answer {list(owed)}"
    for offer in waiting:
        if not incident.role_assignments.filter(role=offer.role, user=offer.from_user, ended_at__isnull=True).exists():
            yield "an offer of a role that its giver does not hold"


def whoever_owes_may_see(incident: Incident) -> Iterator[str]:
    """In a private incident: owners of what is owed, and who holds a role, are in its audience."""
    if incident.audience_id is None:
        return
    seen_by = set(incident.audience.entries.values_list("user", flat=True))
    for promise in incident.promises.undone().filter(owner__isnull=False).select_related("owner"):
        if promise.owner_id not in seen_by:
            yield f"@{promise.owner.handle} owes {promise.kind} and may not see it"
    for held in incident.role_assignments.filter(ended_at__isnull=True).select_related("user"):
        if held.user_id not in seen_by:
            yield f"@{held.user.handle} is {held.role} and may not see it"


def nothing_of_it_is_public(incident: Incident) -> Iterator[str]:
    """Of a private incident no word to the public is owed."""
    if incident.audience_id and incident.promises.undone().filter(kind=PromiseKind.PUBLIC_UPDATE).exists():
        yield "a public word is owed about what is private"


def level_is_the_last_change(incident: Incident) -> Iterator[str]:
    """The level is what the newest change that stands made it; of an unsettled one too."""
    changes = incident.severity_changes.filter(taken_back_at__isnull=True).select_related("before", "after")
    last = changes.order_by("at", "pk").last()
    if last and last.after != incident.level:
        yield f"it is {incident.level}, and the last change made it {last.after}"


def timeline_has_no_hole(incident: Incident) -> Iterator[str]:
    """Numbered from 1 on, one by one, in the order in which it was recorded."""
    entries = list(incident.entries.order_by("number").values_list("number", "recorded_at"))
    if [number for number, _ in entries] != list(range(1, incident.last_entry + 1)):
        yield "a hole in the timeline"
    yield from (f"recorded before: {two}" for one, two in pairwise(entries) if one[1] > two[1])


def items_are_their_last_mark(incident: Incident) -> Iterator[str]:
    """An item of the checklist stands as its newest mark says."""
    for item in incident.checklist.prefetch_related("marks"):
        marks = list(item.marks.all())
        said = marks[-1].outcome if marks else "open"
        if item.outcome != said:
            yield f"item {item.number} is {item.outcome}, and was last said to be {said}"


def matrix_waits_while_it_burns(incident: Incident) -> Iterator[str]:
    """Once it is over no rule by time waits to fire."""
    if incident.status not in OPEN and incident.escalations.waiting().exclude(rule__unresolved_after="").exists():
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
    return [sentence for rule in RULES for sentence in rule(incident)]


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
