"""Which days a calendar shows: whole days of the viewer's zone, each as long as it really is."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from core.moments import YEARS
from core.wall import instant
from escalation.enums import CalendarView

DAYS = {CalendarView.WEEK: 7, CalendarView.FORTNIGHT: 14}


@dataclass(frozen=True)
class Day:
    """One local day: [`start`, `end`) in UTC."""

    date: date
    start: datetime
    end: datetime

    @property
    def length(self) -> str:
        """`25 h` on a day on which clocks change, nothing on any other."""
        hours = (self.end - self.start) / timedelta(hours=1)
        return "" if hours == 24 else f"{hours:g} h"

    @property
    def is_weekend(self) -> bool:
        """Saturday and Sunday, wherever it is."""
        return self.date.weekday() >= 5

    def __str__(self) -> str:
        return f"{self.date:%a} {self.date.day} {self.date:%b}"


@dataclass(frozen=True)
class Window:
    """What `view` shows from `first` on, a local day of `zone`. Made by `window_of`."""

    view: CalendarView
    first: date
    zone: ZoneInfo

    @cached_property
    def days(self) -> list[Day]:
        """Every day that is drawn; a month is drawn in whole weeks."""
        first = _monday(self.first) if self.view == CalendarView.MONTH else self.first
        if self.view == CalendarView.MONTH:
            last = _monday(_next_month(self.first) - timedelta(days=1)) + timedelta(days=6)
            return days_between(first, last, self.zone)
        return days_between(first, first + timedelta(days=DAYS[self.view] - 1), self.zone)

    @property
    def strips(self) -> list[list[Day]]:
        """The days of each line on the screen: a week, or a fortnight in one."""
        if self.view == CalendarView.FORTNIGHT:
            return [self.days]
        return weeks_of(self.days)

    @property
    def start(self) -> datetime:
        """Where it begins, in UTC."""
        return self.days[0].start

    @property
    def end(self) -> datetime:
        """Where it ends, exclusive, in UTC."""
        return self.days[-1].end

    @property
    def previous(self) -> date | None:
        """From which day the view before this one goes; None before the first year that is shown."""
        if self.view == CalendarView.MONTH:
            return _in_years((self.first - timedelta(days=1)).replace(day=1))
        return _in_years(self.first - timedelta(days=DAYS[self.view]))

    @property
    def following(self) -> date | None:
        """From which day the view after this one goes; None after the last year that is shown."""
        if self.view == CalendarView.MONTH:
            return _in_years(_next_month(self.first))
        return _in_years(self.first + timedelta(days=DAYS[self.view]))

    @property
    def title(self) -> str:
        """`November 2026`, or `Mon 2 Nov to Sun 8 Nov 2026`."""
        if self.view == CalendarView.MONTH:
            return f"{self.first:%B %Y}"
        return f"{self.days[0]} to {self.days[-1]} {self.days[-1].date.year}"


def window_of(view: CalendarView, day: date, zone: ZoneInfo) -> Window:
    """The window of `view` that holds `day`: its month, its week from Monday, or the fortnight from it on."""
    if view == CalendarView.MONTH:
        day = day.replace(day=1)
    elif view == CalendarView.WEEK:
        day = _monday(day)
    return Window(view, day, zone)


def days_between(first: date, last: date, zone: ZoneInfo) -> list[Day]:
    """The days from `first` to `last`, both drawn; a day that a zone jumped over has no length and is left out."""
    edges = [first + timedelta(days=number) for number in range((last - first).days + 2)]
    moments = [instant(datetime.combine(edge, time()), zone) for edge in edges]
    days = [Day(*each) for each in zip(edges, moments, moments[1:], strict=False)]
    return [day for day in days if day.start < day.end]


def weeks_of(days: list[Day]) -> list[list[Day]]:
    """`days` seven by seven."""
    return [days[number : number + 7] for number in range(0, len(days), 7)]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _in_years(day: date) -> date | None:
    return day if day.year in YEARS else None
