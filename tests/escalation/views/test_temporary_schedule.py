"""Temporary schedules from the page of a schedule: seen before they are saved and before they are cancelled."""

import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from escalation.models import FixedShift, Schedule, TemporarySchedule
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import TemporaryScheduleFactory, make_schedule

pytestmark = pytest.mark.django_db
PAGE = "/on-call/primary/temporary"


@pytest.fixture(autouse=True)
def at_now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ana() -> User:
    return UserFactory(handle="ana", time_zone="Europe/Berlin")


@pytest.fixture
def schedule(ana: User) -> Schedule:
    """Ana is on call for ever; Ben is somebody else."""
    UserFactory(handle="ben")
    return make_schedule(ana, slug="primary", name="Primary")


@pytest.fixture
def responder(client: Client, ana: User) -> Client:
    client.force_login(ana)
    return client


def asked(**changed: str) -> dict[str, str]:
    """The move: Monday 20 April, nine to six, Ben from noon on."""
    return {
        "name": "Move",
        "starts_at": "2026-04-20T09:00",
        "ends_at": "2026-04-20T18:00",
        "shifts": "2026-04-20 12:00 to 2026-04-20 18:00 ben",
        **changed,
    }


def seen_in(shown: str) -> str:
    return re.findall(r'name="save" value="(\w+)"', shown)[0]


def test_it_is_previewed_with_its_gaps_and_saved_as_it_was_seen(responder: Client, schedule: Schedule, ana: User):
    shown = responder.post(PAGE, asked()).content.decode()
    before = (TemporarySchedule.objects.count(), FixedShift.objects.count())
    answer = responder.post(PAGE, asked(save=seen_in(shown)), follow=True)

    assert "Mon 20 Apr 09:00 CEST to Mon 20 Apr 12:00 CEST: nobody instead of Ana" in shown
    assert "Mon 20 Apr 12:00 CEST to Mon 20 Apr 18:00 CEST: Ben instead of Ana" in shown
    assert before == (0, 0)
    plan = TemporarySchedule.objects.get()
    assert (plan.name, plan.created_by, plan.shifts.get().user.handle) == ("Move", ana, "ben")
    assert "Temporary: Move" in answer.content.decode()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"ends_at": "2026-04-20T08:00"}, "A temporary schedule ends after it starts."),
        ({"starts_at": "2026-04-01T09:00", "ends_at": "2026-04-02T09:00", "shifts": ""}, "This span is over"),
        ({"shifts": "2026-04-20 12:00 to 2026-04-20 18:00 nobody"}, "nobody"),
        ({"shifts": "2026-05-20 12:00 to 2026-05-20 18:00 ben"}, "outside the span"),
        ({"name": ""}, "This field is required."),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(responder: Client, schedule: Schedule, changed, sentence):
    answer = responder.post(PAGE, asked(save="x", **changed))

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert TemporarySchedule.objects.count() == 0


def test_cancelling_shows_first_what_it_changes(responder: Client, schedule: Schedule, ana: User):
    plan = TemporaryScheduleFactory(schedule=schedule, created_by=ana)

    listed = responder.get("/on-call/primary/").content.decode()
    shown = responder.post(f"{PAGE}/cancel", {"temporary": plan.pk}).content.decode()
    plan.refresh_from_db()
    before = plan.cancelled_at
    responder.post(f"{PAGE}/cancel", {"temporary": plan.pk, "save": seen_in(shown)})
    again = responder.post(f"{PAGE}/cancel", {"temporary": plan.pk}, follow=True).content.decode()

    plan.refresh_from_db()
    assert "Temporary schedules from now on" in listed
    assert "Ana, where nobody was on call" in shown
    assert (before, plan.cancelled_at, plan.cancelled_by) == (None, NOW, ana)
    assert "This temporary schedule is over, or was cancelled before." in again


def test_a_viewer_makes_and_cancels_none(client: Client, schedule: Schedule):
    plan = TemporaryScheduleFactory(schedule=schedule)
    client.force_login(UserFactory(viewer=True))

    made = client.post(PAGE, asked()).content.decode()
    cancelled = client.post(f"{PAGE}/cancel", {"temporary": plan.pk}, follow=True).content.decode()

    assert ["Only a responder may make or cancel an override." in said for said in (made, cancelled)] == [True, True]
    assert TemporarySchedule.objects.get().cancelled_at is None
