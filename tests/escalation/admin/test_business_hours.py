"""Business hours in the admin: days to tick, holidays one a line, and the hours that come of it."""

from datetime import date, time
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from escalation.models import BusinessHours
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import BusinessHoursFactory

pytestmark = pytest.mark.django_db

FORM: dict[str, Any] = {
    "name": "Berlin desk",
    "slug": "berlin",
    "time_zone": "Europe/Berlin",
    "workdays": ["1", "5"],
    "opens_at": "09:00",
    "closes_at": "17:30",
    "holidays": "2026-12-25\n2026-05-01\n2026-12-25\n",
}


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(UserFactory(admin=True))
    return client


def test_hours_are_made_and_taken_away(admin: Client) -> None:
    assert admin.post(reverse("admin:escalation_businesshours_add"), FORM).status_code == 302

    hours = BusinessHours.objects.get()
    assert (hours.workdays, hours.holidays) == ([1, 5], [date(2026, 5, 1), date(2026, 12, 25)])
    assert (hours.opens_at, hours.closes_at) == (time(9), time(17, 30))

    admin.post(reverse("admin:escalation_businesshours_delete", args=[hours.pk]), {"post": "yes"})
    assert BusinessHours.objects.count() == 0


def test_the_next_days_are_shown_in_their_zone(admin: Client) -> None:
    hours = BusinessHoursFactory(workdays=[1, 6], holidays=[date(2026, 4, 20)])

    with time_machine.travel(NOW, tick=False):
        shown = admin.get(reverse("admin:escalation_businesshours_change", args=[hours.pk])).content.decode()

    assert shown.count("Sat 18 Apr 09:00 CEST") == 1
    assert shown.count("Sat 18 Apr 17:00 CEST") == 1
    assert "20 Apr" not in shown


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"holidays": "Christmas"}, "“Christmas” is not a day; write it like 2026-12-25."),
        ({"workdays": []}, "This field is required."),
    ],
)
def test_nonsense_is_answered_with_a_sentence(admin: Client, wrong: dict[str, Any], sentence: str) -> None:
    shown = admin.post(reverse("admin:escalation_businesshours_add"), {**FORM, **wrong})

    assert sentence in shown.content.decode()
    assert BusinessHours.objects.count() == 0
