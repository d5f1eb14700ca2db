"""What a change would do to a schedule: the old line beside the new one, and a sentence for every difference."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from accounts.models import User
from core.moments import show_weekday
from escalation.queries.calendar.drawing import Strip, draw_strips
from escalation.queries.calendar.line import Line, Lines, Span, Zones, names_of
from escalation.queries.calendar.window import days_between, weeks_of

# How much of a long change is looked at, drawn and told.
COMPARED, DRAWN, TOLD = timedelta(days=90), timedelta(days=28), 12


@dataclass(frozen=True)
class Change:
    """Between `start` and `end`, in UTC, others are on call than before; nobody is an empty tuple."""

    start: datetime
    end: datetime
    before: tuple[User, ...]
    after: tuple[User, ...]

    def words(self, zones: Zones) -> str:
        """`Mon 23 Nov 09:00 CET to Tue 24 Nov 09:00 CET: Ben instead of Ana`."""
        return f"{zones.words(self.start)} to {zones.words(self.end)}: {self.difference}"

    @property
    def difference(self) -> str:
        """Who comes, and instead of whom."""
        if not self.after:
            return f"nobody instead of {names_of(self.before)}"
        if not self.before:
            return f"{names_of(self.after)}, where nobody was on call"
        return f"{names_of(self.after)} instead of {names_of(self.before)}"


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


def changes_between(before: Sequence[Span], after: Sequence[Span], start: datetime, end: datetime) -> list[Change]:
    """Where two lines, gaps included, have different people in [`start`, `end`): in order, neighbours joined. Pure."""
    edges = {edge for span in (*before, *after) for edge in (span.start, span.end) if start < edge < end}
    found: list[Change] = []
    for began, ended in pairwise(sorted({start, end} | edges)):
        old, new = _users_at(before, began), _users_at(after, began)
        if set(old) == set(new):
            continue
        last = found[-1] if found else None
        if last and (last.end, last.before, last.after) == (began, old, new):
            found[-1] = replace(last, end=ended)
        else:
            found.append(Change(began, ended, old, new))
    return found


def compared_span(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """What of [`start`, `end`) is compared."""
    return start, min(end, start + COMPARED)


def preview_of(before: Lines, after: Lines, start: datetime, end: datetime, *, zones: Zones, now: datetime) -> Preview:
    """The two lines of [`start`, `end`) side by side, drawn for four weeks at most. Makes no query."""
    compared = compared_span(start, end)
    changes = changes_between(before.final.spans, after.final.spans, *compared)
    drawn_until = min(compared[1], start + DRAWN) - timedelta(microseconds=1)
    days = days_between(
        start.astimezone(zones.viewer).date(), drawn_until.astimezone(zones.viewer).date(), zones.viewer
    )
    lines = Lines(_named("As it is", before.final), [_named("As it would be", after.final)], [])
    return Preview(
        strips=draw_strips(lines, [days] if len(days) <= 14 else weeks_of(days), zones, now),
        sentences=[change.words(zones) for change in changes[:TOLD]],
        more=max(0, len(changes) - TOLD),
        compared_until=show_weekday(compared[1], zones.viewer) if compared[1] < end else "",
        fingerprint=_fingerprint(changes),
    )


def _fingerprint(changes: Sequence[Change]) -> str:
    told = [
        (change.start, change.end, [user.pk for user in change.before], [user.pk for user in change.after])
        for change in changes
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def _users_at(spans: Sequence[Span], at: datetime) -> tuple[User, ...]:
    return next((span.users for span in spans if span.start <= at < span.end), ())


def _named(name: str, line: Line) -> Line:
    return replace(line, name=name)
