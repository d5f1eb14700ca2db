"""One mark, written: the item as it stands now, the row of the history, the line of the timeline."""

from datetime import datetime

from accounts.actor import Actor
from incidents.actions.timeline import write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import CheckOutcome, EntryKind, ItemKind
from incidents.models import Attachment, ChecklistItem, ChecklistMark, Incident

SIGNS = {
    CheckOutcome.PASSED: "✓",
    CheckOutcome.FAILED: "✗ Failed:",
    CheckOutcome.NOT_APPLICABLE: "– Does not apply:",
    CheckOutcome.OPEN: "Open again:",
}
STATE = ("outcome", "marked_at", "marked_by", "note", "attachment")


def write_mark(
    item: ChecklistItem,
    outcome: CheckOutcome,
    *,
    by: Actor,
    now: datetime,
    note: str = "",
    attachment: Attachment | None = None,
) -> None:
    """Mark an item of an incident that this transaction has locked, keep the mark in its history, and say so."""
    _keep(item, outcome, by=by, now=now, note=note, attachment=attachment)
    words = f"{SIGNS[outcome]} {item.text}" + (f": {note}" if note else "")
    parts = [words, f"evidence: {attachment.name}" if attachment else "", str(by)]
    facts = {"item": item.number, "outcome": outcome, "check": item.is_check}
    text = " · ".join(filter(None, parts))
    write_entry(item.incident, by=by, now=now, text=text, kind=EntryKind.CHECK, facts=facts)
    announce_change(item.incident, "owed", "checklist")


def reopen_checks(incident: Incident, *, by: Actor, now: datetime) -> None:
    """It came back: what was passed proves nothing any more. Steps that were taken stay taken.

    Each mark is kept in the history. The incident is locked; the caller's own entry says why.
    """
    rows = incident.checklist.filter(outcome=CheckOutcome.PASSED, item__kind=ItemKind.CHECK)
    for row in rows.with_texts().in_order():
        _keep(row, CheckOutcome.OPEN, by=by, now=now, note="it came back")


def _keep(
    item: ChecklistItem,
    outcome: CheckOutcome,
    *,
    by: Actor,
    now: datetime,
    note: str,
    attachment: Attachment | None = None,
) -> None:
    ChecklistMark.objects.create(item=item, outcome=outcome, at=now, by=by.user, note=note, attachment=attachment)
    is_open = outcome == CheckOutcome.OPEN
    item.outcome = outcome
    item.marked_at, item.marked_by = (None, None) if is_open else (now, by.user)
    item.note, item.attachment = ("", None) if is_open else (note, attachment)
    item.save(update_fields=STATE)
