"""Mitigations: taken from the catalogue or by hand, watched, and what became of them. Muster runs no command."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from core.errors import InvalidInput, WrongState
from core.filling import fill_whole_command
from core.lines import cut_line
from core.moments import parse_duration, show_near
from incidents.actions.lock import lock_to_act
from incidents.actions.numbered import check_to_come, find_numbered, next_number, one_line
from incidents.actions.promise import keep_promise_about, make_promise
from incidents.actions.seen import check_seen
from incidents.actions.submission import came_before, claim_submission
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind, MitigationOutcome, PromiseKind
from incidents.models import Incident, Mitigation, MitigationOption

LONGEST_NAME = 200
LONGEST_COMMAND = 2000
NO_NAME = "Say in one line what is done, or choose one of the catalogue."


@transaction.atomic
def start_mitigation(
    incident: Incident,
    *,
    by: Actor,
    now: datetime,
    option: str = "",
    values: Mapping[str, str] | None = None,
    name: str = "",
    command: str = "",
    check_at: datetime | None = None,
    submission_key: UUID | None = None,
) -> Mitigation | None:
    """Write down that `by` does it now, with the command to copy; it is theirs to run, never Muster's.

    `option` is the slug of one of the catalogue: its command and its way back are filled in with `values` and quoted
    for the shell, and it is looked at again after its own time unless `check_at` is given. Without one, `name` says
    what is done and `command` stands as it was typed. With a moment to look, `by` owes the answer. The same
    `submission_key` again does nothing and returns None. Raises InvalidInput for an option that is not in the
    catalogue of this incident's ladder, a value that is missing or holds a line break, no name, a moment that has
    come; NotAllowed, WrongState for a closed incident.
    """
    locked = lock_to_act(incident, by)
    if came_before(claim_submission(submission_key, by=by, now=now, incident=locked)):
        return None
    check_to_come(check_at, now=now, field="check_at")
    row = Mitigation(incident=locked, started_at=now, started_by=by.user, check_at=check_at)
    if option:
        _take(row, find_option(locked, option), values or {}, now=now)
    else:
        row.name = one_line(name, field="name", longest=LONGEST_NAME, empty=NO_NAME)
        row.command = _typed_command(command)
    return _begin(row, f"Mitigation: {row.name}", by=by, now=now)


def find_option(incident: Incident, slug: str) -> MitigationOption:
    """The mitigation that this incident's ladder calls `slug`. Raises InvalidInput, naming those there are."""
    rows = {row.slug: row for row in incident.level.version.mitigations.all()}
    if slug not in rows:
        raise InvalidInput(
            f"There is no mitigation “{slug}” here; there are: {', '.join(rows) or 'none'}.", field="option"
        )
    return rows[slug]


@transaction.atomic
def answer_mitigation(
    incident: Incident, *, by: Actor, now: datetime, number: int, outcome: str, seen: str | None = None
) -> Mitigation:
    """Say what it did: effective, partial, none, worse; its promise is kept.

    Does nothing else: what follows (bleeding stopped, what remains, the next hypothesis, rolling it back) is offered
    beside it. The same again changes nothing, another answer replaces it. `seen` is the outcome that the writer had
    before them, empty for none. Raises Conflict when it is another by now, InvalidInput for another word or number,
    NotAllowed, WrongState for a closed incident.
    """
    row = _find(incident, number, by)
    if outcome not in MitigationOutcome.values:
        raise InvalidInput(f"“{outcome}” is none of {', '.join(MitigationOutcome.values)}.", field="outcome")
    if row.outcome == outcome:
        return row
    words = f"“{row.name}”: {row.get_outcome_display().lower()}"
    check_seen(seen, is_now=row.outcome, what=words, by=row.outcome_by, at=row.outcome_at)
    row.outcome, row.outcome_at, row.outcome_by, row.remaining = outcome, now, by.user, ""
    row.save(update_fields=["outcome", "outcome_at", "outcome_by", "remaining"])
    keep_promise_about(row.incident, PromiseKind.MITIGATION, subject_key=row.subject_key, by=by, now=now)
    _write(row, f"{row.get_outcome_display()}: {row.name}", by=by, now=now)
    return row


@transaction.atomic
def note_remaining(incident: Incident, *, by: Actor, now: datetime, number: int, text: str) -> Mitigation:
    """It helped in part: say what is left.

    Raises InvalidInput for no text, WrongState unless its outcome is “partly” or when the incident is closed,
    NotAllowed.
    """
    row = _find(incident, number, by)
    if row.outcome != MitigationOutcome.PARTIAL:
        raise WrongState(f"“{row.name}” did not help in part; nothing remains of it.")
    row.remaining = one_line(text, field="text", longest=300, empty="Say in one line what is left.")
    row.save(update_fields=["remaining"])
    _write(row, f"Still there after {row.name}: {row.remaining}", by=by, now=now)
    return row


@transaction.atomic
def roll_back_mitigation(incident: Incident, *, by: Actor, now: datetime, number: int) -> Mitigation:
    """Undo it: a mitigation of its own, with the way back as its command, watched for as long.

    Raises WrongState when it is rolled back already or the incident is closed, InvalidInput when there is none,
    NotAllowed.
    """
    row = _find(incident, number, by)
    if Mitigation.objects.filter(undoes=row).exists():
        raise WrongState(f"“{row.name}” is being rolled back already.")
    name = cut_line(f"Roll back: {row.name}", LONGEST_NAME)
    undoing = Mitigation(incident=row.incident, name=name, command=row.way_back, undoes=row)
    undoing.started_at, undoing.started_by = now, by.user
    if row.check_at:
        undoing.check_at = now + (row.check_at - row.started_at)
    return _begin(undoing, name, by=by, now=now)


def _find(incident: Incident, number: int, by: Actor) -> Mitigation:
    locked = lock_to_act(incident, by)
    row: Mitigation = find_numbered(locked.mitigations.all(), number, "mitigation")
    row.incident = locked
    return row


def _take(row: Mitigation, option: MitigationOption, values: Mapping[str, str], *, now: datetime) -> None:
    row.option, row.name, row.target = option, option.name, option.target
    row.command, row.way_back = fill_whole_command(option.command, values), fill_whole_command(option.way_back, values)
    if row.check_at is None and option.watch_for:
        row.check_at = now + parse_duration(option.watch_for)


def _typed_command(command: str) -> str:
    command = command.strip()
    if "\x00" in command:
        raise InvalidInput("The command holds a character that cannot be kept (NUL).", field="command")
    if len(command) > LONGEST_COMMAND:
        raise InvalidInput(f"The command has {len(command)} characters; it holds {LONGEST_COMMAND}.", field="command")
    return command


def _begin(row: Mitigation, text: str, *, by: Actor, now: datetime) -> Mitigation:
    row.number = next_number(row.incident.mitigations.all())
    row.save()
    _promise(row, by=by, now=now)
    until = f", looked at again at {show_near(row.check_at, now)}" if row.check_at else ""
    _write(row, f"{text}{until}", by=by, now=now)
    return row


def _promise(row: Mitigation, *, by: Actor, now: datetime) -> None:
    if row.check_at is None:
        return
    target = f" Target: {row.target}" if row.target else ""
    make_promise(
        row.incident,
        by=by,
        now=now,
        kind=PromiseKind.MITIGATION,
        due_at=row.check_at,
        subject=cut_line(f"Did it work? {row.name}.{target}", 200),
        owed_by="commander",
        owner=by.user,
        subject_key=row.subject_key,
        link=f"{row.incident.get_absolute_url()}#mitigation-{row.number}",
    )


def _write(row: Mitigation, text: str, *, by: Actor, now: datetime) -> None:
    facts = {"mitigation": row.number, "outcome": row.outcome, "command": row.command}
    write_entry(row.incident, by=by, now=now, text=text, kind=EntryKind.MITIGATION, facts=facts)
    note_sign_of_life(row.incident, by=by, now=now)
    announce_change(row.incident, "owed", "facts")
