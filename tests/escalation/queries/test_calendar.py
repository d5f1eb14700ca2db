"""A schedule drawn: days of true length, bars in their places, gaps and overrides in words."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalation.enums import CalendarView, OverrideKind, ShiftUnit
from escalation.models import Schedule
from escalation.queries.calendar import Calendar, calendar_of, window_of
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import (
    FixedLayerFactory,
    FixedShiftFactory,
    OverrideFactory,
    RotationFactory,
    ScheduleFactory,
    TemporaryScheduleFactory,
    make_schedule,
)

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")


def drawn(
    schedule: Schedule, day: str = "2026-04-18", view: str = CalendarView.WEEK, zone: ZoneInfo = BERLIN
) -> Calendar:
    return calendar_of(schedule, window_of(CalendarView(view), date.fromisoformat(day), zone), NOW)


def bars(calendar: Calendar, row: int = 0) -> list[tuple[str, str, str]]:
    return [(bar.label, bar.x, bar.width) for strip in calendar.strips for bar in strip.rows[row].bars]


def day_list(calendar: Calendar, day: str) -> list[tuple[str, datetime | None, datetime | None]]:
    listed = next(each for each in calendar.days if each.day.date.isoformat() == day)
    return [(entry.span.who, entry.starts_at, entry.ends_at) for entry in listed.entries]


# --- which days ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("view", "first", "days", "strips", "previous", "following", "title"),
    [
        ("month", "2026-04-01", ("2026-03-30", "2026-05-03"), 5, "2026-03-01", "2026-05-01", "April 2026"),
        (
            "week",
            "2026-04-13",
            ("2026-04-13", "2026-04-19"),
            1,
            "2026-04-06",
            "2026-04-20",
            "Mon 13 Apr to Sun 19 Apr 2026",
        ),
        (
            "14-days",
            "2026-04-18",
            ("2026-04-18", "2026-05-01"),
            1,
            "2026-04-04",
            "2026-05-02",
            "Sat 18 Apr to Fri 1 May 2026",
        ),
    ],
)
def test_a_window_holds_its_day_and_knows_its_neighbours(view, first, days, strips, previous, following, title):
    window = window_of(CalendarView(view), date(2026, 4, 18), BERLIN)

    assert window.first.isoformat() == first
    assert (window.days[0].date.isoformat(), window.days[-1].date.isoformat()) == days
    assert len(window.strips) == strips
    assert (str(window.previous), str(window.following)) == (previous, following)
    assert window.title == title


@pytest.mark.parametrize(
    ("view", "first"), [("month", "2000-01-01"), ("week", "2000-01-03"), ("14-days", "2000-01-01")]
)
def test_there_is_nothing_before_the_first_year_nor_after_the_last(view, first):
    assert window_of(CalendarView(view), date.fromisoformat(first), BERLIN).previous is None
    assert window_of(CalendarView(view), date(2100, 12, 31), BERLIN).following is None


def test_days_on_which_clocks_change_are_as_long_as_they_are():
    spring = window_of(CalendarView.WEEK, date(2026, 3, 29), BERLIN)
    autumn = window_of(CalendarView.WEEK, date(2026, 10, 25), BERLIN)

    assert [day.length for day in spring.days] == ["", "", "", "", "", "", "23 h"]
    assert [day.length for day in autumn.days] == ["", "", "", "", "", "", "25 h"]
    assert spring.end - spring.start == timedelta(hours=167)
    assert autumn.end - autumn.start == timedelta(hours=169)


def test_a_day_that_an_island_jumped_over_is_no_day():
    window = window_of(CalendarView.WEEK, date(2011, 12, 30), ZoneInfo("Pacific/Apia"))

    assert [day.date.day for day in window.days] == [26, 27, 28, 29, 31, 1]


# --- what is drawn ---------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_bars_stand_where_their_time_is_and_gaps_are_drawn_in_words():
    schedule = ScheduleFactory()
    RotationFactory(schedule=schedule, people=[UserFactory(name="Ana Lima")], starts_on=date(2026, 4, 14))

    week = drawn(schedule)

    assert bars(week) == [("no coverage", "0.000%", "19.643%"), ("Ana Lima", "19.643%", "80.357%")]
    assert bars(week, row=1) == [("Ana Lima", "19.643%", "80.357%")]
    assert [bar.is_gap for bar in week.strips[0].rows[0].bars] == [True, False]
    assert week.strips[0].rows[0].bars[0].words == (
        "No coverage: since before Sun 8 Mar 23:00 CET to Tue 14 Apr 09:00 CEST"
    )


@pytest.mark.django_db
def test_the_hand_off_of_a_day_with_25_hours_stands_at_its_true_place():
    schedule = ScheduleFactory()
    people = [UserFactory(name="Ana"), UserFactory(name="Ben")]
    RotationFactory(schedule=schedule, people=people, unit=ShiftUnit.DAYS, starts_on=date(2026, 10, 1))

    week = drawn(schedule, "2026-10-25")

    # 09:00 CET of Sunday 25 October is 154 hours after Monday 00:00 CEST, and the week has 169.
    assert bars(week)[-1] == ("Ana", f"{154 / 169 * 100:.3f}%", f"{15 / 169 * 100:.3f}%")
    assert [tick.width for tick in week.strips[0].ticks][-2:] == [f"{h / 169 * 100:.3f}%" for h in (24, 25)]


@pytest.mark.django_db
def test_every_layer_has_a_row_the_strongest_above_and_overrides_above_them():
    ana, ben, eva = UserFactory(name="Ana"), UserFactory(name="Ben"), UserFactory(name="Eva")
    schedule = ScheduleFactory()
    RotationFactory(schedule=schedule, people=[ana], name="Base")
    RotationFactory(schedule=schedule, people=[ben], name="Lead", rank=1, time_zone="Europe/Lisbon")
    OverrideFactory(schedule=schedule, user=eva)
    OverrideFactory(schedule=schedule, kind=OverrideKind.REPLACE, user=ana, replaced=ben)
    OverrideFactory(schedule=schedule, user=eva, cancelled_at=NOW, cancelled_by=ana)

    rows = drawn(schedule).strips[0].rows

    assert [(row.line.name, row.line.kind, row.line.note) for row in rows] == [
        ("On call", "final", ""),
        ("Overrides", "override", ""),
        ("Overrides", "override", ""),
        ("Lead", "layer", "Europe/Lisbon"),
        ("Base", "layer", ""),
    ]
    assert [bar.is_override for bar in rows[0].bars] == [False, True, False]
    assert rows[0].bars[1].words.endswith("Lead, override: Eva covers")


@pytest.mark.django_db
def test_people_on_call_together_share_the_height_of_a_bar():
    ana, ben = UserFactory(name="Ana"), UserFactory(name="Ben")
    schedule = make_schedule(ana)
    RotationFactory(schedule=schedule, people=[ben])

    bar = drawn(schedule).strips[0].rows[0].bars[0]

    assert bar.label == "Ana, Ben"
    assert [(band.y, band.height, band.colour) for band in bar.bands] == [
        ("0.000%", "50.000%", f"mu-p{ana.pk % 12}"),
        ("50.000%", "50.000%", f"mu-p{ben.pk % 12}"),
    ]


@pytest.mark.django_db
def test_words_name_both_clocks_where_they_differ_and_one_where_they_do_not():
    schedule = make_schedule(UserFactory(name="Ana"), UserFactory(name="Ben"))

    here, there = drawn(schedule), drawn(schedule, zone=NEW_YORK)

    assert here.strips[0].rows[0].bars[1].words == ("Ben: Mon 13 Apr 09:00 CEST to Mon 20 Apr 09:00 CEST, Weekly")
    assert there.strips[0].rows[0].bars[1].words == (
        "Ben: Mon 13 Apr 03:00 EDT (09:00 CEST in Europe/Berlin) "
        "to Mon 20 Apr 03:00 EDT (09:00 CEST in Europe/Berlin), Weekly"
    )
    assert there.days[0].entries[0].elsewhere == "until 09:00 CEST"
    assert here.days[0].entries[0].elsewhere == ""


@pytest.mark.django_db
def test_each_day_lists_who_is_on_call_from_when_until_when():
    schedule = make_schedule(UserFactory(name="Ana"), UserFactory(name="Ben"))
    hand_off = datetime.combine(date(2026, 4, 13), time(9), BERLIN).astimezone(UTC)

    week = drawn(schedule)

    assert day_list(week, "2026-04-13") == [("Ana", None, hand_off), ("Ben", hand_off, None)]
    assert day_list(week, "2026-04-14") == [("Ben", None, None)]
    assert [(each.is_today, each.entries[0].is_now) for each in week.days] == [
        (day == 18, day == 18) for day in range(13, 20)
    ]


@pytest.mark.django_db
def test_the_present_moment_is_drawn_where_it_is_and_nowhere_else():
    schedule = make_schedule(UserFactory())

    month = drawn(schedule, view=CalendarView.MONTH)

    assert [strip.now_at for strip in month.strips] == ["", "", f"{(5 * 24 + 14 + 23 / 60) / 168 * 100:.3f}%", "", ""]


@pytest.mark.django_db
def test_who_was_switched_off_is_named_as_such():
    schedule = make_schedule(UserFactory(name="Ana", is_active=False))

    (entry,) = drawn(schedule, "2026-04-18", "14-days").days[0].entries

    assert (entry.span.who, entry.span.nobody_rings) == ("Ana (switched off)", True)


@pytest.mark.django_db
def test_a_drawing_takes_four_queries_however_much_there_is_to_draw():
    counts = []
    for count in (1, 3):
        schedule = make_schedule(UserFactory(), UserFactory())
        for _ in range(count):
            RotationFactory(schedule=schedule, people=[UserFactory()])
            OverrideFactory(schedule=schedule)
        with CaptureQueriesContext(connection) as asked:
            drawn(schedule, view=CalendarView.MONTH)
        counts.append(len(asked))

    assert counts == [4, 4]


@pytest.mark.django_db
def test_single_shifts_are_a_layer_and_a_temporary_schedule_is_a_row_with_its_own_gaps():
    ana, ben = UserFactory(name="Ana"), UserFactory(name="Ben")
    schedule = make_schedule(ana)
    layer = FixedLayerFactory(schedule=schedule, name="Imported", rank=1)
    FixedShiftFactory(layer=layer, user=ben, starts_at=NOW - timedelta(days=3), ends_at=NOW - timedelta(days=2))
    temporary = TemporaryScheduleFactory(schedule=schedule, name="Move", created_by=ben)
    FixedShiftFactory(layer=None, temporary=temporary, user=ben, starts_at=NOW)

    week = drawn(schedule)
    rows = week.strips[0].rows

    assert [(row.line.name, row.line.kind) for row in rows] == [
        ("On call", "final"),
        ("Temporary: Move", "override"),
        ("Imported", "layer"),
        ("Weekly", "layer"),
    ]
    assert [bar.label for bar in rows[1].bars] == ["", ""]
    assert [bar.is_gap for bar in rows[1].bars] == [True, False]
    assert [bar.words.split(":")[0] for bar in rows[0].bars] == ["Ana", "Ben", "Ana", "No coverage", "Ben", "Ana"]
    assert rows[0].bars[4].words.endswith("Move, override: temporary schedule “Move”")


@pytest.mark.django_db
def test_a_month_of_hourly_shifts_is_drawn_and_said_a_day_at_a_time():
    people = [UserFactory(handle=f"p-{letter.lower()}", name=f"Person {letter}") for letter in "ABCDEFGH"]
    schedule = ScheduleFactory()
    RotationFactory(schedule=schedule, unit=ShiftUnit.HOURS, length=1, people=people)

    with CaptureQueriesContext(connection) as asked:
        month = drawn(schedule, "2026-05-15", view=CalendarView.MONTH)
    present = drawn(schedule, view=CalendarView.MONTH)

    assert len(asked) == 3
    assert [[len(row.bars) for row in strip.rows] for strip in month.strips] == [[7, 7]] * 5
    assert [day.crowd.count for day in month.days] == [24] * 35
    assert [len(day.entries) for day in month.days] == [0] * 35
    assert [len(day.entries) for day in present.days if day.is_today] == [1]  # the shift of now
    first = month.strips[0].rows[0].bars[0]
    assert (first.label, first.day, first.is_override) == ("24 shifts · 8 people", "2026-04-27", False)
    assert first.words == (
        "Mon 27 Apr: 24 shifts, Person A, Person B, Person C, Person D, Person E, Person F, Person G and Person H"
    )
    assert len(first.bands) == 8


@pytest.mark.django_db
def test_a_gap_among_many_shifts_is_drawn_and_said_by_itself_and_a_week_shows_every_shift():
    ana, ben = UserFactory(handle="ana", name="Ana"), UserFactory(handle="ben", name="Ben")
    schedule = ScheduleFactory(time_zone="Europe/Berlin")
    RotationFactory(schedule=schedule, unit=ShiftUnit.HOURS, length=1, people=[ana, ben])
    noon = datetime(2026, 4, 14, 12, tzinfo=BERLIN)
    for one in (ana, ben):
        gone = {"kind": OverrideKind.REMOVE, "user": None, "replaced": one}
        OverrideFactory(schedule=schedule, starts_at=noon, ends_at=noon + timedelta(hours=3), **gone)

    month, week = drawn(schedule, view=CalendarView.MONTH), drawn(schedule)

    row = month.strips[2].rows[0]
    assert [(bar.day, bar.label) for bar in row.bars if bar.is_gap] == [("2026-04-14", "")]
    assert [bar.label for bar in row.bars if bar.day == "2026-04-14" and not bar.is_gap] == ["21 shifts · Ana, Ben"]
    assert day_list(month, "2026-04-14") == [
        ("No coverage", noon.astimezone(UTC), (noon + timedelta(hours=3)).astimezone(UTC))
    ]
    assert len(day_list(week, "2026-04-15")) == 24


@pytest.mark.django_db
def test_up_to_four_shifts_a_day_stay_as_they_are():
    schedule = ScheduleFactory()
    RotationFactory(
        schedule=schedule,
        unit=ShiftUnit.HOURS,
        length=8,
        hands_off_at=time(0, 0),
        people=[UserFactory(), UserFactory()],
    )

    month = drawn(schedule, "2026-05-15", view=CalendarView.MONTH)

    assert [len(strip.rows[0].bars) for strip in month.strips] == [21] * 5
    assert [day.crowd for day in month.days if day.crowd] == []
