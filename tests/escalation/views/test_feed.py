"""Calendar feeds over HTTP: made, renewed and revoked by their owner, read by whoever has the address."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from escalation.models import CalendarFeed
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import CalendarFeedFactory, OverrideFactory, make_schedule

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return UserFactory(handle="ana", name="Ana")


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def mine(client: Client, ana: User) -> Client:
    client.force_login(ana)
    return client


def made(mine: Client, **asked: Any) -> str:
    """Make a feed, and read its address from the page that shows it once."""
    shown = mine.post(reverse("escalation:feed-list"), asked, follow=True).content.decode()
    return address_in(shown)


def address_in(shown: str) -> str:
    return re.findall(r'value="http://testserver(/calendars/[\w-]+\.ics)"', shown)[0]


def test_the_address_is_shown_once_and_reads_without_a_sign_in(mine: Client, ana: User):
    make_schedule(ana, name="Primary")

    address = made(mine)
    answer = Client().get(address)

    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-cache"
    assert b"On call: Primary" in answer.content
    assert address not in mine.get(reverse("escalation:feed-list")).content.decode()
    assert address.split("-", 1)[1].removesuffix(".ics") not in str(CalendarFeed.objects.values_list())


def test_a_feed_of_a_schedule_shows_everybody(mine: Client, ana: User):
    make_schedule(UserFactory(name="Ben"), slug="primary", name="Primary")

    answer = Client().get(made(mine, schedule="primary", reminders=["15", "1440"]))

    assert b"Primary: Ben" in answer.content
    assert CalendarFeed.objects.get().reminders == [15, 1440]


def test_a_second_feed_of_the_same_is_refused(mine: Client, ana: User):
    made(mine)

    answer = mine.post(reverse("escalation:feed-list"))

    assert answer.status_code == 422
    assert "You have this feed already" in answer.content.decode()
    assert CalendarFeed.objects.count() == 1


def test_a_new_address_makes_the_old_one_dead(mine: Client, ana: User):
    old = made(mine, reminders=["15"])
    feed = CalendarFeed.objects.get()

    new = address_in(mine.post(reverse("escalation:feed-renew", args=[feed.prefix]), follow=True).content.decode())

    assert [Client().get(each).status_code for each in (old, new)] == [403, 200]
    assert CalendarFeed.objects.get(revoked_at__isnull=True).reminders == [15]


def test_a_revoked_feed_says_so_and_one_that_never_was_is_not_found(mine: Client, ana: User):
    address = made(mine)
    mine.post(reverse("escalation:feed-revoke", args=[CalendarFeed.objects.get().prefix]))

    answer = Client().get(address)

    assert (answer.status_code, answer.content) == (403, b"This calendar was revoked. Ask Muster for a new address.\n")
    assert Client().get(address.replace("-", "-x")).status_code == 404
    assert mine.post(reverse("escalation:feed-revoke", args=["nothing"])).status_code == 404


def test_the_feed_of_somebody_who_was_switched_off_is_closed(ana: User):
    CalendarFeedFactory(user=UserFactory(is_active=False), prefix="abc", secret="one")

    assert Client().get("/calendars/abc-one.ics").status_code == 403


def test_nobody_changes_the_feed_of_somebody_else(mine: Client):
    feed = CalendarFeedFactory()

    answers = [mine.post(reverse(f"escalation:feed-{act}", args=[feed.prefix])) for act in ("renew", "revoke")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert CalendarFeed.objects.get().revoked_at is None


def test_a_calendar_that_has_it_already_is_told_so_without_a_document(mine: Client, ana: User, clock: Any):
    schedule = make_schedule(ana, name="Primary")
    address, program = made(mine), Client()
    first = program.get(address)

    clock.shift(timedelta(hours=2))
    known = {"If-None-Match": first["ETag"]}
    same = program.get(address, headers=known)
    since = program.get(address, headers={"If-Modified-Since": first["Last-Modified"]})
    OverrideFactory(schedule=schedule, starts_at=NOW, ends_at=NOW + timedelta(hours=1))
    changed = program.get(address, headers={**known, "If-Modified-Since": first["Last-Modified"]})
    changed_since = program.get(address, headers={"If-Modified-Since": first["Last-Modified"]})

    assert first["Last-Modified"] == "Sat, 18 Apr 2026 12:23:00 GMT"
    assert [(each.status_code, each.content) for each in (same, since)] == [(304, b""), (304, b"")]
    assert same["ETag"] == first["ETag"]
    assert [each.status_code for each in (changed, changed_since)] == [200, 200]
    assert changed["Last-Modified"] == "Sat, 18 Apr 2026 14:23:00 GMT"
    assert program.head(address).status_code == 200


def test_the_page_says_when_a_calendar_last_read_a_feed(mine: Client, ana: User, clock: Any):
    address = made(mine)
    before = mine.get(reverse("escalation:feed-list")).content.decode()
    Client().get(address)
    clock.shift(timedelta(minutes=59))
    Client().get(address)
    within = CalendarFeed.objects.get().read_at
    clock.shift(timedelta(minutes=1))
    Client().get(address)

    assert "no calendar has read it yet" in before
    assert within == NOW
    assert CalendarFeed.objects.get().read_at == NOW + timedelta(hours=1)
