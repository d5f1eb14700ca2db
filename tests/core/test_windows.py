"""Times of the week: read, written, and open when the clocks of a zone say so."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.errors import InvalidInput
from core.wall import EPOCH, MICROSECOND
from core.windows import Window, is_open, open_spans, windows_of

BERLIN = ZoneInfo("Europe/Berlin")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def opened(window: Window, start: str, end: str, zone: ZoneInfo = BERLIN) -> list[tuple[str, str]]:
    """The open stretches of a span of UTC, in UTC."""
    edges = [(utc(text) - EPOCH) // MICROSECOND for text in (start, end)]
    spans = open_spans([window], zone, edges[0], edges[1], (utc(start).year, utc(end).year))
    shown = [[f"{EPOCH + edge * MICROSECOND:%d %H:%M}" for edge in span] for span in spans]
    return [(began, ended) for began, ended in shown]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Mon-Fri 09:00-17:00", "Mon-Fri 09:00-17:00"),
        ("monday, wed  FRI 9:00 – 24:00", "Mon, Wed, Fri 09:00-00:00"),
        ("sat - tue 8:00-8:00", "Mon, Tue, Sat, Sun 08:00-08:00"),
        ("20:00-08:00", "every day 20:00-08:00"),
        ("Every  day 20:00-08:00", "every day 20:00-08:00"),
        ("Fri 16:00 to Mon 00:00", "Fri 16:00 to Mon 00:00"),
        ("Mon 10:00 to mon 09:00", "Mon 10:00 to Mon 09:00"),
        ("Mon 09:00 to Mon 09:00", "Mon 09:00 to Mon 09:00"),
        ("Fri 16:00 to Sat 08:00", "Fri 16:00-08:00"),  # of one day: the same in short
    ],
)
def test_a_window_is_read_and_written_back(text: str, kept: str) -> None:
    window = Window.parse(text)

    assert str(window) == kept
    assert Window.parse(kept) == window
    assert windows_of((text,)) == (window,)


@pytest.mark.parametrize(
    "text", ["", "by night", "Mon 09:00", "M 09:00-17:00", "Fri to Mon", "Mon 25:00-26:00", "24:30-25:00"]
)
def test_what_is_no_time_of_the_week_is_refused_with_examples(text: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Window.parse(text)

    assert str(refusal.value) == (
        f"“{text}” is not a time of the week; write it like “Mon-Fri 09:00-17:00”, “every day 20:00-08:00” or "
        "“Fri 16:00 to Mon 00:00”."
    )


@pytest.mark.parametrize(
    ("window", "length"),
    [
        (Window.daily(time(9), time(17)), timedelta(hours=8)),
        (Window.daily(time(20), time(8)), timedelta(hours=12)),
        (Window.daily(time(8), time(8)), timedelta(days=1)),
        (Window.daily(time(8), time(0)), timedelta(hours=16)),
        (Window.weekly(5, time(16), 1, time(0)), timedelta(days=2, hours=8)),
        (Window.weekly(1, time(9), 1, time(17)), timedelta(hours=8)),
        (Window.weekly(1, time(17), 1, time(9)), timedelta(days=6, hours=16)),
        (Window.weekly(1, time(9), 1, time(9)), timedelta(weeks=1)),
    ],
)
def test_an_end_that_is_not_later_lies_on_the_next_day_or_in_the_next_week(window: Window, length: timedelta) -> None:
    assert window.length == length


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    assert opened(Window.parse("Mon 20:00-08:00"), "2026-04-13T00:00", "2026-04-19T00:00") == [
        ("13 18:00", "14 06:00")
    ]


def test_days_that_touch_are_one_stretch_also_over_the_end_of_a_week() -> None:
    weekend = Window.parse("Sat-Mon 08:00-08:00")

    assert opened(weekend, "2026-04-16T00:00", "2026-04-24T00:00") == [("18 06:00", "21 06:00")]


def test_a_window_that_began_days_before_is_open() -> None:
    assert opened(Window.parse("Fri 16:00 to Thu 10:00"), "2026-04-22T00:00", "2026-04-25T00:00") == [
        ("22 00:00", "23 08:00"),
        ("24 14:00", "25 00:00"),
    ]


@pytest.mark.parametrize(
    ("text", "start", "spans"),
    [
        # 29 March: 02:00 to 03:00 is jumped over.
        ("every day 02:30-04:00", "2026-03-29T00:00", [("29 01:00", "29 02:00")]),
        ("every day 01:00-02:30", "2026-03-29T00:00", [("29 00:00", "29 01:00")]),
        ("every day 02:15-02:45", "2026-03-29T00:00", []),
        # 25 October: 02:00 to 03:00 is there twice. It begins at the first and ends at the last.
        ("every day 02:30-04:00", "2026-10-25T00:00", [("25 00:30", "25 03:00")]),
        ("every day 01:00-02:30", "2026-10-24T22:00", [("24 23:00", "25 01:30")]),
        ("every day 02:15-02:45", "2026-10-25T00:00", [("25 00:15", "25 01:45")]),
    ],
)
def test_the_edges_of_a_window_around_a_clock_change(text: str, start: str, spans: list[tuple[str, str]]) -> None:
    end = (utc(start) + timedelta(hours=20)).strftime("%Y-%m-%dT%H:%M")

    assert opened(Window.parse(text), start, end) == spans


def test_a_day_that_an_island_skipped_has_no_window_and_a_night_over_it_ends_at_the_jump() -> None:
    apia, span = ZoneInfo("Pacific/Apia"), ("2011-12-29T12:00", "2011-12-31T12:00")

    assert opened(Window.parse("Fri 09:00-17:00"), *span, zone=apia) == []
    assert opened(Window.parse("Thu 22:00-06:00"), *span, zone=apia) == [("30 08:00", "30 10:00")]


def test_holidays_and_a_zone_of_its_own() -> None:
    hours = Window((6, 7), time(9), timedelta(hours=8), frozenset({date(2026, 4, 18)}), ZoneInfo("Asia/Tokyo"))

    assert opened(hours, "2026-04-17T12:00", "2026-04-20T00:00") == [("19 00:00", "19 08:00")]
    assert [is_open([hours], BERLIN, utc(f"2026-04-{day}T04:00")) for day in (18, 19, 20)] == [False, True, False]
