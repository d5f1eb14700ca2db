"""Preview in the admin: the very save, shown and undone."""

import html
import re
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from comms.models import Message
from escalation.models import Schedule
from tests.escalation.admin.test_schedule import form, rotation
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import CalendarSourceFactory, make_schedule

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def schedule() -> Schedule:
    """Ana and Ben take weekly turns; Ben has this one."""
    return make_schedule(UserFactory(handle="ana"), UserFactory(handle="ben"), slug="primary", name="Primary")


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(UserFactory(admin=True, time_zone="Europe/Berlin"))
    return client


def press(admin: Client, schedule: Schedule, button: str, **changes: Any) -> Any:
    row = rotation(id=schedule.rotations.get().pk, schedule=schedule.pk, **{"people": "ana, ben", **changes})
    return admin.post(reverse("admin:escalation_schedule_change", args=[schedule.pk]), {**form(row), button: "1"})


def people_in(schedule: Schedule) -> list[str]:
    return [place.user.handle for place in schedule.rotations.get().places.all()]


def test_a_preview_shows_what_would_change_and_keeps_nothing_of_it(admin: Client, schedule: Schedule):
    shown = press(admin, schedule, "_preview", people="ben").content.decode()

    assert "Mon 20 Apr 09:00 CEST to Mon 27 Apr 09:00 CEST: Ben instead of Ana" in shown
    assert people_in(schedule) == ["ana", "ben"]
    assert (Message.objects.count(), LogEntry.objects.count()) == (0, 0)
    assert "was changed successfully" not in admin.get(reverse("admin:index")).content.decode()


def test_its_save_button_saves_what_was_typed(admin: Client, schedule: Schedule):
    shown = press(admin, schedule, "_preview", people="ben").content.decode()
    typed = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', shown)

    admin.post(
        reverse("admin:escalation_schedule_change", args=[schedule.pk]),
        {**{name: html.unescape(value) for name, value in typed if name != "csrfmiddlewaretoken"}, "_save": "Save"},
    )

    assert people_in(schedule) == ["ben"]


def test_faults_are_shown_as_a_save_would_show_them(admin: Client, schedule: Schedule):
    shown = press(admin, schedule, "_preview", people="nobody").content.decode()

    assert "Nobody is called “nobody”" in shown
    assert "What would change" not in shown


def test_the_form_has_the_button_and_no_row_for_a_layer_that_a_calendar_fills(admin: Client, schedule: Schedule):
    CalendarSourceFactory(layer__schedule=schedule, layer__name="From elsewhere")

    shown = admin.get(reverse("admin:escalation_schedule_change", args=[schedule.pk])).content.decode()

    assert 'name="_preview"' in shown
    assert "From elsewhere" not in shown
    assert 'name="_preview"' not in admin.get(reverse("admin:escalation_schedule_add")).content.decode()
