"""Who is on call, in the viewer's zone and in the schedule's."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import OverrideFactory, ScheduleFactory, make_schedule

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

    assert "@ben" in shown
    assert "Dentist" in shown
    assert shown.count("Nobody is on call") == 1
    assert shown.count("<strong>Ana</strong>") == 2
    assert client.get(reverse("escalation:schedule-detail", args=["nonsense"])).status_code == 404


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
