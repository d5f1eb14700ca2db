"""Decisions: made in one line, looked at again."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from core.errors import InvalidInput
from core.moments import show_near
from incidents.actions.lock import lock_to_act
from incidents.actions.numbered import check_to_come, find_numbered, next_number, one_line
from incidents.actions.promise import keep_promise_about, make_promise
from incidents.actions.seen import check_seen
from incidents.actions.submission import came_before, claim_submission
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import DecisionOutcome, EntryKind, PromiseKind
from incidents.models import Decision, Incident

LONGEST_DECISION = 300
OPTIONAL = {"risk": "Risk", "way_back": "Way back", "expected": "Expected"}


@transaction.atomic
def make_decision(
    incident: Incident,
    *,
    by: Actor,
    now: datetime,
    text: str,
    check_at: datetime | None = None,
    submission_key: UUID | None = None,
    **optional: str,
) -> Decision | None:
    """Write down what was decided; with `check_at` somebody owes an answer then: did it work?

    `risk`, `way_back` and `expected` may say more. Owed by whoever decided. The same `submission_key` again does
    nothing and returns None. Raises InvalidInput for no text or a moment that has come, NotAllowed, WrongState for a
    closed incident.
    """
    locked = lock_to_act(incident, by)
    if came_before(claim_submission(submission_key, by=by, now=now, incident=locked)):
        return None
    check_to_come(check_at, now=now, field="check_at")
    decision = Decision.objects.create(
        incident=locked,
        number=next_number(locked.decisions.all()),
        text=one_line(text, field="text", longest=LONGEST_DECISION, empty="Say in one line what was decided."),
        made_at=now,
        made_by=by.user,
        check_at=check_at,
        **{name: one_line(optional.get(name, ""), field=name, longest=200) for name in OPTIONAL},
    )
    _promise(decision, by=by, now=now)
    more = [f"{label}: {getattr(decision, name)}" for name, label in OPTIONAL.items() if getattr(decision, name)]
    more += [f"looked at again at {show_near(check_at, now)}"] if check_at else []
    _write(decision, " · ".join([f"Decided: {decision.text}", *more]), by=by, now=now)
    return decision


@transaction.atomic
def answer_decision(
    incident: Incident, *, by: Actor, now: datetime, number: int, outcome: str, seen: str | None = None
) -> Decision:
    """It worked, or it did not; its promise is kept. The same again changes nothing, another answer replaces it.

    `seen` is the outcome that the writer had before them, empty for none. Raises Conflict when it is another by now,
    InvalidInput for another word or number, NotAllowed, WrongState for a closed incident.
    """
    locked = lock_to_act(incident, by)
    decision: Decision = find_numbered(locked.decisions.all(), number, "decision")
    decision.incident = locked
    if outcome not in DecisionOutcome.values:
        raise InvalidInput(f"“{outcome}” is none of {', '.join(DecisionOutcome.values)}.", field="outcome")
    if decision.outcome == outcome:
        return decision
    words = f"“{decision.text}”: {decision.get_outcome_display().lower()}"
    check_seen(seen, is_now=decision.outcome, what=words, by=decision.outcome_by, at=decision.outcome_at)
    decision.outcome, decision.outcome_at, decision.outcome_by = outcome, now, by.user
    decision.save(update_fields=["outcome", "outcome_at", "outcome_by"])
    keep_promise_about(locked, PromiseKind.DECISION, subject_key=decision.subject_key, by=by, now=now)
    back = f" · Way back: {decision.way_back}" if outcome == DecisionOutcome.FAILED and decision.way_back else ""
    _write(decision, f"{decision.get_outcome_display()}: {decision.text}{back}", by=by, now=now)
    return decision


def _promise(decision: Decision, *, by: Actor, now: datetime) -> None:
    if decision.check_at is None:
        return
    signal = f" Expected: {decision.expected}" if decision.expected else ""
    make_promise(
        decision.incident,
        by=by,
        now=now,
        kind=PromiseKind.DECISION,
        due_at=decision.check_at,
        subject=f"Did it work? {decision.text}.{signal}"[:200],
        owed_by="commander",
        owner=by.user,
        subject_key=decision.subject_key,
        link=f"{decision.incident.get_absolute_url()}#decision-{decision.number}",
    )


def _write(decision: Decision, text: str, *, by: Actor, now: datetime) -> None:
    facts = {"decision": decision.number, "outcome": decision.outcome}
    write_entry(decision.incident, by=by, now=now, text=text, kind=EntryKind.DECISION, facts=facts)
    note_sign_of_life(decision.incident, by=by, now=now)
    announce_change(decision.incident, "owed", "facts")
