"""The line of one person: when they are on call, what an edit gave or took, and what they are to be told, when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from escalation.enums import ShiftNoticeKind
from escalation.oncall.schedule import Shift
from escalation.oncall.spans import Person

SHORTEST_HANDED_OVER = timedelta(hours=4)

Span = tuple[datetime, datetime]
"""From, and up to."""


@dataclass(frozen=True)
class ShiftNotice:
    """What `person` is told at `at` about their span from `start` to `end`; `before` with a notice in advance.

    `start` or `end` is None where the line that was looked at is cut.
    """

    person: Person
    kind: ShiftNoticeKind
    at: datetime
    start: datetime | None
    end: datetime | None
    before: timedelta = timedelta()


def spans_of(line: Iterable[Shift], person: Person) -> list[Span]:
    """When `person` is on call in `line`, in order; neighbours are one, whoever else is there."""
    return spans_by_person(line).get(person, [])


def spans_by_person(line: Iterable[Shift]) -> dict[Person, list[Span]]:
    """{person: when they are on call in `line`}, as spans_of, in order of their first shift; one walk for all."""
    found: dict[Person, list[Span]] = {}
    for start, end, users, _, _ in line:
        for person in users:
            whole = found.setdefault(person, [])
            if whole and whole[-1][1] == start:
                whole[-1] = (whole[-1][0], end)
            else:
                whole.append((start, end))
    return found


def without(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """What of `spans` no span of `others` covers, in order; each of the two in order and without overlap."""
    left = []
    for start, end in spans:
        for other_start, other_end in others:
            if other_end <= start or other_start >= end:
                continue
            if other_start > start:
                left.append((start, other_start))
            start = min(end, other_end)
        if start < end:
            left.append((start, end))
    return left


def people_in(line: Iterable[Shift]) -> list[Person]:
    """Everybody in `line`, each once, in order of their first shift."""
    return list(dict.fromkeys(person for shift in line for person in shift.users))


def notices(line: Sequence[Shift], start: datetime, end: datetime, leads: Sequence[timedelta]) -> list[ShiftNotice]:
    """Whatever the people of `line`, which covers [`start`, `end`), are to be told about its shifts, in order.

    In advance by each of `leads`, when a span begins, and when it ends. A span of less than four hours is not handed
    over with words: an hourly rotation would write to two people every hour. Nobody is told in advance of the shift
    after the one that they are in or have yet to begin: who is on call every other night hears of it once that is
    over. A span that begins at the very start of the line, or ends at its very end, is taken to be cut there: nothing
    is said of that edge.
    """
    found = []
    for person, spans in spans_by_person(line).items():
        free_at = None
        for began, ended in spans:
            seen = (None if began == start else began, None if ended == end else ended)
            if seen[0] is not None:
                found += [
                    ShiftNotice(person, ShiftNoticeKind.SOON, began - lead, *seen, before=lead)
                    for lead in leads
                    if free_at is None or began - lead >= free_at
                ]
            is_short = None not in seen and ended - began < SHORTEST_HANDED_OVER
            if seen[0] is not None and not is_short:
                found.append(ShiftNotice(person, ShiftNoticeKind.BEGINS, began, *seen))
            if seen[1] is not None and not is_short:
                found.append(ShiftNotice(person, ShiftNoticeKind.ENDS, ended, *seen))
            free_at = ended
    return sorted(found, key=lambda notice: notice.at)
