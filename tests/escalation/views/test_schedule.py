"""Who is on call, in the viewer's zone and in the schedule's."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from escalation.enums import ShiftUnit
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import OverrideFactory, RotationFactory, ScheduleFactory, make_schedule
from tests.factories.incidents import make_ladder

pytestmark = pytest.mark.django_db


@time_machine.travel(NOW, tick=False)
def test_the_board_says_who_is_on_call_until_when_in_both_zones(client: Client) -> None:
    ana, jens = UserFactory(handle="ana"), UserFactory(handle="jens")
    make_schedule(jens, ana, name="Primary")  # ana since Monday 13 April, 09:00 in Berlin
    ScheduleFactory(name="Night")
    client.force_login(UserFactory(time_zone="America/New_York"))

    shown = client.get(reverse("escalation:schedule-list")).content.decode()

    assert "@ana" in shown
    assert "Mon 20 Apr 03:00 EDT" in shown
    assert "Mon 20 Apr 09:00 CEST" in shown
    assert shown.count("Nobody is on call now.") == 1


@time_machine.travel(NOW, tick=False)
def test_the_next_fourteen_days_show_every_shift_override_and_gap(client: Client) -> None:
    ana, ben = UserFactory(handle="ana"), UserFactory(handle="ben")
    schedule = make_schedule(ana, name="Primary")
    OverrideFactory(schedule=schedule, user=ben, reason="Dentist", created_by=ana)
    gap = {"starts_at": NOW + timedelta(days=2), "ends_at": NOW + timedelta(days=3), "created_by": ana}
    OverrideFactory(schedule=schedule, kind="remove", user=None, replaced=ana, **gap)
    client.force_login(ana)

    shown = client.get(reverse("escalation:schedule-detail", args=[schedule.slug])).content.decode()

    assert "Override: Ben covers (Dentist), by @ana" in shown
    assert shown.count('<strong class="text-danger">No coverage</strong>') == 2  # the gap crosses one midnight
    assert "Sat 18 Apr to Fri 1 May 2026" in shown
    assert client.get(reverse("escalation:schedule-detail", args=["nonsense"])).status_code == 404


@time_machine.travel(NOW, tick=False)
def test_plain_links_lead_to_the_other_views_and_to_what_is_before_and_after(client: Client) -> None:
    schedule = make_schedule(UserFactory())
    client.force_login(UserFactory())
    page = reverse("escalation:schedule-detail", args=[schedule.slug])

    shown = client.get(page, {"view": "month", "from": "2026-11-15"}).content.decode()

    assert "November 2026" in shown
    for wanted in (
        "from=2026-10-01",
        "from=2026-12-01",
        "view=week&amp;from=2026-11-01",
        "view=14-days",
        "?view=month",
    ):
        assert wanted in shown


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"view": "year"}, "There is no view “year”; it is one of month, week, 14-days."),
        ({"from": "tomorrow"}, "A day is written like 2026-11-01."),
        ({"view": "month", "from": "1999-12-31"}, "A day lies between 2000 and 2100."),
        ({"from": "2026-02-30"}, "A day is written like 2026-11-01."),
    ],
)
def test_an_address_that_asks_for_nonsense_shows_today_and_says_why(client: Client, asked, sentence) -> None:
    schedule = make_schedule(UserFactory())
    client.force_login(UserFactory())

    answer = client.get(reverse("escalation:schedule-detail", args=[schedule.slug]), asked)

    shown = answer.content.decode()
    assert answer.status_code == 200
    assert f"{sentence} Here is today." in shown
    assert "Sat 18 Apr to Fri 1 May 2026" in shown


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("view", ["month", "week", "14-days"])
@pytest.mark.parametrize("day", ["2000-01-01", "2100-12-31"])
def test_the_edges_of_the_calendar_are_drawn_too(client: Client, view, day) -> None:
    schedule = make_schedule(UserFactory())
    client.force_login(UserFactory(time_zone="Pacific/Apia"))

    answer = client.get(reverse("escalation:schedule-detail", args=[schedule.slug]), {"view": view, "from": day})

    assert answer.status_code == 200


def test_the_board_takes_as_many_queries_for_three_schedules_as_for_one(client: Client) -> None:
    client.force_login(UserFactory())
    counts = []
    for _ in range(2):
        make_schedule(UserFactory(), UserFactory())
        OverrideFactory(schedule=make_schedule(UserFactory()))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("escalation:schedule-list"))
        counts.append(len(asked))

    assert counts[0] == counts[1]


@time_machine.travel(NOW, tick=False)
def test_the_list_leads_to_each_schedule_and_says_who_comes_then(client: Client) -> None:
    ana = UserFactory(handle="ana", name="Ana")
    make_schedule(ana, UserFactory(name="Ben"), slug="primary", name="Primary")
    client.force_login(ana)

    shown = client.get(reverse("escalation:schedule-list")).content.decode()

    assert '<a href="/on-call/primary/">Primary</a>' in shown
    assert '<a href="/on-call/primary/?view=month">Month' in shown
    assert "Then" in shown
    assert f'<span class="mu-face mu-p{ana.pk % 12}" aria-hidden="true">AN</span> Ana' in shown


@pytest.mark.parametrize(
    ("address", "section"),
    [
        ("/on-call/", "On call"),
        ("/me/shifts/", "On call"),
        ("/contacts/", "On call"),
        ("/policies/", "On call"),
        ("/pages/", "My pages"),
        ("/declare/", "Incidents"),
        ("/people/ana/reach/", ""),
        ("/nothing/here/", ""),
    ],
)
def test_the_menu_says_where_one_is(client: Client, address: str, section: str) -> None:
    ana = UserFactory(handle="ana")
    make_ladder()
    client.force_login(ana)

    menu = re.search(r'aria-label="Main">(.*?)</nav>', client.get(address).content.decode(), re.DOTALL)

    assert menu is not None
    assert set(re.findall(r"aria-current=\"(?:page|true)\">([^<]+)<", menu[1])) == ({section} if section else set())


@time_machine.travel(NOW, tick=False)
def test_a_crowded_day_of_a_month_is_one_line_that_leads_to_its_week(client: Client) -> None:
    people = [UserFactory() for _ in range(8)]
    schedule = ScheduleFactory(slug="dense")
    RotationFactory(schedule=schedule, unit=ShiftUnit.HOURS, length=1, people=people)
    client.force_login(people[0])

    shown = client.get("/on-call/dense/?view=month&from=2026-05-01").content.decode()

    assert '<a href="?view=week&amp;from=2026-05-18#day-2026-05-18">24 shifts<span' in shown
    assert shown.count("#day-") == 105  # for each of 35 days its bar in two rows and its link
    assert shown.count('class="mu-when"') == 0
