"""Two people press on the same thing at once: the second is told who was quicker, and nothing is overwritten."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from incidents.models import Incident
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import ServiceFactory
from tests.factories.incidents import IncidentFactory
from tests.factories.working import DecisionFactory, HypothesisFactory, MitigationFactory, TaskFactory

pytestmark = pytest.mark.django_db

# What stands there, what the quick one does, what the slow one wanted, and what the slow one is told.
PRESSES = [
    ("hypotheses/1/ruled_out", "hypotheses/1/confirmed", "“the deploy” is ruled out"),
    ("decisions/1/worked", "decisions/1/failed", "@ana was quicker at 12:24 UTC: “fail over”: it worked"),
    ("mitigations/1/effective", "mitigations/1/worse", "@ana was quicker at 12:24 UTC: “Roll back”: it worked"),
    ("services/api/ok", "services/api/down", "@ana was quicker at 12:24 UTC: api is ok"),
]


@pytest.fixture(autouse=True)
def a_minute_later(time_machine):
    time_machine.move_to(NOW + timedelta(minutes=1), tick=False)


@pytest.fixture
def incident() -> Incident:
    incident = IncidentFactory(service=ServiceFactory(slug="api"))
    HypothesisFactory(incident=incident, number=1, text="the deploy")
    DecisionFactory(incident=incident, number=1, text="fail over")
    MitigationFactory(incident=incident, number=1, name="Roll back")
    return incident


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def seen(page: str, address: str) -> str:
    """What the form with the button to `address` says that its reader has before them."""
    forms = re.findall(r"<form.*?</form>", page, re.S)
    form = next(form for form in forms if address in form)
    found = re.search(r'name="seen" value="([^"]*)"', form)
    assert found, form
    return unescape(found[1])


@pytest.mark.parametrize(("first", "second", "told"), PRESSES)
def test_the_second_press_on_what_has_changed_is_told_and_changes_nothing(incident, first, second, told):
    ana, jens = browser(UserFactory(handle="ana")), browser(UserFactory(handle="jens"))
    room = incident.get_absolute_url()
    if "services" in first:
        ana.post(room + "services/api/degraded")
    page = jens.get(room).content.decode()
    mine = {"seen": seen(page, room + second)}
    ana.post(room + first, {"seen": seen(page, room + first)})
    said = list(incident.entries.values_list("text", flat=True))

    answer = unescape(jens.post(room + second, mine, follow=True).content.decode())

    assert told in answer
    assert "Look again first." in answer
    assert list(incident.entries.values_list("text", flat=True)) == said
    jens.post(room + second, {"seen": first.rpartition("/")[2]})
    assert incident.entries.count() == len(said) + 1


def test_the_public_is_not_told_twice_by_two_who_do_not_know_of_each_other(incident):
    ana, jens = browser(UserFactory(handle="ana")), browser(UserFactory(handle="jens"))
    room = incident.get_absolute_url()
    page = jens.get(f"{room}?panel=public").content.decode()
    mine = {"text": "Sign-in fails.", "seen": seen(page, f"{room}public")}
    ana.post(f"{room}public", {**mine, "text": "We look into sign-in."})

    refused = jens.post(f"{room}public", mine)

    assert "@ana posted a status update at 12:24 UTC" in unescape(refused.content.decode())
    assert "Sign-in fails." in refused.content.decode()
    assert [update.public_text for update in incident.status_updates.all()] == ["We look into sign-in."]
    jens.post(f"{room}public", {**mine, "seen": seen(refused.content.decode(), f"{room}public")})
    assert incident.status_updates.count() == 2


def test_a_task_that_was_passed_on_meanwhile_is_not_passed_on_again_unseen(incident):
    ana, mira, jens = (UserFactory(handle=handle) for handle in ("ana", "mira", "jens"))
    TaskFactory(incident=incident, number=1, owner=ana)
    room = incident.get_absolute_url()
    page = browser(jens).get(f"{room}?panel=task-change&number=1").content.decode()
    mine = {"number": "1", "owner": "@jens", "seen": seen(page, f"{room}tasks/change")}
    browser(ana).post(f"{room}tasks/change", {**mine, "owner": "@mira"})

    refused = browser(jens).post(f"{room}tasks/change", mine)

    assert refused.status_code == 422
    assert "Somebody was quicker: @mira has it. Look again first." in unescape(refused.content.decode())
    assert incident.tasks.get().owner == mira
    again = {**mine, "seen": seen(refused.content.decode(), f"{room}tasks/change")}
    browser(jens).post(f"{room}tasks/change", again)
    assert incident.tasks.get().owner == jens


def test_a_meeting_that_was_moved_meanwhile_stays_where_it_is(incident):
    ana, jens = (browser(UserFactory(handle=handle, time_zone="UTC")) for handle in ("ana", "jens"))
    Incident.objects.filter(pk=incident.pk).update(status="resolved", mitigated_at=NOW, resolved_at=NOW)
    address = reverse("incidents:meeting-detail", args=[incident.reference])
    ana.post(address, {"at": "2026-04-20 10:00", "seen": ""})
    page = jens.get(address).content.decode()
    mine = {"at": "2026-04-21 10:00", "seen": seen(page, 'name="at"')}
    ana.post(address, {"at": "2026-04-22 10:00", "seen": mine["seen"]})

    refused = jens.post(address, mine)

    assert "the meeting is 2026-04-22 10:00 UTC. Look again" in unescape(refused.content.decode())
    incident.refresh_from_db()
    assert incident.meeting_at == datetime(2026, 4, 22, 10, tzinfo=UTC)
    jens.post(address, {**mine, "seen": seen(refused.content.decode(), 'name="at"')})
    incident.refresh_from_db()
    assert incident.meeting_at.day == 21
