"""Days with more shifts than a month can show: each is drawn as one, and said in one line with a link to its week.

Nobody reads 24 bars in the cell of a day, and drawing them all takes seconds. What nobody may overlook, a stretch
without anybody, is drawn by itself all the same.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.models import User
from escalation.queries.calendar.line import Span, names_of
from escalation.queries.calendar.window import Day

# More shifts than these in a day of one line are one.
MOST_IN_A_DAY = 4
FEW_NAMES = 3


@dataclass(frozen=True)
class Crowd:
    """The shifts of one line that touch `day`, gaps apart, and everybody who stands in them, by handle."""

    day: Day
    count: int
    users: tuple[User, ...]
    is_overridden: bool

    @property
    def who(self) -> str:
        """Everybody, by name."""
        return names_of(self.users)

    @property
    def words(self) -> str:
        """`Mon 6 Apr: 25 shifts, Ana, Ben and Eva`, for whoever cannot see the drawing."""
        changed = ", changed by overrides" if self.is_overridden else ""
        return f"{self.day}: {self.count} shifts, {self.who}{changed}"

    @property
    def label(self) -> str:
        """The same as far as there is room for it."""
        many = len(self.users) > FEW_NAMES
        who = f"{len(self.users)} people" if many else ", ".join(user.get_short_name() for user in self.users)
        return f"{self.count} shifts · {who}"


def crowds_of(spans: Sequence[Span], days: Sequence[Day]) -> dict[date, Crowd]:
    """{day: its crowd} of those of `days` that have one. `spans` are one line's, in order, without overlap."""
    starts, ends = [span.start for span in spans], [span.end for span in spans]
    found = {}
    for day in days:
        there = [span for span in spans[bisect_right(ends, day.start) : bisect_left(starts, day.end)] if span.users]
        if len(there) > MOST_IN_A_DAY:
            users = tuple(sorted({user for span in there for user in span.users}, key=lambda user: user.handle))
            found[day.date] = Crowd(day, len(there), users, any(span.override for span in there))
    return found


def out_of(crowds: dict[date, Crowd], spans: Sequence[Span], days: Sequence[Day]) -> list[Span]:
    """Those of `spans` that are drawn by themselves: gaps, and what touches a day of `days` that has no crowd."""
    calm = [day for day in days if day.date not in crowds]
    return [
        span for span in spans if span.is_gap or any(span.start < day.end and span.end > day.start for day in calm)
    ]
