"""Maintenance in the browser."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from pytest_django.asserts import assertRedirects

from accounts.models import User
from escalation.models import MaintenanceWindow
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import MaintenanceWindowFactory, ServiceFactory

pytestmark = [pytest.mark.django_db]
HOUR = timedelta(hours=1)


@pytest.fixture
def ana(client: Client) -> User:
    """Signed in, in Berlin."""
    user = UserFactory(handle="ana", time_zone="Europe/Berlin")
    client.force_login(user)
    return user


@time_machine.travel(NOW, tick=False)
def test_maintenance_is_begun_listed_and_ended(client: Client, ana: User) -> None:
    service = ServiceFactory(slug="pipeline", name="Pipeline")
    address = reverse("escalation:maintenance-list")
    assert "No service is in maintenance." in client.get(address).content.decode()

    wanted = {"services": ["pipeline"], "lasts": "120", "reason": "Moving the database", "starts_at": ""}
    assertRedirects(client.post(address, wanted), address)
    window = MaintenanceWindow.objects.get()
    shown = client.get(address).content.decode()

    assert (list(window.services.all()), window.starts_at, window.ends_at) == ([service], NOW, NOW + 2 * HOUR)
    assert "<strong>Pipeline</strong>: Moving the database" in shown
    assertRedirects(client.post(reverse("escalation:maintenance-end", args=[window.ref])), address)
    window.refresh_from_db()
    assert (window.ended_at, window.ended_by) == (NOW, ana)
    assert "ended <time" in client.get(address).content.decode()


@time_machine.travel(NOW, tick=False)
def test_a_planned_start_is_read_in_the_zone_of_whoever_types_it(client: Client, ana: User) -> None:
    ServiceFactory(slug="pipeline")
    wanted = {"services": ["pipeline"], "lasts": "60", "reason": "Moving", "starts_at": "2026-04-19T02:00"}

    client.post(reverse("escalation:maintenance-list"), wanted)

    assert MaintenanceWindow.objects.get().starts_at.isoformat() == "2026-04-19T00:00:00+00:00"


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"services": []}, "Say which services are worked on."),
        ({"services": ["nothing"]}, "There is no service “nothing” any more."),
        ({"reason": ""}, "Say in one line what is done"),
        ({"starts_at": "tomorrow"}, "Write the day and the time like 2026-04-18 14:15."),
        ({"starts_at": "0001-01-01T00:00"}, "A moment lies between 2000 and 2100."),
        ({"starts_at": "2026-04-18T01:00"}, "Maintenance begins now, or within the next 90 days."),
        ({"lasts": "9999"}, "Choose how long."),
    ],
)
def test_what_is_refused_keeps_what_was_typed(client: Client, ana: User, wrong: dict[str, str], sentence: str) -> None:
    ServiceFactory(slug="pipeline")
    wanted = {"services": ["pipeline"], "lasts": "60", "reason": "Moving", "starts_at": "", **wrong}

    answer = client.post(reverse("escalation:maintenance-list"), wanted)

    assert (answer.status_code, MaintenanceWindow.objects.count()) == (422, 0)
    assert sentence in answer.content.decode()


@time_machine.travel(NOW, tick=False)
def test_a_viewer_reads_and_is_offered_no_press(client: Client) -> None:
    window = MaintenanceWindowFactory(services=[ServiceFactory(slug="pipeline")])
    client.force_login(UserFactory(viewer=True))

    shown = client.get(reverse("escalation:maintenance-list")).content.decode()
    client.post(reverse("escalation:maintenance-end", args=[window.ref]))

    assert ("Begin maintenance" in shown, "End now" in shown, "Moving the database" in shown) == (False, False, True)
    window.refresh_from_db()
    assert window.ended_at is None


@time_machine.travel(NOW, tick=False)
def test_the_service_to_begin_with_may_stand_in_the_address(client: Client, ana: User) -> None:
    ServiceFactory(slug="pipeline")
    shown = client.get(reverse("escalation:maintenance-list") + "?service=pipeline").content.decode()

    assert shown.count(" checked") == 1


@time_machine.travel(NOW, tick=False)
def test_the_list_takes_as_many_queries_for_three_windows_as_for_one(
    client: Client, ana: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = reverse("escalation:maintenance-list")

    def fill() -> None:
        for start in (NOW, NOW + HOUR, NOW - 2 * HOUR):
            MaintenanceWindowFactory(services=[ServiceFactory()], starts_at=start)

    fill()
    client.get(address)
    with django_assert_num_queries(10):
        client.get(address)
    fill()
    fill()
    with django_assert_num_queries(10):
        client.get(address)


@time_machine.travel(NOW, tick=False)
def test_while_it_runs_the_board_and_the_list_of_services_say_so(client: Client) -> None:
    client.force_login(UserFactory(admin=True))
    places = [reverse("incidents:board"), reverse("admin:escalation_service_changelist")]
    service = ServiceFactory(name="Pipeline")
    MaintenanceWindowFactory(services=[service], starts_at=NOW - 2 * HOUR)
    said = ("Maintenance until", "until 2026-04-18 13:23 UTC")
    assert [words in client.get(place).content.decode() for words, place in zip(said, places, strict=True)] == [
        False,
        False,
    ]

    MaintenanceWindowFactory(services=[service])

    assert [words in client.get(place).content.decode() for words, place in zip(said, places, strict=True)] == [
        True,
        True,
    ]


@time_machine.travel(NOW, tick=False)
def test_it_is_extended_by_a_choice_of_later_ends_and_refused_in_a_sentence(client: Client, ana: User) -> None:
    window = MaintenanceWindowFactory(services=[ServiceFactory()])
    address, press = (
        reverse("escalation:maintenance-list"),
        reverse("escalation:maintenance-extend", args=[window.ref]),
    )
    offered = client.get(address).content.decode()
    assert [
        f'name="ends_at" value="{end}"' in offered
        for end in ("2026-04-18T13:53:00+00:00", "2026-04-18T15:23:00+00:00")
    ] == [True, True]
    assert offered.count('name="ends_at"') == 3

    assertRedirects(client.post(press, {"ends_at": "2026-04-18T15:53:00+02:00"}), address)
    window.refresh_from_db()
    shown = client.post(press, {"ends_at": "2026-04-18T19:00:00+02:00"}, follow=True).content.decode()

    assert (window.ends_at, window.extended_by) == (NOW + 1.5 * HOUR, ana)
    assert "this one until 2026-04-18 18:23 CEST at the latest." in shown
    assert ", extended <time" in shown
    assert "that is no moment" in client.post(press, {"ends_at": "late"}, follow=True).content.decode()
