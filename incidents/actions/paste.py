"""Many lines at once, as people copy them out of a chat: `14:03 text`, each an entry of its own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.actor import Actor
from core.errors import InvalidInput
from core.moments import check_moment, parse_moment, show_moment
from incidents.actions.lock import lock_to_act
from incidents.actions.submission import came_before, claim_submission
from incidents.actions.timeline import check_text, note_sign_of_life, write_entry
from incidents.enums import EntryKind
from incidents.models import Incident, TimelineEntry

MOST_LINES = 200
# A clock that would be so much later than the line below it is of the day before that.
ACROSS_MIDNIGHT = timedelta(hours=12)
# `14:03 text`, `- 14:03:20 — text`, `[14:03] text`, `~14:03 text`, `2026-04-18 14:03 text`.
LINE = re.compile(
    r"^[-*•]?\s*\[?(?P<about>~)?(?:(?P<day>\d{4}-\d{2}-\d{2})[ T])?(?P<clock>\d{1,2}:\d{2}(?::\d{2})?)\]?"
    r"\s*(?:[—–:|-]\s+)?(?P<text>.*)$"
)


@dataclass(frozen=True)
class Line:
    """One entry to be: the number of its first line, its moment, whether that is a guess, and its words.

    `has_day`: whether its day was written.
    """

    number: int
    happened_at: datetime
    is_about: bool
    text: str
    has_day: bool = False


def read_lines(block: str, *, by: Actor, now: datetime) -> list[Line]:
    """The entries that `block` holds, in its order; a line without a time goes on with the one before.

    Times are of the writer's zone: the nearest past moment, or that of the day in front; where a block goes over
    midnight, that of the day before the line below. Raises InvalidInput with the number of the line for a beginning
    without a time, a time that cannot be, the future, or no words.
    """
    found = _over_midnight(list(_read(block, now=now, zone=by.zone)), by.zone)
    if not found:
        raise InvalidInput("There is nothing written yet.", field="lines")
    if len(found) > MOST_LINES:
        raise InvalidInput(f"These are {len(found)} entries; paste {MOST_LINES} at most at once.", field="lines")
    return found


def _over_midnight(lines: list[Line], zone: ZoneInfo) -> list[Line]:
    """Read from the end: 23:58 stands above 00:05, so 14:03 above it is of that evening's day."""
    ordered: list[Line] = []
    for line in reversed(lines):
        moment, below = line.happened_at, ordered[-1] if ordered else None
        if below and not line.has_day and not below.has_day:
            while moment - below.happened_at > ACROSS_MIDNIGHT:
                moment = moment.astimezone(zone) - timedelta(days=1)
        ordered.append(replace(line, happened_at=moment))
    return ordered[::-1]


def _read(block: str, *, now: datetime, zone: ZoneInfo) -> Iterator[Line]:
    last: Line | None = None
    for number, raw in enumerate(block.splitlines(), start=1):
        line, match = raw.strip(), LINE.match(raw.strip())
        if match:
            if last:
                yield _checked(last)
            moment = _moment(match, number, now=now, zone=zone)
            last = Line(number, moment, bool(match["about"]), match["text"].strip(), has_day=bool(match["day"]))
        elif line and last is None:
            raise InvalidInput(f"Line {number} has no time in front; write it like “14:03 text”.", field="lines")
        elif line and last:
            last = replace(last, text=f"{last.text}\n{line}".strip())
    if last:
        yield _checked(last)


def _moment(match: re.Match[str], number: int, *, now: datetime, zone: ZoneInfo) -> datetime:
    try:
        if not match["day"]:
            return parse_moment(match["clock"], now=now, zone=zone)
        clock = match["clock"] if match["clock"].index(":") == 2 else f"0{match['clock']}"
        moment = check_moment(datetime.fromisoformat(f"{match['day']}T{clock}").replace(tzinfo=zone))
    except (InvalidInput, ValueError) as error:
        sentence = (
            str(error) if isinstance(error, InvalidInput) else f"“{match['day']} {match['clock']}” is no moment."
        )
        raise InvalidInput(f"Line {number}: {sentence}", field="lines") from error
    if moment > now:
        raise InvalidInput(f"Line {number}: {show_moment(moment, zone)} has not come yet.", field="lines")
    return moment


def _checked(line: Line) -> Line:
    try:
        return replace(line, text=check_text(line.text))
    except InvalidInput as error:
        raise InvalidInput(f"Line {line.number}: {error}", field="lines") from error


@transaction.atomic
def add_lines(
    incident: Incident, *, by: Actor, now: datetime, lines: str, submission_key: UUID | None = None
) -> list[TimelineEntry]:
    """Add every line of a pasted block as a note at its own moment: all of them, or none.

    A sign of life of a person. The same `submission_key` again does nothing. Raises what read_lines raises,
    NotAllowed, WrongState for a closed incident.
    """
    locked = lock_to_act(incident, by)
    if came_before(claim_submission(submission_key, by=by, now=now, incident=locked)):
        return []
    entries = [
        write_entry(
            locked,
            by=by,
            now=now,
            text=line.text,
            kind=EntryKind.NOTE,
            happened_at=line.happened_at,
            is_about=line.is_about,
        )
        for line in read_lines(lines, by=by, now=now)
    ]
    note_sign_of_life(locked, by=by, now=now)
    return entries
