"""The sweep over promises: remind before, red at zero, the deputy after, escalate at last.

Each stage is a row's own commit, taken in order even after a pause: nobody is skipped because the engine slept.
"""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.actor import MUSTER
from accounts.models import User
from comms.actions.engine import record_tick
from comms.enums import MessageKind
from core.moments import parse_duration, show_near
from escalation.models import Policy
from incidents.actions.channels import keep_if_handed_over
from incidents.actions.escalation import due_escalations, fire_due_escalations
from incidents.actions.message import tell
from incidents.actions.paging import ring
from incidents.actions.promise_page import due_rings, stop_ring
from incidents.actions.severity import due_changes, settle_due_changes
from incidents.actions.timeline import write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind, PromiseKind, PromiseStage, RoleKind
from incidents.models import Duty, Incident, Promise

SWEEP = "incidents.sweep_promises"
BATCH = 100
logger = logging.getLogger(__name__)


def sweep_promises(*, now: datetime) -> int:
    """Do what is due: what rings about a settled promise stops, raises take effect, the matrix fires, then each
    promise that woke goes one stage on.

    Returns how many rows moved. A row that fails is logged, tried again at the next tick, and never stops the others.
    """
    moved = 0
    if _is_anything_due(now):
        moved = _stop_due_rings(now) + settle_due_changes(now=now)
        moved += fire_due_escalations(now=now) + _advance_due_promises(now)
    record_tick(SWEEP, now=now)
    return moved


def _due_promises(now: datetime) -> QuerySet[Any]:
    return Promise.objects.open().filter(wake_at__lte=now)


def _is_anything_due(now: datetime) -> bool:
    """One question for all four kinds of rows: most ticks find nothing."""
    promises, others = _due_promises(now), (due_changes(now), due_escalations(now), due_rings())
    rows = [found.order_by().values("pk") for found in (promises, *others)]
    return bool(rows[0].union(*rows[1:], all=True)[:1])


def _stop_due_rings(now: datetime) -> int:
    """What could not be stopped with its promise, because somebody held it."""
    stopped = 0
    for promise in due_rings().order_by("pk")[:BATCH]:
        try:
            stopped += stop_ring(promise, by=MUSTER, now=now)
        except Exception:  # one row must never stop the others: it stays due and its trace is kept
            logger.exception("What rings about promise %s goes on; the next tick tries again.", promise.pk)
    return stopped


def _advance_due_promises(now: datetime) -> int:
    moved = 0
    for pk in _due_promises(now).order_by("wake_at").values_list("pk", flat=True)[:BATCH]:
        try:
            moved += advance_promise(pk, now=now)
        except Exception:  # one row must never stop the others: it stays due and its trace is kept
            logger.exception("Promise %s could not be swept; the next tick tries again.", pk)
    return moved


@transaction.atomic
def advance_promise(pk: int, *, now: datetime) -> bool:
    """One stage of one promise. Returns False when somebody else has it or it is no longer due."""
    incident_pk = Promise.objects.filter(pk=pk).values_list("incident_id", flat=True).first()
    rows = Incident.objects.select_for_update(skip_locked=True, of=("self",))
    incident = rows.select_related("level__version__ladder", "service").filter(pk=incident_pk).first()
    promise = (
        Promise.objects.open()
        .filter(pk=pk, wake_at__lte=now)
        .select_related("owner", "status_update__incident")
        .first()
    )
    if incident is None or promise is None:
        return False
    promise.incident = incident
    duty = Duty.objects.filter(level_id=incident.level_id, kind=promise.kind).first()
    if promise.kind == PromiseKind.WATCH:
        _end_watch(promise, now=now)
    elif promise.done_at:
        _see_handed_over(promise, now=now)
    elif now < promise.due_at:
        _remind(promise, now=now)
    elif promise.stage in {PromiseStage.MADE, PromiseStage.REMINDED}:
        _break(promise, duty, now=now)
    elif promise.stage == PromiseStage.BROKEN and duty and duty.deputy:
        _tell_deputy(promise, duty, now=now)
    elif (policy := _policy_of(promise, duty)) and promise.stage != PromiseStage.ESCALATED:
        _escalate(promise, policy, now=now)
    else:
        _to_stage(promise, promise.stage, wake_at=None)
    announce_change(incident, "owed")
    return True


def _to_stage(promise: Promise, stage: str, *, wake_at: datetime | None) -> None:
    promise.stage, promise.wake_at = stage, wake_at
    promise.save(update_fields=["stage", "wake_at", "broken_at", "kept_at", "done_at", "page"])


def _end_watch(promise: Promise, *, now: datetime) -> None:
    """It stayed quiet for as long as the policy asks; what follows is a person's press."""
    promise.done_at = promise.kept_at = now
    _to_stage(promise, promise.stage, wake_at=None)
    text = f"Watched for {promise.incident.level.watch_for}: the watch is over"
    write_entry(promise.incident, by=MUSTER, now=now, text=text, kind=EntryKind.PROMISE)
    announce_change(promise.incident, "band", "status")


def _see_handed_over(promise: Promise, *, now: datetime) -> None:
    """It was written in time; it is kept only when the words arrive, and red when they have not by its moment."""
    if now < promise.due_at:
        _to_stage(promise, promise.stage, wake_at=promise.due_at)
        return
    if promise.status_update and keep_if_handed_over(promise.status_update, promise.kind, now=now):
        return
    promise.broken_at = promise.broken_at or promise.due_at
    text = f"**Broken promise:** {promise.subject} was written but not handed over by {show_near(promise.due_at, now)}"
    facts = {"promise": promise.kind}
    write_entry(promise.incident, by=MUSTER, now=now, text=text, kind=EntryKind.PROMISE, facts=facts)
    words = f"{promise.subject} was written but not every channel has taken it. Tell people another way."
    _tell(promise, owners_of(promise), kind=MessageKind.BROKEN_PROMISE, stage="unsent", text=words, now=now)
    _to_stage(promise, PromiseStage.BROKEN, wake_at=None)


def _remind(promise: Promise, *, now: datetime) -> None:
    text = f"{promise.subject} is due at {show_near(promise.due_at, now)}."
    _tell(promise, owners_of(promise), kind=MessageKind.NUDGE, stage="reminded", text=text, now=now)
    _to_stage(promise, PromiseStage.REMINDED, wake_at=promise.due_at)


def _break(promise: Promise, duty: Duty | None, *, now: datetime) -> None:
    """Red: said in the timeline and to whoever owes it. It stays owed until it is done."""
    promise.broken_at = promise.due_at
    text = f"**Broken promise:** {promise.subject} was due at {show_near(promise.due_at, now)}"
    facts = {"promise": promise.kind}
    write_entry(promise.incident, by=MUSTER, now=now, text=text, kind=EntryKind.PROMISE, facts=facts)
    words = f"{promise.subject} was due at {show_near(promise.due_at, now)} and is late."
    _tell(promise, owners_of(promise), kind=MessageKind.BROKEN_PROMISE, stage="broken", text=words, now=now)
    _to_stage(promise, PromiseStage.BROKEN, wake_at=_next_wake(promise, duty))


def _next_wake(promise: Promise, duty: Duty | None) -> datetime | None:
    """When the deputy is told, else when it escalates, else never."""
    if duty and duty.deputy and promise.stage != PromiseStage.DEPUTY_TOLD:
        return promise.due_at + parse_duration(duty.deputy_after)
    if promise.escalate_at or not _policy_of(promise, duty):
        return promise.escalate_at
    return promise.due_at + parse_duration(duty.escalate_after) if duty else None


def _policy_of(promise: Promise, duty: Duty | None) -> str:
    """What is rung at last: the promise's own policy, else the duty's."""
    return promise.escalate_policy or (duty.escalate_policy if duty else "")


def _tell_deputy(promise: Promise, duty: Duty, *, now: datetime) -> None:
    """Whoever stands in is told; an empty role says so in the timeline, and escalation goes on."""
    people = _holders(promise.incident, duty.deputy)
    if people:
        words = f"{promise.subject} was due at {show_near(promise.due_at, now)} and nobody has done it. You stand in."
        _tell(promise, people, kind=MessageKind.BROKEN_PROMISE, stage="deputy", text=words, now=now)
    else:
        text = f"{promise.subject} is still late, and nobody holds the role {duty.deputy}"
        write_entry(promise.incident, by=MUSTER, now=now, text=text, kind=EntryKind.PROMISE)
    promise.stage = PromiseStage.DEPUTY_TOLD
    _to_stage(promise, PromiseStage.DEPUTY_TOLD, wake_at=_next_wake(promise, duty))


def _escalate(promise: Promise, slug: str, *, now: datetime) -> None:
    """Ring the policy `slug`: a broken promise is a page like any other."""
    incident = promise.incident
    policy = Policy.objects.filter(slug=slug).first()
    if policy is None:
        text = f"**{promise.subject} is late and nobody was rung:** there is no policy “{slug}”"
        write_entry(incident, by=MUSTER, now=now, text=text, kind=EntryKind.PROMISE)
    else:
        promise.page = ring(
            incident,
            by=MUSTER,
            now=now,
            group=f"{policy.name}: {promise.late_words}"[:120],
            policy=policy,
            body=f"{promise.subject} was due at {show_near(promise.due_at, now)}.",
        )
    _to_stage(promise, PromiseStage.ESCALATED, wake_at=None)


def owners_of(promise: Promise) -> list[User]:
    """Who owes it now: its own person, else who holds its role, else the commander, else whoever declared."""
    if promise.owner:
        return [promise.owner]
    incident = promise.incident
    people = _holders(incident, promise.owed_by)
    commander = incident.commander
    if people or commander:
        return people or [commander] if commander else people
    return [incident.declared_by] if incident.declared_by else []


def _holders(incident: Incident, role: str) -> list[User]:
    """Who holds `role` now; “commander” and its like are also found by kind, however the ladder calls the role."""
    rows = incident.role_assignments.filter(ended_at__isnull=True).select_related("user")
    named = [row.user for row in rows if row.role == role]
    return named or [row.user for row in rows if row.kind == role and role in RoleKind.values]


def _tell(promise: Promise, people: list[User], *, kind: MessageKind, stage: str, text: str, now: datetime) -> None:
    """Push and mail; ringing is what a policy is for."""
    for person in people:
        tell(
            promise.incident,
            person,
            now=now,
            kind=kind,
            dedup_key=f"promise:{promise.pk}:{promise.due_at:%Y%m%d%H%M%S}:{stage}:{person.pk}",
            body=text,
            link=promise.link,
            promise=promise.kind,
            stage=stage,
        )
