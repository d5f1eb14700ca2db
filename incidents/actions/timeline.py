"""Write the record: entries are only ever added."""

from datetime import datetime
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Value, When

from accounts.actor import Actor
from core.errors import InvalidInput
from core.live import put_off
from core.markdown import render_line
from core.moments import check_moment, show_moment
from core.prepared import Fields, as_json, as_rows, prepared_cursor
from escalation.actions import page as pages
from incidents.actions.lock import lock_to_act
from incidents.actions.promise import keep_respond_promise
from incidents.actions.watchers import announce_entry
from incidents.enums import EntryKind, RoleKind
from incidents.models import Incident, RoleAssignment, TimelineEntry

LONGEST_ENTRY = 10_000
APPEND = """
WITH counted AS (UPDATE incidents_incident SET last_entry = last_entry + %s WHERE id = %s RETURNING last_entry)
INSERT INTO incidents_timelineentry (number, {columns})
SELECT counted.last_entry - %s + said.nth, {said}
FROM counted, {source} WITH ORDINALITY AS said ({columns}, nth) ORDER BY said.nth
RETURNING id, number
"""


@transaction.atomic
def add_entry(
    incident: Incident,
    *,
    by: Actor,
    now: datetime,
    text: str,
    kind: EntryKind = EntryKind.NOTE,
    happened_at: datetime | None = None,
    is_about: bool = False,
    facts: dict[str, Any] | None = None,
) -> TimelineEntry:
    """Add what `by` says happened, at `happened_at` (now by default; `is_about`: a guess), recorded at `now`.

    Counts as a sign of life of a person, and keeps the promise to respond. Tells every watcher at commit. Raises
    NotAllowed, WrongState for a closed incident, InvalidInput for empty or endless text or a moment to come.
    """
    locked = lock_to_act(incident, by)
    entry = write_entry(
        locked, by=by, now=now, text=text, kind=kind, happened_at=happened_at, is_about=is_about, facts=facts
    )
    note_sign_of_life(locked, by=by, now=now)
    return entry


def write_entry(
    incident: Incident,
    *,
    by: Actor,
    now: datetime,
    text: str,
    kind: EntryKind,
    happened_at: datetime | None = None,
    is_about: bool = False,
    corrects: TimelineEntry | None = None,
    facts: dict[str, Any] | None = None,
) -> TimelineEntry:
    """Append to the timeline of an incident that this transaction has locked.

    For actions that have checked their own guard. Raises InvalidInput for empty or endless text or a moment to come.
    """
    text = check_text(text)
    if happened_at is not None and check_moment(happened_at, field="happened_at") > now:
        raise InvalidInput(f"{show_moment(happened_at)} has not come yet; the timeline holds what happened.")
    entry = TimelineEntry(
        incident=incident,
        kind=kind,
        happened_at=happened_at or now,
        recorded_at=now,
        is_about=is_about,
        corrects=corrects,
        author=by.user,
        via=by.via,
        text=text,
        html=render_line(text),
        facts=facts or {},
    )
    if not put_off(_append, entry):
        _append([entry])
    return entry


def _append(entries: list[TimelineEntry]) -> None:
    """Number `entries` in their order, write them in one statement for each incident, and ring their watchers.

    Counts up in the incident's own row, which that locks: what another action wrote in this transaction is never
    counted over.
    """
    by_incident: dict[int, list[TimelineEntry]] = {}
    for entry in entries:
        by_incident.setdefault(entry.incident_id, []).append(entry)
    for incident_id, mine in by_incident.items():
        _append_to(incident_id, mine)
        for entry in mine:
            entry.incident.last_entry = mine[-1].number
            announce_entry(entry)


def _append_to(incident_id: int, entries: list[TimelineEntry]) -> None:
    fields, statement = _appending()
    values = [len(entries), incident_id, len(entries), as_json(entries, fields)]
    with prepared_cursor() as cursor:
        cursor.execute(statement, values)
        written = sorted(cursor.fetchall(), key=lambda numbered: numbered[1])
    for entry, (pk, number) in zip(entries, written, strict=True):
        entry.pk, entry.number, entry._state.adding = pk, number, False


@cache
def _appending() -> tuple[Fields, str]:
    """The columns that an entry brings, and the statement that writes any number of them."""
    fields = tuple(field for field in TimelineEntry._meta.concrete_fields if field.name not in {"id", "number"})
    columns = [str(field.column) for field in fields]
    said = ", ".join(f"said.{column}" for column in columns)
    return fields, APPEND.format(columns=", ".join(columns), said=said, source=as_rows(fields))


def check_text(text: str) -> str:
    """`text` without white space around it, its lines ended as here: a browser's form ends them by two characters.

    Raises InvalidInput for none, for too much, and for NUL.
    """
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise InvalidInput("There is nothing written yet.", field="text")
    if "\x00" in text:
        raise InvalidInput("The text holds a character that cannot be kept (NUL).", field="text")
    if len(text) > LONGEST_ENTRY:
        raise InvalidInput(
            f"The text has {len(text):,} characters and an entry holds {LONGEST_ENTRY:,}; split it.", field="text"
        )
    return text


def note_sign_of_life(incident: Incident, *, by: Actor, now: datetime) -> None:
    """A person acted in the room: the silence ends, and work has begun. The incident is locked."""
    if by.user is None:
        return
    incident.last_activity_at = now
    incident.save(update_fields=["last_activity_at"])
    pages.note_sign_of_life(incident.subject_key, by=by, now=now)
    note_command_alive(incident, by=by, now=now)
    keep_respond_promise(incident, by=by, now=now)


def note_command_alive(incident: Incident, *, by: Actor, now: datetime) -> None:
    """Where `by` commands, they are there: no longer silent, and the sweep stops ringing the backup for them."""
    RoleAssignment.objects.filter(
        incident=incident, user=by.user, kind=RoleKind.COMMANDER, ended_at__isnull=True
    ).update(
        alive_at=now,
        asked_at=None,
        absent_at=None,
        wake_at=Case(When(absent_at__isnull=False, then=Value(now)), default=F("wake_at")),
    )


def record(incident: Incident, *, now: datetime, text: str, kind: EntryKind, by: Actor, **facts: Any) -> TimelineEntry:
    """Write down what Muster did or saw because of `by`, in a transaction of the caller; the incident is locked by it.

    For what reads nothing of the incident but its id: all else in the row may be of before.
    """
    return write_entry(incident, by=by, now=now, text=text, kind=kind, facts=facts)
