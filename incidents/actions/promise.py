"""Promises: made, done, kept, withdrawn. The sweep that reminds and escalates is in promise_sweep.

Nothing here writes to the timeline: the action that makes or keeps a promise says so in its own entry.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from accounts.actor import MUSTER, Actor
from accounts.models import User
from core.errors import WrongState
from core.moments import parse_duration, show_near
from core.prepared import insert_all
from core.targets import BusinessCalendar, Target
from incidents.actions.lock import lock_incident
from incidents.actions.promise_page import stop_ring, stop_rings
from incidents.actions.watchers import announce_change
from incidents.enums import PromiseKind, PromiseStage, RoleKind
from incidents.models import Duty, Incident, Promise, RoleAssignment
from incidents.permissions import check_can_respond

# Owed while the response goes on: they end with it. The others are owed after the fire.
OF_THE_RESPONSE = (
    PromiseKind.RESPOND,
    PromiseKind.FIRST_UPDATE,
    PromiseKind.STATUS_UPDATE,
    PromiseKind.PUBLIC_UPDATE,
    PromiseKind.EXECUTIVE_BRIEF,
)
# What “resolved” ends, which a task may outlive: also the watch, and looking again at what was done.
UNTIL_RESOLVED = (
    *OF_THE_RESPONSE,
    *(PromiseKind.WATCH, PromiseKind.CRITICAL, PromiseKind.DECISION, PromiseKind.MITIGATION),
)
# Owed by a person and not by a role: these stay when the role goes to somebody else.
OF_A_PERSON = (PromiseKind.TASK, PromiseKind.ACTION_ITEM, PromiseKind.HANDOVER)
ANY_DAY = BusinessCalendar(zone=ZoneInfo("UTC"), workdays=(1, 2, 3, 4, 5), holidays=(), closes_at=time(17))
# Made when it is resolved, and withdrawn when it comes back.
OF_THE_RESOLUTION = (PromiseKind.CUSTOMER_EMAIL, PromiseKind.POSTMORTEM, PromiseKind.MEETING)


@transaction.atomic
def make_promise(
    incident: Incident,
    *,
    by: Actor,
    now: datetime,
    kind: PromiseKind,
    due_at: datetime,
    subject: str,
    owed_by: str = "",
    owner: User | None = None,
    subject_key: str = "",
    link: str = "",
    escalate_policy: str = "",
) -> Promise:
    """Write down that `subject` is owed by `due_at`; an undone one of the same kind and key is moved, not doubled.

    `escalate_policy` is rung the moment that it is late, whatever the level's duty says. Upper apps call it for what
    they owe (postmortem, action item). Does not write to the timeline. Raises NotAllowed.
    """
    check_can_respond(by, incident)
    lock_incident(incident)
    duty = Duty.objects.filter(level_id=incident.level_id, kind=kind).first()
    promise = Promise.objects.undone().filter(incident=incident, kind=kind, subject_key=subject_key).first()
    promise = promise or Promise(incident=incident, kind=kind, subject_key=subject_key)
    promise.subject, promise.link, promise.owed_by, promise.owner = subject, link, owed_by, owner
    promise.made_at, promise.due_at = now, due_at
    promise.escalate_policy, promise.escalate_at = escalate_policy, due_at if escalate_policy else None
    promise.stage, promise.broken_at = Promise._meta.get_field("stage").default, None
    promise.wake_at = first_wake_at(now, due_at, duty)
    stop_ring(promise, by=by, now=now, reason=f"it is owed by {show_near(due_at, now)}")
    promise.save()
    announce_change(incident, "owed")
    return promise


def first_wake_at(made_at: datetime, due_at: datetime, duty: Duty | None) -> datetime:
    """When the sweep first looks: the reminder's moment if there is one and it is still to come, else `due_at`."""
    before = parse_duration(duty.remind_before) if duty and duty.remind_before else timedelta(0)
    return due_at - before if due_at - before > made_at else due_at


def make_promise_of_duty(
    incident: Incident,
    kind: PromiseKind,
    *,
    now: datetime,
    latest: datetime | None = None,
    told: datetime | None = None,
) -> Promise | None:
    """The promise that the level's duty of `kind` asks for, counted from `now`, or None when the level has none.

    `latest` caps the moment: a raised level never gives more time than was promised before. `told` is the moment
    itself, where people were told one already.
    """
    duty = Duty.objects.filter(level_id=incident.level_id, kind=kind).first()
    due_at = (told or _due_at(duty.target, incident, now)) if duty else None
    if duty is None or due_at is None:
        return None
    return make_promise(
        incident,
        by=MUSTER,
        now=now,
        kind=kind,
        due_at=min(due_at, latest) if latest else due_at,
        subject=PromiseKind(kind).label,
        link=reverse("incidents:meeting-detail", args=[incident.reference]) if kind == PromiseKind.MEETING else "",
        owed_by=duty.owed_by,
        owner=None if kind in OF_THE_RESPONSE else _holder_of(incident, duty.owed_by) or incident.commander,
    )


def _holder_of(incident: Incident, role: str) -> User | None:
    """Who holds `role` now, the first of several."""
    held = incident.role_assignments.filter(role=role, ended_at__isnull=True).select_related("user").first()
    return held.user if held else None


def make_respond_promise(incident: Incident, *, now: datetime) -> Promise | None:
    """Work must have begun by the level's respond-within; words like “best effort” promise no moment."""
    target = incident.level.respond_target
    due_at = _due_at(target, incident, now) if target else None
    if target is None or due_at is None or target.word == "immediate":
        return None
    return make_promise(
        incident,
        by=MUSTER,
        now=now,
        kind=PromiseKind.RESPOND,
        due_at=due_at,
        subject=f"Respond within {target}",
        owed_by="commander",
    )


def make_first_promises(incident: Incident, *, now: datetime, of_level: Iterable[Duty]) -> list[Promise]:
    """What an incident owes from its beginning by the duties `of_level`, in one statement.

    To respond, and its first words to each audience.
    Without a duty of a first update, the update that is owed again and again counts from now. Nothing private owes the
    public a word. Nothing was owed before, so nothing is moved; the incident is being declared in this transaction,
    and nobody watches it yet.
    """
    duties = {duty.kind: duty for duty in of_level}
    target = incident.level.respond_target
    owed = list[tuple[PromiseKind, datetime | None, str, str]]()
    if target and target.word != "immediate":
        owed.append((PromiseKind.RESPOND, _due_at(target, incident, now), f"Respond within {target}", "commander"))
    updates = [
        (kind, duties[kind]) for kind in (PromiseKind.FIRST_UPDATE, PromiseKind.STATUS_UPDATE) if kind in duties
    ]
    dated = [(kind, _due_at(duty.target, incident, now), kind.label, duty.owed_by) for kind, duty in updates]
    owed += [one for one in dated if one[1]][:1]
    others = [PromiseKind.EXECUTIVE_BRIEF, *([PromiseKind.PUBLIC_UPDATE] if incident.may_be_public else [])]
    owed += [
        (kind, _due_at(duties[kind].target, incident, now), kind.label, duties[kind].owed_by)
        for kind in others
        if kind in duties
    ]
    return insert_all(
        Promise(
            incident=incident,
            kind=kind,
            subject=subject,
            owed_by=owed_by,
            made_at=now,
            due_at=due_at,
            wake_at=first_wake_at(now, due_at, duties.get(kind)),
        )
        for kind, due_at, subject, owed_by in owed
        if due_at
    )


def due_of_duty(incident: Incident, kind: PromiseKind, *, now: datetime) -> datetime | None:
    """By when the level's duty of `kind` would be owed, counted from `now`; None when the level has none."""
    duty = Duty.objects.filter(level_id=incident.level_id, kind=kind).first()
    return _due_at(duty.target, incident, now) if duty else None


def _due_at(target: Target, incident: Incident, now: datetime) -> datetime | None:
    """By when what a level wants is owed; only business days ask for the calendar of its version."""
    days = incident.level.version.calendar if target.business_days is not None else ANY_DAY
    return target.due_at(now, days)


def keep_respond_promise(incident: Incident, *, by: Actor, now: datetime) -> None:
    """Somebody works on it: the promise to respond is kept. Changes nothing when none is open."""
    kept = Promise.objects.undone().filter(incident=incident, kind=PromiseKind.RESPOND)
    if kept.update(done_at=now, done_by=by.user, kept_at=now, kept_by=by.user, wake_at=None):
        announce_change(incident, "owed")


def break_answer_promise(incident: Incident, *, subject_key: str, subject: str, link: str, now: datetime) -> Promise:
    """Nobody has answered a page: broken from the beginning, and red until somebody does. The incident is locked.

    A second time changes nothing while it is open. Nothing more is told because of it: the page rings.
    """
    promise, _ = Promise.objects.undone().get_or_create(
        incident=incident,
        kind=PromiseKind.ANSWER,
        subject_key=subject_key,
        defaults={
            "subject": subject[:200],
            "link": link,
            "made_at": now,
            "due_at": now,
            "broken_at": now,
            "stage": PromiseStage.BROKEN,
        },
    )
    return promise


def keep_promise_about(incident: Incident, kind: PromiseKind, *, subject_key: str, by: Actor, now: datetime) -> None:
    """What `subject_key` names was done, and nothing has to arrive anywhere. The incident is locked.

    Changes nothing when no such promise is open.
    """
    kept = Promise.objects.undone().filter(incident=incident, kind=kind, subject_key=subject_key)
    if kept.update(done_at=now, done_by=by.user, kept_at=now, kept_by=by.user, wake_at=None):
        stop_rings(incident, by=by, now=now)
        announce_change(incident, "owed")


@transaction.atomic
def keep_promise(promise: Promise, *, by: Actor, now: datetime) -> Promise:
    """It was done and it arrived. A second call changes nothing. Raises NotAllowed, or WrongState when withdrawn."""
    check_can_respond(by, promise.incident)
    lock_incident(promise.incident)
    promise = Promise.objects.select_for_update().get(pk=promise.pk)
    if promise.withdrawn_at:
        raise WrongState("This promise was withdrawn; there is nothing to keep.")
    if promise.kept_at is None:
        promise.done_at, promise.done_by = promise.done_at or now, promise.done_by or by.user
        promise.kept_at, promise.kept_by, promise.wake_at = now, by.user, None
        promise.save(update_fields=["done_at", "done_by", "kept_at", "kept_by", "wake_at"])
        stop_rings(promise.incident, by=by, now=now)
        announce_change(promise.incident, "owed")
    return promise


def pass_on_promises(incident: Incident, held: RoleAssignment, *, relieved: Collection[int]) -> list[str]:
    """What was owed because of a role goes to `held.user`, who has it now; what that was, in words.

    From those who had it before: `relieved` (their ids), else the last who left it, else whoever commands, who stood
    in. The commander also gets what is owed by a role that nobody holds, and what follows the resolution where the
    duty names no role. Tasks, action items and the answer to an offer are owed by a person and stay; so does a
    postmortem that has a document: role_passed_on says who writes that. The incident is locked.
    """
    rows = incident.role_assignments
    outgoing = set(relieved)
    if not outgoing:
        left = rows.filter(role=held.role, ended_at__isnull=False).order_by("-ended_at", "-pk").first()
        stands_in = rows.filter(kind=RoleKind.COMMANDER, ended_at__isnull=True).first()
        outgoing = {row.user_id for row in (left, stands_in) if row}
    owed = Promise.objects.open().filter(incident=incident, owner__in=outgoing - {held.user_id})
    owed = owed.exclude(kind__in=OF_A_PERSON).exclude(Q(kind=PromiseKind.POSTMORTEM) & ~Q(link=""))
    if held.kind == RoleKind.COMMANDER:
        others = rows.filter(ended_at__isnull=True).exclude(pk=held.pk)
        owed = owed.exclude(owed_by__in=others.values("role"))
        owed = owed.exclude(Q(owed_by="") & ~Q(kind__in=OF_THE_RESOLUTION))
    else:
        owed = owed.filter(owed_by=held.role)
    passed_on = list(owed.order_by("due_at", "pk"))
    Promise.objects.filter(pk__in=[promise.pk for promise in passed_on]).update(owner=held.user)
    return [promise.subject for promise in passed_on]


@transaction.atomic
def withdraw_promises(
    incident: Incident,
    *,
    now: datetime,
    kinds: tuple[PromiseKind, ...],
    reason: str,
    subject_key: str | None = None,
    also_done: bool = False,
) -> int:
    """Nobody owes these any more, because of `reason`. Returns how many were open.

    What was done and waits for its hand-over stays, unless `also_done`.
    """
    lock_incident(incident)
    rows = Promise.objects.open() if also_done else Promise.objects.undone()
    rows = rows.filter(incident=incident, kind__in=kinds)
    if subject_key is not None:
        rows = rows.filter(subject_key=subject_key)
    withdrawn = rows.update(withdrawn_at=now, withdrawn_reason=reason[:200], wake_at=None)
    if withdrawn:
        stop_rings(incident, by=MUSTER, now=now)
        announce_change(incident, "owed")
    return withdrawn
