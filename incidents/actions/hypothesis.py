"""Hypotheses: put forward, tested, ruled out, confirmed; their evidence and the steps to find out."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from core.errors import InvalidInput
from incidents.actions.lock import lock_to_act
from incidents.actions.numbered import find_numbered, next_number, one_line
from incidents.actions.seen import check_seen
from incidents.actions.submission import came_before, claim_submission
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind, HypothesisStatus, LineKind
from incidents.models import Hypothesis, HypothesisLine, Incident

LONGEST_LINE = 300


@transaction.atomic
def add_hypothesis(
    incident: Incident,
    *,
    by: Actor,
    now: datetime,
    text: str,
    confidence: int | None = None,
    submission_key: UUID | None = None,
) -> Hypothesis | None:
    """Put forward what may be behind it, `confidence` in percent.

    The same `submission_key` again does nothing and returns None. Raises InvalidInput for no text or another
    percentage than 0 to 100, NotAllowed, WrongState for a closed incident.
    """
    locked = lock_to_act(incident, by)
    if came_before(claim_submission(submission_key, by=by, now=now, incident=locked)):
        return None
    _check_confidence(confidence)
    row = Hypothesis.objects.create(
        incident=locked,
        number=next_number(locked.hypotheses.all()),
        text=one_line(text, field="text", longest=LONGEST_LINE, empty="Say in one line what may be behind it."),
        confidence=confidence,
        made_at=now,
        made_by=by.user,
        changed_at=now,
    )
    _write(row, f"Hypothesis: {row.text}{_sure(confidence)}", by=by, now=now)
    return row


@transaction.atomic
def change_hypothesis(
    incident: Incident, *, by: Actor, now: datetime, number: int, status: str, seen: str | None = None
) -> Hypothesis:
    """Say what is thought of it now: open, testing, ruled out, confirmed; the same again changes nothing.

    The status of the incident stays: whoever confirms a cause is offered “identified” beside it. `seen` is the status
    that the writer had before them. Raises Conflict when it is another by now, InvalidInput for another word or
    number, NotAllowed, WrongState for a closed incident.
    """
    row = _find(incident, number, by)
    if status not in HypothesisStatus.values:
        raise InvalidInput(f"“{status}” is none of {', '.join(HypothesisStatus.values)}.", field="status")
    if status == row.status:
        return row
    words = f"“{row.text}” is {row.get_status_display().lower()}"
    check_seen(seen, is_now=row.status, what=words, at=row.changed_at)
    before, row.status, row.changed_at = row.status, status, now
    row.save(update_fields=["status", "changed_at"])
    _write(row, f"Hypothesis {row.get_status_display().lower()}: {row.text}", by=by, now=now, before=before)
    return row


@transaction.atomic
def add_line(
    incident: Incident,
    *,
    by: Actor,
    now: datetime,
    number: int,
    kind: str,
    text: str,
    confidence: int | None = None,
    submission_key: UUID | None = None,
) -> HypothesisLine | None:
    """Add evidence, or a step to find out, to the hypothesis `number`; with a new `confidence` if that is given.

    The same `submission_key` again does nothing and returns None. Raises InvalidInput for no text, another kind,
    number or percentage; NotAllowed, WrongState for a closed incident.
    """
    row = _find(incident, number, by)
    if came_before(claim_submission(submission_key, by=by, now=now, incident=row.incident)):
        return None
    _check_confidence(confidence)
    if kind not in LineKind.values:
        raise InvalidInput(f"“{kind}” is none of {', '.join(LineKind.values)}.", field="kind")
    text = one_line(text, field="text", longest=LONGEST_LINE, empty="Say in one line what you saw, or what to try.")
    line = HypothesisLine.objects.create(
        hypothesis=row, number=next_number(row.lines.all()), kind=kind, text=text, at=now, by=by.user
    )
    if confidence is not None and confidence != row.confidence:
        row.confidence = confidence
        row.save(update_fields=["confidence"])
    word = "Evidence" if kind == LineKind.EVIDENCE else "To find out"
    _write(row, f"{word}: {text}{_sure(confidence)} · {row.text}", by=by, now=now)
    return line


@transaction.atomic
def tick_line(incident: Incident, *, by: Actor, now: datetime, number: int, line: int) -> HypothesisLine:
    """A step was taken; a second press changes nothing.

    Raises InvalidInput for evidence, which is not ticked, and for another number; NotAllowed, WrongState for a closed
    incident.
    """
    row = _find(incident, number, by)
    step: HypothesisLine = find_numbered(row.lines.all(), line, "step")
    if step.kind != LineKind.STEP:
        raise InvalidInput("Evidence is not ticked; a step is.")
    if step.done_at is None:
        step.done_at, step.done_by = now, by.user
        step.save(update_fields=["done_at", "done_by"])
        _write(row, f"Step taken: {step.text} · {row.text}", by=by, now=now)
    return step


def _find(incident: Incident, number: int, by: Actor) -> Hypothesis:
    locked = lock_to_act(incident, by)
    row: Hypothesis = find_numbered(locked.hypotheses.all(), number, "hypothesis")
    row.incident = locked
    return row


def _check_confidence(confidence: int | None) -> None:
    if confidence is not None and not 0 <= confidence <= 100:
        raise InvalidInput("Say in percent how sure you are: 0 to 100.", field="confidence")


def _sure(confidence: int | None) -> str:
    return "" if confidence is None else f" ({confidence} %)"


def _write(row: Hypothesis, text: str, *, by: Actor, now: datetime, **facts: str) -> None:
    known = {"hypothesis": row.number, "status": row.status, **facts}
    write_entry(row.incident, by=by, now=now, text=text, kind=EntryKind.HYPOTHESIS, facts=known)
    note_sign_of_life(row.incident, by=by, now=now)
    announce_change(row.incident, "facts")
