"""What a change would do to a schedule: the old line beside the new one, and a sentence for every difference."""

import hashlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accounts.models import User
from core.moments import show_weekday
from escalation.oncall import Change, changed_shifts
from escalation.queries.calendar.drawing import Strip, draw_strips
from escalation.queries.calendar.line import Line, Lines, Zones, names_of
from escalation.queries.calendar.window import days_between, weeks_of

# How much of a long change is looked at, drawn and told.
COMPARED, DRAWN, TOLD = timedelta(days=90), timedelta(days=28), 12


@dataclass(frozen=True)
class Preview:
    """A change that is not saved: both lines drawn, the first sentences, and how many more there are.

    `fingerprint` stands for all that would change: a save names the one that was seen.
    """

    strips: list[Strip]
    sentences: list[str]
    more: int
    compared_until: str
    fingerprint: str


def compared_span(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """What of [`start`, `end`) is compared."""
    return start, min(end, start + COMPARED)


def preview_of(before: Lines, after: Lines, start: datetime, end: datetime, *, zones: Zones, now: datetime) -> Preview:
    """The two lines of [`start`, `end`) side by side, drawn for four weeks at most. Makes no query."""
    compared = compared_span(start, end)
    changes = changed_shifts(before.spec, after.spec, *compared)
    people: dict[Hashable, User] = {user.pk: user for lines in (before, after) for user in lines.people}
    drawn_until = min(compared[1], start + DRAWN) - timedelta(microseconds=1)
    first, last = (moment.astimezone(zones.viewer).date() for moment in (start, drawn_until))
    if (last - first).days >= 14:  # whole weeks, so that all strips have one scale
        last = first + min(DRAWN, timedelta(weeks=(last - first).days // 7 + 1)) - timedelta(days=1)
    days = days_between(first, last, zones.viewer)
    lines = Lines(_named("As it is", before.final), [_named("As it would be", after.final)], [], after.spec)
    return Preview(
        strips=draw_strips(lines, [days] if len(days) <= 14 else weeks_of(days), zones, now),
        sentences=[sentence_of(change, people, zones) for change in changes[:TOLD]],
        more=max(0, len(changes) - TOLD),
        compared_until=show_weekday(compared[1], zones.viewer) if compared[1] < end else "",
        fingerprint=_fingerprint(changes),
    )


def sentence_of(change: Change, people: Mapping[Hashable, User], zones: Zones) -> str:
    """`Mon 23 Nov 09:00 CET to Tue 24 Nov 09:00 CET: Ben instead of Ana`."""
    before, after = (names_of(people[user] for user in users) for users in (change.before, change.after))
    difference = f"{after or 'nobody'} instead of {before}" if before else f"{after}, where nobody was on call"
    return f"{zones.words(change.start)} to {zones.words(change.end)}: {difference}"


def _fingerprint(changes: Sequence[Change]) -> str:
    told = [(change.start, change.end, change.before, change.after) for change in changes]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def _named(name: str, line: Line) -> Line:
    return replace(line, name=name)
