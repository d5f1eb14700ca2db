"""Where the response stands: status steps, bleeding stopped, the watch, resolve, close."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from comms.enums import MessageKind
from comms.models import Subscription
from core.errors import InvalidInput, WrongState
from core.moments import show_clock
from core.signals import announce
from core.states import check_may_follow
from incidents.actions.checklist.gate import check_gate
from incidents.actions.checklist.mark import reopen_checks
from incidents.actions.escalation import apply_matrix, withdraw_matrix
from incidents.actions.lock import lock_to_act, lock_to_end
from incidents.actions.message import tell
from incidents.actions.promise import (
    OF_THE_RESOLUTION,
    UNTIL_RESOLVED,
    make_promise,
    make_promise_of_duty,
    withdraw_promises,
)
from incidents.actions.promise_return import owe_response_again
from incidents.actions.role import end_roles
from incidents.actions.runbook import begin_runbooks
from incidents.actions.task import drop_open_tasks
from incidents.actions.text import words_for
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import (
    ClosedAs,
    EntryKind,
    Gate,
    IncidentStatus,
    Occasion,
    PromiseKind,
    TextAudience,
    WatchOrder,
)
from incidents.export.texts import Said
from incidents.models import Incident
from incidents.owed import holds_close
from incidents.queries.owed import facts_of_one
from incidents.queries.texts import last_words
from incidents.queries.watch import raise_to_come, watch_until, watch_wanted_until
from incidents.signals import incident_closed, incident_reopened, incident_resolved
from incidents.states import AFTER_THE_FIRE, OPEN, TRANSITIONS

STAMPS = ("mitigated_at", "mitigated_by", "resolved_at", "resolved_by")
FIRST_STEPS = (IncidentStatus.INVESTIGATING, IncidentStatus.IDENTIFIED)
STEPS = (*FIRST_STEPS, IncidentStatus.MONITORING)


@transaction.atomic
def change_status(incident: Incident, *, by: Actor, now: datetime, status: str) -> Incident:
    """Step to investigating, identified or monitoring; the same again changes nothing.

    Resolve and close have actions of their own. Raises InvalidInput for another word, WrongState once it is resolved
    (a resolution that does not hold is fail_watch), NotAllowed.
    """
    locked = lock_to_act(incident, by)
    if status not in STEPS:
        known = ", ".join(STEPS)
        raise InvalidInput(f"“{status}” is no status to step to; there are {known}, and /resolve.", field="status")
    if status == locked.status:
        return locked
    if locked.status not in OPEN:
        raise WrongState(f"{locked.reference} is resolved. If it is back, say that the watch failed.")
    check_may_follow(TRANSITIONS, locked.status, status, f"It cannot step from {locked.status} to {status}.")
    step_to(locked, status, by=by, now=now, text=f"Status: {IncidentStatus(status).label.lower()}")
    note_sign_of_life(locked, by=by, now=now)
    return locked


def step_to(
    incident: Incident, status: str, *, by: Actor, now: datetime, text: str, also: tuple[str, ...] = (), **facts: str
) -> None:
    """Set the status of a locked incident, with the fields that change with it, and say so, with `facts` for machines.

    Back from monitoring or later it hurts again: no watch runs any more, and checks that had passed are to be seen
    again.
    """
    before, incident.status = incident.status, status
    if before not in FIRST_STEPS and status in FIRST_STEPS:
        incident.mitigated_at = incident.mitigated_by = incident.resolved_at = incident.resolved_by = None
        also = (*also, *STAMPS)
        withdraw_promises(incident, now=now, kinds=(PromiseKind.WATCH,), reason="it came back")
        reopen_checks(incident, by=by, now=now)
    incident.save(update_fields=["status", *also])
    facts = {"before": before, "after": status, **facts}
    write_entry(incident, by=by, now=now, text=text, kind=EntryKind.STATUS, facts=facts)
    announce_change(incident, "band", "owed", "status")


@transaction.atomic
def stop_bleeding(incident: Incident, *, by: Actor, now: datetime) -> Incident:
    """It no longer hurts; the cause may still be unknown. The status becomes monitoring.

    Where the policy watches before “resolved”, the watch begins here. Raises WrongState when it was stopped before or
    is resolved, NotAllowed.
    """
    locked = lock_to_act(incident, by)
    if locked.status not in OPEN:
        raise WrongState(f"{locked.reference} is resolved already.")
    if locked.mitigated_at:
        raise WrongState(f"The bleeding was stopped at {show_clock(locked.mitigated_at, by.zone)} already.")
    locked.mitigated_at, locked.mitigated_by = now, by.user
    locked.save(update_fields=["mitigated_at", "mitigated_by"])
    write_entry(locked, by=by, now=now, text="Bleeding stopped", kind=EntryKind.MITIGATION)
    if locked.status != IncidentStatus.MONITORING:
        step_to(locked, IncidentStatus.MONITORING, by=by, now=now, text="Status: monitoring")
    if locked.level.watch_order == WatchOrder.BEFORE_RESOLVED:
        begin_watch(locked, by=by, now=now)
    note_sign_of_life(locked, by=by, now=now)
    announce_change(locked, "band", "owed", "status")
    return locked


def begin_watch(incident: Incident, *, by: Actor, now: datetime, until: datetime | None = None) -> None:
    """Keep an eye on it for as long as the level says, or `until` then; the sweep says when the watch is over.

    A watch that runs already goes on, and ends then.
    """
    length = incident.level.watch_length
    if length is None:
        return
    subject = f"Watch for {incident.level.watch_for}"
    make_promise(
        incident,
        by=by,
        now=now,
        kind=PromiseKind.WATCH,
        due_at=until or now + length,
        subject=subject,
        owed_by="commander",
        owner=incident.commander,
    )


@transaction.atomic
def resolve_incident(incident: Incident, *, by: Actor, now: datetime, reason: str = "") -> Incident:
    """It is over: stop every page, end what the response owes, begin what is owed after it, tell the channel.

    The watch stands where the policy puts it: before (then resolving earlier needs a `reason`) or after. Items of the
    checklist that hold it back need a `reason` too, and are named in the entry. Sends incident_resolved. Does not
    close. Raises InvalidInput without a needed reason, WrongState, NotAllowed.
    """
    locked = lock_to_end(incident, by, now=now, reason="resolved")
    check_may_follow(TRANSITIONS, locked.status, IncidentStatus.RESOLVED, f"{locked.reference} is resolved already.")
    also = [] if reason.strip() else _not_watched(locked, by=by, now=now)
    left = check_gate(locked, Gate.RESOLVE, now=now, reason=reason, also=also)
    locked.resolved_at, locked.resolved_by = now, by.user
    if locked.mitigated_at is None:
        locked.mitigated_at, locked.mitigated_by = now, by.user
    resolution = reason.strip()
    text = (f"Resolved: {resolution}" if resolution else "Resolved") + left
    step_to(locked, IncidentStatus.RESOLVED, by=by, now=now, text=text, also=STAMPS, resolution=resolution)
    withdraw_promises(locked, now=now, kinds=UNTIL_RESOLVED, reason="resolved")
    withdraw_matrix(locked, now=now)
    if locked.level.watch_order == WatchOrder.AFTER_RESOLVED:
        begin_watch(locked, by=by, now=now)
    for kind in OF_THE_RESOLUTION:
        make_promise_of_duty(locked, kind, now=now)
    note_sign_of_life(locked, by=by, now=now)
    said = Said.fields_of(last_words(locked))
    words = words_for(TextAudience.INTERNAL, Occasion.RESOLVED, locked, said, now=now)
    tell_channel(locked, now=now, event="resolved", body=words or text)
    announce(incident_resolved, Incident, incident=locked, by=by, now=now)
    return locked


def _not_watched(incident: Incident, *, by: Actor, now: datetime) -> list[str]:
    """Where the level that is shown watches before “resolved”: that the watch is not over, in a sentence."""
    if incident.level.watch_order != WatchOrder.BEFORE_RESOLVED:
        return []
    rule = f"{incident.level} is watched for {incident.level.watch_for} before it is resolved"
    if incident.mitigated_at is None:
        return [f"{rule}; say first that the bleeding stopped."]
    until = watch_wanted_until(incident, running=watch_until(incident), raised=raise_to_come(incident))
    return [f"{rule}: until {show_clock(until, by.zone)}."] if until and until > now else []


@transaction.atomic
def fail_watch(incident: Incident, *, by: Actor, now: datetime, reason: str) -> Incident:
    """It is back: to investigating, with the story kept. Every clock of the response begins anew.

    Checks that had passed are to be seen again. The former resolution stays in the timeline; what it withdrew undone
    is owed again, and what was owed after it is withdrawn until it is resolved again. Raises InvalidInput without a
    reason, WrongState when nothing is being watched, NotAllowed.
    """
    locked = lock_to_act(incident, by)
    reason = reason.strip()
    if not reason:
        raise InvalidInput("Say in a few words what came back.", field="reason")
    if locked.status not in {IncidentStatus.MONITORING, IncidentStatus.RESOLVED}:
        raise WrongState(f"{locked.reference} is {locked.get_status_display().lower()}; nothing is being watched.")
    over_since = locked.resolved_at
    withdraw_promises(locked, now=now, kinds=OF_THE_RESOLUTION, reason="it came back")
    step_to(locked, IncidentStatus.INVESTIGATING, by=by, now=now, text=f"The watch failed: {reason}")
    if over_since:
        apply_matrix(locked, now=now)
        owe_response_again(locked, now=now)
        begin_runbooks(locked, over_since=over_since, by=by, now=now)
        tell_channel(locked, now=now, event="reopened", body=f"It is back: {reason}")
        announce(incident_reopened, Incident, incident=locked, by=by, now=now)
    note_sign_of_life(locked, by=by, now=now)
    return locked


@transaction.atomic
def close_incident(incident: Incident, *, by: Actor, now: datetime, reason: str = "") -> Incident:
    """The response is over and owes nothing urgent; postmortem, email and actions go on.

    Ends every role. Before the watch is over, while something urgent is owed or an item of the checklist holds it
    back, it needs a `reason`; then what is owed is withdrawn with it. Sends incident_closed. Raises WrongState unless
    it is resolved, InvalidInput without a needed reason, naming all that holds it, NotAllowed.
    """
    locked = lock_to_act(incident, by)
    if locked.status != IncidentStatus.RESOLVED:
        raise WrongState("Resolve it first; or say that it was not an incident.")
    also = [] if reason.strip() else _still_owed(locked, by=by, now=now)
    left = check_gate(locked, Gate.CLOSE, now=now, reason=reason, also=also)
    why = f"closed: {reason.strip() or 'watch over'}"
    ended = tuple(kind for kind in PromiseKind if kind not in AFTER_THE_FIRE)
    withdraw_promises(locked, now=now, kinds=ended, reason=why, also_done=True)
    over, text = ClosedAs.RESPONSE_OVER, f"Closed{left}"
    return close_record(locked, by=by, now=now, closed_as=over, reason=reason.strip(), text=text)


def _still_owed(incident: Incident, *, by: Actor, now: datetime) -> list[str]:
    """That the watch is not over, and what is owed before the response is over: a sentence each."""
    until, rows = watch_until(incident), holds_close(facts_of_one(incident), now)
    sentences = [f"The watch lasts until {show_clock(until, by.zone)}."] if until and until > now else []
    if rows:
        sentences.append(f"Still owed: {'; '.join(row.what for row in rows)}.")
    return sentences


@transaction.atomic
def close_as_no_incident(incident: Incident, *, by: Actor, now: datetime, reason: str = "") -> Incident:
    """It was not an incident: stop every page, owe nothing, no postmortem, no shame.

    Sends incident_closed. Raises WrongState when it is closed already, NotAllowed.
    """
    locked = lock_to_end(incident, by, now=now, reason="not an incident")
    withdraw_promises(locked, now=now, kinds=tuple(PromiseKind), reason="not an incident", also_done=True)
    tell_channel(locked, now=now, event="not_an_incident", body="Closed: not an incident.")
    text = "Closed: not an incident. Declaring it was right"
    return close_record(locked, by=by, now=now, closed_as=ClosedAs.NOT_AN_INCIDENT, reason=reason.strip(), text=text)


def close_record(
    incident: Incident, *, by: Actor, now: datetime, closed_as: ClosedAs, reason: str, text: str
) -> Incident:
    """Set a locked incident to closed, end every role, and say so; promises and pages are the caller's."""
    before, incident.status = incident.status, IncidentStatus.CLOSED
    incident.closed_at, incident.closed_as, incident.closed_reason = now, closed_as, reason[:300]
    incident.save(update_fields=["status", "closed_at", "closed_as", "closed_reason"])
    facts = {"before": before, "after": IncidentStatus.CLOSED, "closed_as": closed_as}
    text = f"{text}: {reason}" if reason else text
    write_entry(incident, by=by, now=now, text=text, kind=EntryKind.STATUS, facts=facts)
    end_roles(incident, now=now)
    withdraw_matrix(incident, now=now)
    drop_open_tasks(incident, by=by, now=now, reason="the record was closed")
    announce_change(incident, "band", "owed", "status", "people")
    announce(incident_closed, Incident, incident=incident, by=by, now=now)
    return incident


def tell_channel(incident: Incident, *, now: datetime, event: str, body: str) -> None:
    """Say it in the standing channel of the level, where the thread is."""
    channel = Subscription.objects.filter(name=incident.level.chat_channel, is_enabled=True).first()
    if not incident.level.chat_channel or channel is None:
        return
    tell(
        incident,
        channel,
        now=now,
        kind=MessageKind.STATUS_UPDATE,
        dedup_key=f"{event}:{incident.reference}:{incident.last_entry}",
        body=body,
        event=event,
        status=incident.status,
    )
