"""On Monday morning those to whom a schedule belongs are told how it stands, once."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.models import User
from comms.models import EngineTick, Message
from escalation.actions.health import SWEEP, next_monday, report_health
from escalation.models import Schedule
from escalation.oncall.balance import Load, balance_of
from escalation.tasks import report_health_task
from tests.factories import NOW
from tests.factories.accounts import TeamFactory, UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import OverrideFactory, ScheduleFactory, make_schedule

pytestmark = pytest.mark.django_db

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
MONDAY = datetime.fromisoformat("2026-04-20T09:00+02:00")


@pytest.fixture
def jens() -> User:
    """In the team, and on call."""
    return ReachableUserFactory(handle="jens", time_zone="America/New_York")


@pytest.fixture
def platform(jens: User) -> Schedule:
    """A schedule of Berlin with an empty day, a gap, and a team of two, one of whom was switched off."""
    team = TeamFactory(members=[jens, UserFactory(is_active=False)])
    schedule = make_schedule(jens, name="Platform", team=team, report_at=MONDAY)
    mute = UserFactory(handle="mute")
    OverrideFactory(schedule=schedule, user=mute, starts_at=MONDAY + DAY, ends_at=MONDAY + 2 * DAY)
    away = {"starts_at": MONDAY + 4 * DAY, "ends_at": MONDAY + 5 * DAY}
    OverrideFactory(schedule=schedule, kind="remove", user=None, replaced=jens, **away)
    return schedule


def told() -> list[tuple[str, str]]:
    """(@handle, subject) of everything that was said."""
    return [
        (str(row.user), row.subject)
        for row in Message.objects.select_related("user").order_by("user__handle", "subject")
    ]


def test_the_team_is_told_on_monday_at_nine_in_the_zone_of_the_schedule(jens, platform) -> None:
    assert report_health(now=MONDAY - MINUTE) == 0
    assert report_health(now=MONDAY) == 1
    assert report_health(now=MONDAY + MINUTE) == 0

    assert told() == [("@jens", "On call in Platform: 1 gap, 1 empty shift, 1 person cannot be rung")]
    message = Message.objects.get()
    assert message.body.split("\n\n")[:3] == [
        "Nobody is on call:\n- Fri 24 Apr 03:00 EDT to Sat 25 Apr 03:00 EDT",
        "On call are only people who cannot be rung:\n- Tue 21 Apr 03:00 EDT to Wed 22 Apr 03:00 EDT: @mute",
        "These people cannot be rung:\n- @mute",
    ]
    assert message.body.split("\n\n")[3].startswith("Balance 100 of 100 over the next 52 weeks:\n- @jens: 8688 h, ")
    platform.refresh_from_db()
    assert platform.report_at == MONDAY + 7 * DAY


def test_without_a_team_the_admins_are_told_that_all_is_well(jens) -> None:
    ReachableUserFactory(handle="chief", admin=True)
    for name, team in (("A", None), ("B", TeamFactory())):
        make_schedule(jens, name=name, team=team, report_at=MONDAY)

    assert report_health(now=MONDAY) == 2

    assert told() == [("@chief", f"On call in {name}: all is well, balance 100 of 100") for name in ("A", "B")]


def test_an_empty_schedule_says_that_nobody_is_on_call(jens) -> None:
    ScheduleFactory(name="Night", team=TeamFactory(members=[jens]), report_at=MONDAY)

    report_health(now=MONDAY)

    assert Message.objects.get().body == "Nobody is on call:\n- Mon 20 Apr 03:00 EDT to Wed 20 May 03:00 EDT"


def test_an_engine_that_stood_still_reports_within_a_day_and_not_later(jens, platform) -> None:
    assert report_health(now=MONDAY + DAY - MINUTE) == 1
    Message.objects.all().delete()
    Schedule.objects.update(report_at=MONDAY)
    assert report_health(now=MONDAY + DAY + MINUTE) == 0

    platform.refresh_from_db()
    assert (told(), platform.report_at) == ([], MONDAY + 7 * DAY)


def test_a_schedule_that_was_never_looked_at_waits_for_its_monday(jens) -> None:
    schedule = make_schedule(jens)

    assert report_health(now=NOW) == 0

    schedule.refresh_from_db()
    assert (schedule.report_at, told()) == (MONDAY, [])


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("UTC", "2026-04-20T08:59", "2026-04-20T09:00"),
        ("UTC", "2026-04-20T09:00", "2026-04-27T09:00"),
        ("Pacific/Auckland", "2026-04-19T20:00", "2026-04-19T21:00"),
        ("Europe/Berlin", "2026-03-28T12:00", "2026-03-30T07:00"),
    ],
)
def test_the_next_monday_is_that_of_its_zone(zone, now, expected) -> None:
    moments = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (now, expected)]

    assert next_monday(Schedule(time_zone=zone), moments[0]) == moments[1]


def test_one_that_fails_stops_no_other_and_is_not_lost(jens, platform, monkeypatch, caplog) -> None:
    make_schedule(jens, name="Payments", team=platform.team, report_at=MONDAY)

    def fails(loads: list[Load]) -> int:
        if platform.overrides.exists() and len(told()) == 0 and not caplog.records:
            raise RuntimeError("it broke")
        return balance_of(loads)

    monkeypatch.setattr("escalation.queries.health.balance_of", fails)
    assert report_health(now=MONDAY) == 1
    assert [subject for _, subject in told()] == ["On call in Payments: all is well, balance 100 of 100"]
    assert "could not be told" in caplog.text

    assert report_health(now=MONDAY + 10 * MINUTE) == 1
    assert len(told()) == 2


def test_the_task_reports_what_is_due_now(jens, platform) -> None:
    with time_machine.travel(MONDAY, tick=False):
        assert report_health_task() == 1

    assert EngineTick.objects.get(sweep=SWEEP).ticked_at == MONDAY
