"""How long it takes to know who is on call: 90 days and the present moment, beside the same shifts as a calendar."""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from functools import partial
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Event

from core.windows import Window
from escalation.enums import ShiftUnit
from escalation.oncall import RotationSpec, ScheduleSpec, resolve, shifts

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = timedelta(days=90)
START = datetime(2026, 9, 1, tzinfo=UTC)  # the clocks change in it
PEOPLE = 8
ROUNDS = 200


def measure_oncall() -> str:
    """Median milliseconds of both, and how many times as long the reference takes."""
    spec, text = example(), calendar()
    at = START + timedelta(days=33, hours=5)
    rows = []
    for name, start, end in (
        ("90 days, 3 layers of 8 people", START, START + DAYS),
        ("the present moment", at, at + timedelta(seconds=1)),
    ):
        ours = _median((lambda: resolve(spec, at)) if start == at else lambda: shifts(spec, START, START + DAYS))
        theirs = _median(partial(_by_calendar, text, start, end), rounds=10)
        rows.append(f"{name:<34}{ours:>8.3f}{theirs:>13.1f}{theirs / ours:>7.0f}×")
    return "\n".join([f"{'Who is on call, in ms':<34}{'median':>8}{'as calendar':>13}{'ratio':>8}", *rows, ""])


def example() -> ScheduleSpec:
    """A daily layer, a 12-hourly one above it, and a weekly one in working hours on top."""
    office = (Window.parse("Mon-Fri 09:00-17:00"),)
    return ScheduleSpec(
        (_layer(ShiftUnit.DAYS, 1, 0), _layer(ShiftUnit.HOURS, 12, 1), _layer(ShiftUnit.WEEKS, 1, 2, windows=office))
    )


def _layer(unit: ShiftUnit, length: int, rank: int, windows: tuple[Window, ...] = ()) -> RotationSpec:
    return RotationSpec(
        turns=tuple((f"{unit}-{number}",) for number in range(PEOPLE)),
        unit=unit,
        length=length,
        starts_on=date(2024, 1, 1),
        hands_off_at=clock(9, 0),
        zone=BERLIN,
        rank=rank,
        name=unit.label,
        windows=windows,
    )


def _by_calendar(text: str, start: datetime, end: datetime) -> list[tuple[datetime, datetime, str]]:
    """The reference: every person's shifts as recurring events of a calendar, read and expanded as others do it.

    Only expanded; the layers are not even laid over one another.
    """
    events = recurring_ical_events.of(Calendar.from_ical(text)).between(start, end)
    return sorted((event.start, event.end, str(event["SUMMARY"])) for event in events)


def calendar() -> str:
    """The same three layers as a calendar: one recurring event for each person, five in the office."""
    first, day, half = datetime(2024, 1, 1, 9, tzinfo=BERLIN), timedelta(days=1), timedelta(hours=12)
    whole = Calendar()
    whole.add("prodid", "muster")
    whole.add("version", "2.0")
    for person in range(PEOPLE):
        whole.add_component(_event(f"day {person}", first + person * day, day, PEOPLE))
        whole.add_component(_event(f"half {person}", first + person * half, half, PEOPLE // 2))
        for weekday in range(5):
            monday = first + person * 7 * day
            whole.add_component(_event(f"office {person}", monday + weekday * day, timedelta(hours=8), 7 * PEOPLE))
    return whole.to_ical().decode()


def _event(summary: str, start: datetime, lasts: timedelta, every: int) -> Event:
    event = Event()
    event.add("uid", f"{summary} {start}")
    event.add("summary", summary)
    event.add("dtstart", start)
    event.add("dtend", start + lasts)
    event.add("rrule", {"freq": "daily", "interval": every})
    return event


def _median(measured: Callable[[], object], rounds: int = ROUNDS) -> float:
    measured()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        measured()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)
