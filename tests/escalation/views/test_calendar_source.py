"""The calendars of a schedule in the browser."""

from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from escalation.models import CalendarSource, Schedule
from tests.escalation.actions.test_calendar_source import text_of
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import CalendarSourceFactory, make_schedule

pytestmark = pytest.mark.django_db
PAGE = "/on-call/primary/calendars"


@pytest.fixture(autouse=True)
def at_now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def schedule() -> Schedule:
    return make_schedule(slug="primary", name="Primary")


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(UserFactory(handle="chief", admin=True))
    return client


def upload(client: Client, text: str, **asked: str) -> Any:
    file = SimpleUploadedFile("a.ics", text.encode(), "text/calendar")
    return client.post(PAGE, {"name": "Imported", "rank": "1", "file": file, **asked}, follow=True)


def test_a_file_is_brought_in_and_its_unknown_names_are_shown_on_the_schedule(admin: Client, schedule: Schedule):
    shown = upload(admin, text_of("chief, Zed")).content.decode()
    page = admin.get("/on-call/primary/").content.decode()

    assert "“Imported” is read: 1 shifts." in shown
    assert "from a file" in shown
    assert "Zed (first" in page
    assert "Imported" in page


def test_what_a_file_would_add_is_shown_before_it_is_kept_and_the_file_need_not_be_chosen_again(
    admin: Client, schedule: Schedule
):
    text = text_of("chief, Zed")
    answer = upload(admin, text, preview="1")
    shown = " ".join(answer.content.decode().split())

    assert "it adds 1 shift</h3>" in shown
    assert "<li>“chief” is <strong>" in shown
    assert "Zed (first" in shown
    assert CalendarSource.objects.count() == 0
    kept = answer.context["form"]["text"].value()
    admin.post(PAGE, {"name": "Imported", "rank": "1", "text": kept})
    assert CalendarSource.objects.get().text == text


def test_a_file_is_replaced_in_place_and_nothing_chosen_is_said(admin: Client, schedule: Schedule):
    upload(admin, text_of("chief"))
    source, file = CalendarSource.objects.get(), SimpleUploadedFile("b.ics", text_of("chief", "chief").encode())

    shown = admin.post(f"{PAGE}/replace", {"source": source.pk, "file": file}, follow=True).content.decode()
    nothing = admin.post(f"{PAGE}/replace", {"source": source.pk}, follow=True).content.decode()

    assert "“Imported” is read: 1 shifts." in shown
    assert "Choose the file that takes its place." in nothing
    assert CalendarSource.objects.get().text == text_of("chief", "chief")


@pytest.mark.parametrize(
    ("text", "asked", "sentence"),
    [
        ("nonsense", {}, "This is no calendar that can be read"),
        (text_of("a"), {"url": "https://example.org/a.ics"}, "one of the two"),
        (text_of("a"), {"time_zone": "Mars"}, "is not an IANA time zone"),
        (text_of("a"), {"rank": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(admin: Client, schedule: Schedule, text, asked, sentence):
    answer = upload(admin, text, **asked)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert CalendarSource.objects.count() == 0


def test_an_address_inside_the_house_is_refused(admin: Client, schedule: Schedule):
    answer = admin.post(PAGE, {"name": "I", "rank": "0", "url": "https://127.0.0.1/a.ics"})

    assert "inside of a private network" in answer.content.decode()
    assert CalendarSource.objects.count() == 0


def test_a_calendar_that_fails_is_red_on_the_schedule_and_shows_no_address(admin: Client, schedule: Schedule):
    failing = {"failing_since": NOW, "failure": "It answered with 500."}
    CalendarSourceFactory(layer__schedule=schedule, url="https://cal.example/secret.ics", **failing)

    shown = [admin.get(page).content.decode() for page in ("/on-call/primary/", PAGE)]

    assert ["It answered with 500." in each for each in shown] == [True, True]
    assert ["secret.ics" in each for each in shown] == [False, False]
    assert "from cal.example" in shown[1]


def test_one_is_read_again_and_taken_off(admin: Client, schedule: Schedule):
    source = CalendarSourceFactory(layer__schedule=schedule)

    read = admin.post(f"{PAGE}/read", {"source": source.pk}, follow=True).content.decode()
    taken = admin.post(f"{PAGE}/remove", {"source": source.pk}, follow=True).content.decode()
    again = admin.post(f"{PAGE}/remove", {"source": source.pk}, follow=True).content.decode()

    assert "“Imported” is read: 0 shifts." in read
    assert "“Imported” is no layer of this schedule any more." in taken
    assert "This calendar was taken off before." in again


def test_nobody_else_than_an_admin_changes_any(client: Client, schedule: Schedule):
    source = CalendarSourceFactory(layer__schedule=schedule)
    client.force_login(UserFactory())

    answers = [
        upload(client, text_of("a")),
        *(client.post(f"{PAGE}/{act}", {"source": source.pk}, follow=True) for act in ("read", "remove")),
    ]

    for answer in answers:
        assert "Only an admin may change schedules" in answer.content.decode()
    assert CalendarSource.objects.get().read_at == source.read_at
