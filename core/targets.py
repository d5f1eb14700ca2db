"""A target of a policy: how soon something is owed.

The five documents give durations ("5 min"), business days ("next business day"), and words that promise
no moment at all ("best effort", "next sprint"). A target is kept as its text, so that the policy file, the
admin and the page all say the same.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.errors import InvalidInput
from core.moments import parse_duration, show_duration
from core.wall import instant, last_instant
from core.windows import Window, is_open

BUSINESS_DAYS = re.compile(r"(\d{1,2}) business days?\Z", re.ASCII)
WORDS = ("immediate", "best effort", "next sprint")
EXAMPLES = "“5 min”, “48 h”, “next business day”, “2 business days”, “immediate”, “best effort” or “next sprint”"


@dataclass(frozen=True)
class BusinessCalendar:
    """Working days of an organisation: `workdays` as ISO weekdays (Monday is 1), hours as wall times in `zone`.

    A close that is not after the opening lies on the next day, and belongs to the day on which it opened.
    """

    zone: ZoneInfo
    workdays: Collection[int] = (1, 2, 3, 4, 5)
    holidays: Collection[date] = ()
    closes_at: time = time(17, 0)
    opens_at: time = time(9, 0)

    def is_open_on(self, day: date) -> bool:
        """Whether `day` is a working day here."""
        return day.isoweekday() in self.workdays and day not in self.holidays

    def close_after(self, moment: datetime, days: int) -> datetime:
        """The close of business on the `days`-th working day after the local day of `moment`.

        Raises InvalidInput when the calendar has no such day within ten years.
        """
        day = moment.astimezone(self.zone).date()
        left = days
        for _ in range(3660):
            day += timedelta(days=1)
            left -= self.is_open_on(day)
            if left == 0:
                return datetime.combine(day, self.closes_at, self.zone)
        raise InvalidInput("The business calendar has no working day.")

    def hours_of(self, day: date) -> tuple[datetime, datetime]:
        """When the hours of the local `day` begin and end, in UTC, whether or not it is a working day.

        They begin at the first moment at which clocks show `opens_at` and end at the last one that shows `closes_at`;
        a wall time that a clock change jumped over is the moment of the jump.
        """
        close = datetime.combine(day, self.closes_at)
        if self.closes_at <= self.opens_at:
            close += timedelta(days=1)
        return instant(datetime.combine(day, self.opens_at), self.zone), last_instant(close, self.zone)

    def is_open_at(self, moment: datetime) -> bool:
        """Whether business hours are on at `moment`: from the opening, up to the close."""
        return is_open((self.window,), self.zone, moment)

    @property
    def window(self) -> Window:
        """The hours of all working days, as a restriction of a rotation reads them."""
        daily = Window.daily(self.opens_at, self.closes_at, self.workdays)
        return replace(daily, holidays=frozenset(self.holidays), zone=self.zone)


@dataclass(frozen=True)
class Target:
    """One target: exactly one of `duration`, `business_days` and `word` is set."""

    duration: timedelta | None = None
    business_days: int | None = None
    word: str = ""

    @classmethod
    def parse(cls, text: str) -> "Target":
        """Read a target. Raises InvalidInput, with examples, for anything else."""
        plain = " ".join(text.lower().split())
        if plain in WORDS:
            return cls(word=plain)
        if plain == "next business day":
            return cls(business_days=1)
        if match := BUSINESS_DAYS.match(plain):
            if int(match[1]) == 0:
                raise InvalidInput(f"“{text}” is not a target; write {EXAMPLES}.")
            return cls(business_days=int(match[1]))
        try:
            return cls(duration=parse_duration(plain))
        except InvalidInput as error:
            raise InvalidInput(f"“{text}” is not a target; write {EXAMPLES}.") from error

    def __str__(self) -> str:
        if self.duration is not None:
            return show_duration(self.duration)
        if self.business_days is not None:
            return "next business day" if self.business_days == 1 else f"{self.business_days} business days"
        return self.word

    def due_at(self, start: datetime, calendar: BusinessCalendar) -> datetime | None:
        """The moment by which it is owed, or None for words that promise no moment. “immediate” is `start` itself."""
        if self.duration is not None:
            return start.astimezone(UTC) + self.duration  # in another zone a clock change would be lost
        if self.business_days is not None:
            return calendar.close_after(start, self.business_days)
        return start if self.word == "immediate" else None
