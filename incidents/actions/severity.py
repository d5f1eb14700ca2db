"""Raise by one press, with ten seconds to take it back; lower with a reason.

A raise shows at once and rings after those ten seconds, from the sweep: what it does then can no longer be taken back.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.actor import MUSTER, Actor
from core.errors import InvalidInput, WrongState
from escalation.actions.page import stop_pages
from incidents.actions.checklist.item import add_level_items
from incidents.actions.escalation import apply_matrix
from incidents.actions.everyone import tell_everyone
from incidents.actions.lock import lock_incident, lock_to_act
from incidents.actions.paging import page_groups_of_level
from incidents.actions.promise import OF_THE_RESPONSE, make_promise_of_duty, make_respond_promise, withdraw_promises
from incidents.actions.public_word import renew_public_promise
from incidents.actions.seat import fill_seats, name_commander, start_backup_clock
from incidents.actions.seen import check_seen
from incidents.actions.status import begin_watch
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind, IncidentStatus, PromiseKind, WatchOrder
from incidents.models import Incident, Level, Promise, SeverityChange
from incidents.queries.paging import policies_of_groups
from incidents.queries.watch import raise_to_come, watch_until
from incidents.states import OPEN

TAKE_BACK = timedelta(seconds=10)
logger = logging.getLogger(__name__)


@transaction.atomic
def change_level(
    incident: Incident, *, by: Actor, now: datetime, level: Level, reason: str = "", seen: str | None = None
) -> SeverityChange:
    """Put the incident at `level` of its own ladder version.

    Worse: at once on the page; its groups are rung and its clocks tightened ten seconds later, unless taken back.
    Better: needs a `reason`, and takes effect at once; nobody is rung, clocks get their longer time. Where it only
    lessens a raise that has not rung yet, a raise remains, and rings ten seconds later. `seen` is the name of the
    level that the writer had before them. Raises Conflict when it is another by now: nobody undoes a raise that they
    did not see. Raises InvalidInput for a level of another version, the same level, or a lowering without a reason;
    WrongState once it is resolved; NotAllowed.
    """
    locked = lock_to_act(incident, by)
    reason = reason.strip()
    raised = _check_change(locked, level, reason=reason, seen=seen)
    before = _level_before_unsettled(locked, now=now) or locked.level
    rings = level.rank < before.rank
    change = SeverityChange.objects.create(
        incident=locked,
        before=before,
        after=level,
        reason=reason[:300],
        at=now,
        by=by.user,
        takes_effect_at=now + TAKE_BACK if rings else now,
    )
    text = f"{'Raised' if raised else 'Lowered'} from {locked.level} to {level}" + (f": {reason}" if reason else "")
    _show_level(locked, level, by=by, now=now, text=text)
    note_sign_of_life(locked, by=by, now=now)
    if not rings:
        _settle(locked, change, now=now)
    return change


def _check_change(incident: Incident, level: Level, *, reason: str, seen: str | None) -> bool:
    """Whether it would be raised. Raises what change_level raises."""
    if incident.status not in OPEN:
        raise WrongState(f"{incident.reference} is resolved; its level stays {incident.level}.")
    if level.version_id != incident.level.version_id:
        raise InvalidInput(f"{level} is of another version of the ladder than this incident.", field="level")
    last = incident.severity_changes.select_related("by").order_by("at", "pk").last()
    by, at = (last.by, last.at) if last else (None, None)
    check_seen(seen, is_now=incident.level.name, what=f"it is {incident.level}", by=by, at=at)
    if level.pk == incident.level_id:
        raise InvalidInput(f"It is {level} already.", field="level")
    raised = level.rank < incident.level.rank
    if not raised and not reason:
        raise InvalidInput(f"To lower it to {level}, say why.", field="reason")
    return raised


def _level_before_unsettled(incident: Incident, *, now: datetime) -> Level | None:
    """A second change within the ten seconds takes the place of the first, which then never rings."""
    waiting = raise_to_come(incident)
    if waiting is None:
        return None
    waiting.taken_back_at = now
    waiting.save(update_fields=["taken_back_at"])
    return waiting.before


def _show_level(incident: Incident, level: Level, *, by: Actor, now: datetime, text: str) -> None:
    before, incident.level = incident.level, level
    incident.save(update_fields=["level"])
    facts = {"before": before.name, "after": level.name}
    write_entry(incident, by=by, now=now, text=text, kind=EntryKind.SEVERITY, facts=facts)
    announce_change(incident, "band", "owed", "people", "status")


@transaction.atomic
def take_back_change(incident: Incident, *, by: Actor, now: datetime) -> SeverityChange:
    """Undo a raise within its ten seconds; nobody was rung.

    Raises WrongState when there is none, it has rung, or it is resolved by now; NotAllowed.
    """
    locked = lock_to_act(incident, by)
    if locked.status not in OPEN:
        raise WrongState(f"{locked.reference} is resolved; its level stays {locked.level}.")
    change = raise_to_come(locked)
    if change is None or change.takes_effect_at <= now:
        raise WrongState("It is too late to take it back: the level has taken effect. Lower it with a reason.")
    change.taken_back_at = now
    change.save(update_fields=["taken_back_at"])
    text = f"Taken back: it stays {change.before}"
    _show_level(locked, change.before, by=by, now=now, text=text)
    note_sign_of_life(locked, by=by, now=now)
    return change


def due_changes(now: datetime) -> QuerySet[SeverityChange]:
    """Raises whose ten seconds are over and that have not taken effect."""
    return SeverityChange.objects.unsettled().filter(takes_effect_at__lte=now)


def settle_due_changes(*, now: datetime) -> int:
    """Let every raise whose ten seconds are over take effect, each in its own commit. Returns how many did.

    One that fails is logged and tried again at the next tick.
    """
    settled = 0
    for pk in due_changes(now).order_by("takes_effect_at", "pk").values_list("pk", flat=True):
        try:
            settled += _settle_raise(pk, now=now)
        except Exception:  # one row must never stop the others: it stays due and its trace is kept
            logger.exception("The change %s could not take effect; the next tick tries again.", pk)
    return settled


@transaction.atomic
def _settle_raise(pk: int, *, now: datetime) -> bool:
    """A raised level always rings, whoever answered before: what still rings of its policies gives way.

    Pages of other policies, and of people paged by hand, ring on: nobody else is rung in their place.
    """
    change = SeverityChange.objects.select_related("incident", "after").get(pk=pk)
    seen = Incident.objects.select_related("level__version", "service__policy").get(pk=change.incident_id)
    if seen.status in OPEN:
        reason = f"raised to {change.after.name}, which rings anew"
        groups = list(change.after.pages.all())
        anew = policies_of_groups(groups, level=seen.level, service=seen.service)
        policies = [policy for policy, _ in anew if policy]
        stop_pages(seen.subject_key, by=MUSTER, now=now, reason=reason, policies=policies)
    incident = lock_incident(change.incident)
    fresh = SeverityChange.objects.select_for_update().get(pk=change.pk)
    if fresh.settled_at or fresh.taken_back_at:
        transaction.set_rollback(True)
        return False
    if incident.status in OPEN:
        page_groups_of_level(incident, by=MUSTER, now=now)
    _settle(incident, fresh, now=now)
    return True


def _settle(incident: Incident, change: SeverityChange, *, now: datetime) -> None:
    """Clocks of the new level: a raise never gives more time than was promised before. Its checklist joins the old."""
    change.settled_at = now
    change.save(update_fields=["settled_at"])
    if incident.status != IncidentStatus.CLOSED and add_level_items(incident, now=now):
        announce_change(incident, "checklist")
    if incident.status not in OPEN:
        return
    raised = change.after.rank < change.before.rank
    if raised:
        name_commander(incident, by=MUSTER, now=now)
        fill_seats(incident, by=MUSTER, now=now)
        start_backup_clock(incident, now=now)
        tell_everyone(incident, by=MUSTER, now=now)
    _renew_clocks(incident, raised=raised, now=now)
    _fit_watch(incident, now=now)
    apply_matrix(incident, now=now)
    announce_change(incident, "band", "owed", "people")


def _renew_clocks(incident: Incident, *, raised: bool, now: datetime) -> None:
    """What the response owes, counted anew by the new level; what is late already at a raise stays as it is."""
    open_rows = Promise.objects.undone().filter(incident=incident, kind__in=OF_THE_RESPONSE)
    latest = {row.kind: row.due_at for row in open_rows} if raised else {}
    was_owed = {row.kind for row in open_rows}
    late = {kind for kind, due_at in latest.items() if due_at <= now}
    kinds = tuple(kind for kind in OF_THE_RESPONSE if kind not in {*late, PromiseKind.PUBLIC_UPDATE})
    withdraw_promises(incident, now=now, kinds=kinds, reason=f"the level became {incident.level}")
    kind = PromiseKind.FIRST_UPDATE if PromiseKind.FIRST_UPDATE in was_owed else PromiseKind.STATUS_UPDATE
    if kind not in late and not make_promise_of_duty(incident, kind, now=now, latest=latest.get(kind)):
        make_promise_of_duty(incident, PromiseKind.STATUS_UPDATE, now=now)
    if PromiseKind.RESPOND in was_owed - late:
        make_respond_promise(incident, now=now)
    brief = PromiseKind.EXECUTIVE_BRIEF
    if brief not in late:
        make_promise_of_duty(incident, brief, now=now, latest=latest.get(brief))
    renew_public_promise(incident, raised=raised, now=now)


def _fit_watch(incident: Incident, *, now: datetime) -> None:
    """While the bleeding has stopped, a level that watches before “resolved” begins its watch, another ends it.

    A watch that ran before ends when the longer of the two does, counted from the mitigation.
    """
    if incident.level.watch_order != WatchOrder.BEFORE_RESOLVED:
        reason = f"the level became {incident.level}"
        withdraw_promises(incident, now=now, kinds=(PromiseKind.WATCH,), reason=reason)
        return
    length = incident.level.watch_length
    if incident.mitigated_at is None or length is None:
        return
    watches = incident.promises.filter(kind=PromiseKind.WATCH, withdrawn_at=None)
    was_watched = watches.filter(made_at__gte=incident.mitigated_at).exists()
    until = (incident.mitigated_at if was_watched else now) + length
    if not was_watched or until > (watch_until(incident) or now):
        begin_watch(incident, by=MUSTER, now=now, until=until)
