"""How a schedule stands, on its page and on the board."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import OverrideFactory, make_schedule

pytestmark = pytest.mark.django_db


@time_machine.travel(NOW, tick=False)
def test_the_page_of_a_schedule_says_what_is_wrong_and_who_carries_what(client: Client) -> None:
    ana, mute = ReachableUserFactory(handle="ana"), UserFactory(handle="mute")
    schedule = make_schedule(ana, mute)
    away = {"starts_at": NOW + timedelta(days=1), "ends_at": NOW + timedelta(hours=30)}
    OverrideFactory(schedule=schedule, kind="remove", user=None, replaced=mute, **away)
    client.force_login(ana)

    shown = " ".join(client.get(reverse("escalation:schedule-detail", args=[schedule.slug])).content.decode().split())

    assert "needs a look" in shown
    assert "Cannot be rung:</b> @mute." in shown
    assert shown.count("On call are only people who cannot be rung") == 1
    assert "balance 99 of 100" in shown
    board = " ".join(client.get(reverse("incidents:board")).content.decode().split())
    assert 'nobody from <time datetime="2026-04-19T12:23:00+00:00"' in board


@time_machine.travel(NOW, tick=False)
def test_a_healthy_schedule_is_said_to_be_well(client: Client) -> None:
    ana = ReachableUserFactory()
    schedule = make_schedule(ana, ReachableUserFactory())
    client.force_login(ana)

    shown = client.get(reverse("escalation:schedule-detail", args=[schedule.slug])).content.decode()

    assert "all is well" in shown
    assert "nobody from" not in client.get(reverse("incidents:board")).content.decode()
