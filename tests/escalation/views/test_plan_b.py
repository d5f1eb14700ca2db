"""Plan B on the screen, by mail on a press, and in the admin."""

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from escalation.models import PlanBReader
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import SubscriptionFactory
from tests.factories.escalation import RoleContactFactory, ScheduleFactory, make_schedule

pytestmark = pytest.mark.django_db

PLAN_B, MAIL = reverse("escalation:plan-b"), reverse("escalation:plan-b-mail")


@time_machine.travel(NOW, tick=False)
def test_the_sheet_has_contacts_seven_days_and_numbers_in_the_zone_of_the_organisation(client, settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    jens, ana = UserFactory(name="Jens", phone="+491701234567"), UserFactory(name="Ana")
    RoleContactFactory(role="Lead", person=jens)
    make_schedule(ana, jens, name="Platform", time_zone="America/New_York")
    ScheduleFactory(name="Night")
    client.force_login(UserFactory(viewer=True, time_zone="Asia/Dubai"))

    shown = " ".join(client.get(PLAN_B).content.decode().split())

    assert "Written <time" in shown
    for words in ("Sat 18 Apr 14:23 CEST", "Mon 20 Apr 15:00 CEST", "+491701234567", "no number", "Night"):
        assert words in shown
    assert shown.count("<strong>nobody</strong>") == 1
    assert "Mail it to me" not in shown
    assert Client().get(PLAN_B).status_code == 302


def test_a_responder_asks_for_it_by_a_press_and_stops_it_by_another(client) -> None:
    ana = UserFactory()
    client.force_login(ana)
    assert "Mail it to me whenever it changes" in client.get(PLAN_B).content.decode()

    assert "and again whenever it changes." in client.post(MAIL, follow=True).content.decode()
    assert [reader.user for reader in PlanBReader.objects.all()] == [ana]
    assert "Mail it to me no more" in client.get(PLAN_B).content.decode()
    assert "by mail no more" in client.post(MAIL, {"stop": "1"}, follow=True).content.decode()
    assert not PlanBReader.objects.exists()


def test_a_viewer_gets_it_on_the_screen_only(client) -> None:
    client.force_login(UserFactory(viewer=True))

    assert "Only a responder gets plan B by mail." in client.post(MAIL, follow=True).content.decode()
    assert not PlanBReader.objects.exists()


def test_the_sheet_takes_as_many_queries_for_three_schedules_as_for_one(client) -> None:
    client.force_login(UserFactory())
    counts = []
    for _ in range(2):
        RoleContactFactory(schedule=make_schedule(UserFactory(), UserFactory()))
        RoleContactFactory()
        with CaptureQueriesContext(connection) as asked:
            client.get(PLAN_B)
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_an_admin_adds_a_channel_and_takes_it_away_in_the_admin(client) -> None:
    client.force_login(UserFactory(admin=True))
    channel = SubscriptionFactory()

    assert (
        client.post(reverse("admin:escalation_planbreader_add"), {"user": "", "subscription": ""}).status_code == 200
    )
    client.post(reverse("admin:escalation_planbreader_add"), {"user": "", "subscription": channel.pk})
    reader = PlanBReader.objects.get()
    assert reader.subscription == channel
    client.post(reverse("admin:escalation_planbreader_delete", args=[reader.pk]), {"post": "yes"})
    assert not PlanBReader.objects.exists()
