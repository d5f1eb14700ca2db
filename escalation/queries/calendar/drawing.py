"""A calendar as a drawing: strips of days, rows of bars, every place in per cent of its strip by true time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from accounts.models import User
from escalation.enums import CalendarView, OverrideKind
from escalation.models import Schedule
from escalation.queries.calendar.crowd import Crowd, crowds_of, out_of
from escalation.queries.calendar.line import Line, Lines, Span, Zones, lines_of, words_of
from escalation.queries.calendar.window import Day, Window

# static/css/schedule.css has as many classes mu-p0, mu-p1, …; a person keeps theirs everywhere.
COLOURS = 12
# From these shares of a strip on, in per cent, a bar holds a name, or initials.
ROOM_FOR_NAME, ROOM_FOR_INITIALS = 8.0, 2.4


@dataclass(frozen=True)
class Band:
    """One person's part of a bar, from above: `y` and `height` in per cent of the row."""

    y: str
    height: str
    colour: str


@dataclass(frozen=True)
class Bar:
    """A shift, an override or a gap as it is drawn; `words` says all of it, `day` is where the list has it."""

    x: str
    width: str
    bands: list[Band]
    label: str
    words: str
    day: str
    is_gap: bool
    is_override: bool


@dataclass(frozen=True)
class Row:
    """One line of one strip."""

    line: Line
    bars: list[Bar]


@dataclass(frozen=True)
class Tick:
    """A day of a strip."""

    day: Day
    x: str
    width: str
    is_today: bool


@dataclass(frozen=True)
class Strip:
    """Some days side by side; `now_at` is where the present moment is, or empty."""

    title: str
    ticks: list[Tick]
    rows: list[Row]
    now_at: str


@dataclass(frozen=True)
class Entry:
    """A part of a shift within one day: `starts_at` and `ends_at` are None where it goes on beyond the day."""

    span: Span
    starts_at: datetime | None
    ends_at: datetime | None
    is_now: bool
    now: datetime
    zones: Zones

    @property
    def override_words(self) -> str:
        """What changed it, if something did."""
        return words_of(self.span.override) if self.span.override else ""

    @property
    def proposal(self) -> str:
        """The shift as the query of an address that proposes to change it; nothing for one that is over, or begins
        on another day than this one.
        """
        if self.span.end <= self.now or (self.starts_at is None and not self.is_now):
            return ""
        start = max(self.span.start, self.now)
        wall = {
            name: moment.astimezone(self.zones.viewer).strftime("%Y-%m-%dT%H:%M")
            for name, moment in (("starts_at", start), ("ends_at", self.span.end))
        }
        who = {"replaced": self.span.users[0].handle, "kind": OverrideKind.REPLACE} if self.span.users else {}
        return urlencode({**wall, **who})

    @property
    def elsewhere(self) -> str:
        """`until 09:00 CEST`: its edges on the schedule's own clock, with the day where that differs too."""
        words = []
        for before, moment in (("from", self.starts_at), ("until", self.ends_at)):
            if moment and self.zones.differ(moment):
                words.append(f"{before} {self.zones.there(moment)}")
        return " ".join(words)


@dataclass(frozen=True)
class DayList:
    """One day in words. With a `crowd`, `entries` are only its gaps and the present shift."""

    day: Day
    is_today: bool
    entries: list[Entry]
    crowd: Crowd | None = None


@dataclass(frozen=True)
class Face:
    """A person with the colour and the initials that stand for them in the drawing."""

    user: User
    colour: str
    initials: str


@dataclass(frozen=True)
class Calendar:
    """What the page of a schedule shows."""

    schedule: Schedule
    window: Window
    zones: Zones
    strips: list[Strip]
    days: list[DayList]
    people: list[Face]


def calendar_of(schedule: Schedule, window: Window, now: datetime) -> Calendar:
    """Draw `schedule` in `window`, in the zone of the window. Five queries, however much there is to draw."""
    zones = Zones(window.zone, ZoneInfo(schedule.time_zone))
    lines, is_month = lines_of(schedule, window.start, window.end), window.view == CalendarView.MONTH
    crowds = crowds_of(lines.final.spans, window.days) if is_month else {}
    return Calendar(
        schedule=schedule,
        window=window,
        zones=zones,
        strips=draw_strips(lines, window.strips, zones, now, merges=is_month),
        days=[_day_list(day, lines.final, zones, now, crowds.get(day.date)) for day in window.days],
        people=[Face(user, colour_of(user), initials_of(user)) for user in lines.people],
    )


def draw_strips(
    lines: Lines, strips: Sequence[list[Day]], zones: Zones, now: datetime, *, merges: bool = False
) -> list[Strip]:
    """Each of `strips` with the final line, every layer, and the overrides that reach into it.

    With `merges`, days with more shifts than anybody sees are drawn as one.
    """
    return [_strip([lines.final, *lines.beneath], days, zones, now, merges=merges) for days in strips]


def colour_of(user: User) -> str:
    """The class of a person's colour: the same on every page."""
    return f"mu-p{user.pk % COLOURS}"


def initials_of(user: User) -> str:
    """`AL` for Ana Lima, `AN` for @ana."""
    words = user.get_short_name().split()
    return (words[0][0] + words[-1][0] if len(words) > 1 else words[0][:2]).upper()


def _strip(lines: Sequence[Line], days: list[Day], zones: Zones, now: datetime, *, merges: bool) -> Strip:
    start, end = days[0].start, days[-1].end
    rows = [Row(line, _bars(line, days, zones, merges=merges)) for line in lines]
    return Strip(
        title=f"{days[0]} to {days[-1]}" if len(days) > 1 else str(days[0]),
        ticks=[
            Tick(
                day,
                _percent(day.start, start, end),
                _share(day.start, day.end, start, end),
                day.start <= now < day.end,
            )
            for day in days
        ],
        rows=[row for row in rows if row.bars or row.line.kind != "override"],
        now_at=_percent(now, start, end) if start <= now < end else "",
    )


def _bars(line: Line, days: list[Day], zones: Zones, *, merges: bool) -> list[Bar]:
    start, end = days[0].start, days[-1].end
    spans = [span for span in line.spans if span.start < end and span.end > start]
    crowds = crowds_of(spans, days) if merges else {}
    if not crowds:
        return [_bar(span, days, zones) for span in spans]
    drawn = out_of(crowds, spans, days)
    merged = [_merged_bar(crowd, start, end) for crowd in crowds.values()]
    # Gaps last: they lie on top of the days that are drawn as one.
    return [
        *(_bar(span, days, zones) for span in drawn if not span.is_gap),
        *merged,
        *(_bar(span, days, zones) for span in drawn if span.is_gap),
    ]


def _merged_bar(crowd: Crowd, start: datetime, end: datetime) -> Bar:
    return Bar(
        x=_percent(crowd.day.start, start, end),
        width=_share(crowd.day.start, crowd.day.end, start, end),
        bands=_bands(crowd.users),
        label=crowd.label,
        words=crowd.words,
        day=crowd.day.date.isoformat(),
        is_gap=False,
        is_override=crowd.is_overridden,
    )


def _bar(span: Span, days: list[Day], zones: Zones) -> Bar:
    start, end = days[0].start, days[-1].end
    first, last = max(span.start, start), min(span.end, end)
    share = (last - first) / (end - start) * 100
    return Bar(
        x=_percent(first, start, end),
        width=_share(first, last, start, end),
        bands=_bands(span.users),
        label=_label(span, share),
        words=span.words(zones),
        day=next(day.date.isoformat() for day in reversed(days) if day.start <= first),
        is_gap=span.is_gap,
        is_override=span.override is not None,
    )


def _bands(users: Sequence[User]) -> list[Band]:
    count = len(users)
    return [Band(f"{100 * at / count:.3f}%", f"{100 / count:.3f}%", colour_of(user)) for at, user in enumerate(users)]


def _label(span: Span, share: float) -> str:
    """What fits: names, initials, or nothing."""
    if share < ROOM_FOR_INITIALS:
        return ""
    if span.is_gap:
        return "no coverage" if share >= ROOM_FOR_NAME else "none"
    if share < ROOM_FOR_NAME * len(span.users):
        return " ".join(initials_of(user) for user in span.users)
    return ", ".join(user.get_short_name() for user in span.users)


def _day_list(day: Day, line: Line, zones: Zones, now: datetime, crowd: Crowd | None) -> DayList:
    return DayList(
        day,
        day.start <= now < day.end,
        [
            Entry(
                span=span,
                starts_at=span.start if span.start > day.start else None,
                ends_at=span.end if span.end < day.end else None,
                is_now=span.start <= now < span.end and day.start <= now < day.end,
                now=now,
                zones=zones,
            )
            for span in line.spans
            if span.start < day.end and span.end > day.start
            if crowd is None or span.is_gap or (span.start <= now < span.end and day.start <= now < day.end)
        ],
        crowd,
    )


def _percent(moment: datetime, start: datetime, end: datetime) -> str:
    return f"{(moment - start) / (end - start) * 100:.3f}%"


def _share(first: datetime, last: datetime, start: datetime, end: datetime) -> str:
    return f"{(last - first) / (end - start) * 100:.3f}%"
