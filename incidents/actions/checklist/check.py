"""What a person says of an item: passed, failed, does not apply, or open again after all."""

from collections.abc import Callable
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from accounts.actor import Actor
from core.errors import Conflict, InvalidInput, NotAllowed
from core.moments import show_clock
from incidents.actions.attachment import keep_attachment
from incidents.actions.checklist.mark import write_mark
from incidents.actions.lock import lock_to_act
from incidents.actions.status import fail_watch
from incidents.actions.timeline import note_sign_of_life
from incidents.enums import CheckOutcome, Evidence, IncidentStatus
from incidents.models import ChecklistItem, Incident

LONGEST_NOTE = 300
WATCHED = {IncidentStatus.MONITORING, IncidentStatus.RESOLVED}


@transaction.atomic
def tick_item(
    incident: Incident, *, by: Actor, now: datetime, number: int, note: str = "", file: UploadedFile | None = None
) -> ChecklistItem:
    """`by` has done it, or has seen that it holds, now; with the words or the file that the policy asks for.

    The same person twice changes nothing. Raises Conflict when somebody else was quicker, InvalidInput for an item
    that is not there, without the evidence that it needs, or for a file that cannot be kept; NotAllowed for a machine
    without a person; WrongState for a closed incident.
    """
    item = _locked_item(incident, number, by)
    note = _check_note(note)
    if _was_said(item, CheckOutcome.PASSED, by, note):
        return item
    if item.evidence == Evidence.NOTE and not note:
        raise InvalidInput(f"“{item.text}” asks for a note: say what you saw.", field="note")
    if item.evidence == Evidence.FILE and file is None:
        raise InvalidInput(f"“{item.text}” asks for a file that shows it: a screenshot, a log.", field="file")
    return _mark(item, CheckOutcome.PASSED, by=by, now=now, note=note, file=file)


@transaction.atomic
def fail_check(
    incident: Incident, *, by: Actor, now: datetime, number: int, note: str, file: UploadedFile | None = None
) -> ChecklistItem:
    """`by` has looked, and it does not hold; `note` says what was seen.

    A check that fails while the incident is watched or resolved takes it back to investigating by fail_watch: the
    former resolution stays in the record, and checks that had passed are asked again. Raises what tick_item does, and
    InvalidInput without a note.
    """
    item = _locked_item(incident, number, by)
    note = _check_note(note)
    if not note:
        raise InvalidInput("Say in a few words what you saw.", field="note")
    if _was_said(item, CheckOutcome.FAILED, by, note):
        return item
    _mark(item, CheckOutcome.FAILED, by=by, now=now, note=note, file=file)
    if item.is_check and item.incident.status in WATCHED:
        item.incident = fail_watch(item.incident, by=by, now=now, reason=f"{item.text}: {note}")
    return item


@transaction.atomic
def set_not_applicable(
    incident: Incident, *, by: Actor, now: datetime, number: int, note: str, file: UploadedFile | None = None
) -> ChecklistItem:
    """`by` says that it does not apply here, and why. Raises what tick_item does, InvalidInput without why."""
    item = _locked_item(incident, number, by)
    note = _check_note(note)
    if not note:
        raise InvalidInput("Say in a few words why it does not apply here.", field="note")
    if _was_said(item, CheckOutcome.NOT_APPLICABLE, by, note):
        return item
    return _mark(item, CheckOutcome.NOT_APPLICABLE, by=by, now=now, note=note, file=file)


@transaction.atomic
def untick_item(
    incident: Incident, *, by: Actor, now: datetime, number: int, note: str = "", file: UploadedFile | None = None
) -> ChecklistItem:
    """Open again, whatever was said of it, which stays in its history; open already changes nothing.

    Takes no file. Raises InvalidInput for an item that is not there, NotAllowed for a closed incident.
    """
    item = _locked_item(incident, number, by)
    if file is not None:
        raise InvalidInput("What is open again needs no file; say what was wrong in the note.", field="file")
    if item.is_open:
        return item
    return _mark(item, CheckOutcome.OPEN, by=by, now=now, note=_check_note(note), file=None)


# What a form calls it, and the action behind it.
MARKS: dict[str, Callable[..., ChecklistItem]] = {
    CheckOutcome.PASSED: tick_item,
    CheckOutcome.FAILED: fail_check,
    CheckOutcome.NOT_APPLICABLE: set_not_applicable,
    CheckOutcome.OPEN: untick_item,
}


def _locked_item(incident: Incident, number: int, by: Actor) -> ChecklistItem:
    locked = lock_to_act(incident, by)
    if by.user is None:
        raise NotAllowed("Only a person says how a check stands.")
    item = locked.checklist.asked().with_texts().filter(number=number).first()
    if item is None:
        raise InvalidInput("There is no such item in the checklist.", field="item")
    item.incident = locked
    return item


def _mark(
    item: ChecklistItem, outcome: CheckOutcome, *, by: Actor, now: datetime, note: str, file: UploadedFile | None
) -> ChecklistItem:
    kept = keep_attachment(item.incident, by=by, now=now, file=file) if file else None
    write_mark(item, outcome, by=by, now=now, note=note, attachment=kept)
    note_sign_of_life(item.incident, by=by, now=now)
    return item


def _check_note(note: str) -> str:
    note = " ".join(note.split())
    if "\x00" in note:
        raise InvalidInput("The note holds a character that cannot be kept (NUL).", field="note")
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(f"The note has {len(note)} characters and holds {LONGEST_NOTE}.", field="note")
    return note


def _was_said(item: ChecklistItem, outcome: CheckOutcome, by: Actor, note: str) -> bool:
    """Whether `by` has said this before: a double press. Raises Conflict when somebody did, or with other words."""
    if item.outcome != outcome:
        return False
    if item.marked_by == by.user and note in {"", item.note}:
        return True
    assert item.marked_at is not None  # every outcome but OPEN has its moment; the database holds it so
    said = item.get_outcome_display().lower()
    raise Conflict(
        f"{item.marked_by} said at {show_clock(item.marked_at)} of “{item.text}”: {said}. "
        "To say it anew, set it open first."
    )
