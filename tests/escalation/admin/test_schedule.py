"""A schedule in the admin: rotations with people in order, overrides, the next shifts, and sentences for nonsense."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from escalation.models import FixedShift, Override, Rotation, Schedule, TemporarySchedule
from escalation.queries.oncall import on_call_now
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import (
    BusinessHoursFactory,
    CalendarSourceFactory,
    FixedLayerFactory,
    FixedShiftFactory,
    OverrideFactory,
    ScheduleFactory,
    make_schedule,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("the_clock_stands")]


@pytest.fixture
def the_clock_stands() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def people() -> list[User]:
    return [UserFactory(handle=handle) for handle in ("ana", "ben", "eva")]


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(UserFactory(admin=True, handle="root"))
    return client


def form(
    *rotations: dict[str, Any],
    overrides: tuple[dict[str, Any], ...] = (),
    layers: tuple[dict[str, Any], ...] = (),
    plans: tuple[dict[str, Any], ...] = (),
    **schedule: Any,
) -> dict[str, Any]:
    """What a browser posts; rows are new unless they bring their id."""
    posted: dict[str, Any] = {"slug": "primary", "name": "Primary", "time_zone": "Europe/Berlin", **schedule}
    parts = {"rotations": rotations, "overrides": overrides, "fixed_layers": layers, "temporary_schedules": plans}
    for prefix, rows in parts.items():
        known = sum("id" in row for row in rows)
        posted |= {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": known}
        for number, row in enumerate(rows):
            posted |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return posted


def rotation(**changes: Any) -> dict[str, Any]:
    """A weekly rotation from Monday 6 April, 09:00."""
    wanted = {
        "name": "Weekly",
        "rank": 0,
        "unit": "weeks",
        "length": 1,
        "starts_on": "2026-04-06",
        "hands_off_at": "09:00",
        "people": "ana, @Ben + eva",
    }
    return {**wanted, **changes}


def override(**changes: Any) -> dict[str, Any]:
    wanted = {
        "kind": "cover",
        "starts_at_0": "2026-04-18",
        "starts_at_1": "10:00",
        "ends_at_0": "2026-04-18",
        "ends_at_1": "20:00",
    }
    return {**wanted, **changes}


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_schedule_is_made_with_its_people_in_order_and_shows_its_next_shifts(
    admin: Client, people: list[User]
) -> None:
    ana, ben, eva = people

    response = admin.post(reverse("admin:escalation_schedule_add"), form(rotation()))

    schedule = Schedule.objects.get()
    assert response.status_code == 302, text(response)
    assert [(place.position, place.user) for place in schedule.rotations.get().places.all()] == [
        (0, ana),
        (1, ben),
        (1, eva),
    ]
    assert on_call_now(schedule, NOW) == [ben, eva]
    shown = text(admin.get(reverse("admin:escalation_schedule_change", args=[schedule.pk])))
    assert "Mon 20 Apr 09:00 CEST" in shown
    assert 'value="ana, ben + eva"' in shown


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"people": ""}, "A rotation needs at least one person."),
        ({"people": " , "}, "A rotation needs at least one person."),
        ({"people": "ana, zoe"}, "Nobody is called “zoe”."),
        ({"people": "ana, gone"}, "The account of @gone is switched off"),
        ({"people": "ana + ana"}, "A person stands twice in one turn."),
        ({"length": 0}, "A shift lasts at least one unit."),
        ({"time_zone": "Mars/Olympus"}, "is not an IANA time zone"),
        ({"ends_at_0": "2026-04-06", "ends_at_1": "06:00"}, "ends before its first hand-off"),
    ],
)
def test_a_rotation_that_makes_no_sense_is_refused_in_a_sentence(
    admin: Client, people: list[User], wrong: dict[str, Any], sentence: str
) -> None:
    UserFactory(handle="gone", is_active=False)

    response = admin.post(reverse("admin:escalation_schedule_add"), form(rotation(**wrong)))

    assert response.status_code == 200
    assert sentence in text(response).replace("&quot;", '"')
    assert (Schedule.objects.count(), Rotation.objects.count()) == (0, 0)


def test_the_person_on_call_stays_so_when_others_join_or_leave(admin: Client, people: list[User]) -> None:
    ana, ben, eva = people
    schedule = make_schedule(ana, ben, eva, slug="primary", name="Primary")  # ben is on call at NOW
    row = {"id": schedule.rotations.get().pk, "schedule": schedule.pk}
    address = reverse("admin:escalation_schedule_change", args=[schedule.pk])

    admin.post(address, form(rotation(**row, people="ben, eva")))

    weeks = [NOW + timedelta(weeks=week) for week in range(3)]
    assert [on_call_now(schedule, week) for week in weeks] == [[ben], [eva], [ben]]
    zoe = UserFactory(handle="zoe")
    admin.post(address, form(rotation(**row, people="zoe, ana, ben, eva")))
    assert [on_call_now(schedule, week) for week in weeks] == [[ben], [eva], [zoe]]


def test_an_override_is_made_cancelled_and_kept(admin: Client, people: list[User]) -> None:
    ana, ben, _ = people
    schedule = make_schedule(ana, slug="primary", name="Primary")
    row = rotation(id=schedule.rotations.get().pk, schedule=schedule.pk, people="ana")
    address = reverse("admin:escalation_schedule_change", args=[schedule.pk])

    response = admin.post(address, form(row, overrides=(override(user=ben.pk, reason="Dentist"),)))
    assert response.status_code == 302, text(response)
    made = Override.objects.get()
    assert (made.created_by.handle, made.created_at, on_call_now(schedule, NOW)) == ("root", NOW, [ben])

    admin.post(address, form(row, overrides=({"id": made.pk, "schedule": schedule.pk, "cancel": "on"},)))
    made.refresh_from_db()
    assert (made.cancelled_at, made.reason, on_call_now(schedule, NOW)) == (NOW, "Dentist", [ana])


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({}, "Say who is on call in this span."),
        ({"kind": "remove"}, "Say whose place it is."),
        ({"kind": "replace", "user": "ana", "replaced": "ana"}, "Nobody can replace themselves."),
        ({"kind": "add", "user": "ana", "replaced": "ben"}, "This kind replaces nobody by name"),
        ({"user": "ana", "ends_at_1": "09:00"}, "An override ends after it starts."),
    ],
)
def test_an_override_that_makes_no_sense_is_refused_in_a_sentence(
    admin: Client, people: list[User], wrong: dict[str, Any], sentence: str
) -> None:
    schedule = ScheduleFactory(slug="primary")
    ids = {user.handle: user.pk for user in people}
    asked = {name: ids.get(value, value) for name, value in wrong.items()}

    address = reverse("admin:escalation_schedule_change", args=[schedule.pk])
    response = admin.post(address, form(overrides=(override(**asked),)))

    assert response.status_code == 200
    assert sentence in text(response)
    assert "Constraint" not in text(response)
    assert Override.objects.count() == 0


def test_two_overrides_that_say_the_same_of_one_span_are_refused(admin: Client, people: list[User]) -> None:
    ben = people[1]
    schedule = ScheduleFactory(slug="primary")
    first = OverrideFactory(schedule=schedule, user=ben, starts_at=NOW, ends_at=NOW + timedelta(hours=3))
    kept = {"id": first.pk, "schedule": schedule.pk}

    address = reverse("admin:escalation_schedule_change", args=[schedule.pk])
    response = admin.post(address, form(overrides=(kept, override(user=ben.pk))))

    assert "Another override says the same of a span that overlaps this one." in text(response)
    assert Override.objects.count() == 1


def test_a_responder_has_no_way_into_the_admin(client: Client) -> None:
    client.force_login(UserFactory())

    assert client.get(reverse("admin:escalation_schedule_changelist")).status_code == 302


def test_a_rotation_is_restricted_to_times_of_the_week_and_to_business_hours(
    admin: Client, people: list[User]
) -> None:
    ana = people[0]
    desk = BusinessHoursFactory(workdays=[7])
    row = rotation(
        people="ana",
        unit="active_days",
        active_days=["6", "7"],
        shift_length="12 h",
        restrictions="sat 10:00 - 16:00\n\nFriday 22:00 to Sat 02:00",
        hours=desk.pk,
    )

    response = admin.post(reverse("admin:escalation_schedule_add"), form(row))

    assert response.status_code == 302, text(response)
    made = Rotation.objects.get()
    assert (made.active_days, made.shift_length, made.hours) == ([6, 7], "12 h", desk)
    assert made.restrictions == ["Sat 10:00-16:00", "Fri 22:00-02:00"]
    assert on_call_now(made.schedule, NOW) == [ana]
    assert on_call_now(made.schedule, NOW + timedelta(hours=2)) == []
    shown = text(admin.get(reverse("admin:escalation_schedule_change", args=[made.schedule.pk])))
    assert "Sat 10:00-16:00\nFri 22:00-02:00</textarea>" in shown


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"restrictions": "by night"}, "“by night” is not a time of the week; write it like “Mon-Fri 09:00-17:00”"),
        ({"active_days": ["1"]}, "Only turns by active days, calendar weeks or calendar months name days"),
        ({"unit": "minutes", "length": 1}, "A turn lasts at least 15 minutes."),
        ({"starts_on": "1999-12-31"}, "A hand-off lies between 2000 and 2100."),
        ({"shift_length": "a while"}, "“a while” is not a duration"),
    ],
)
def test_restrictions_that_make_no_sense_are_refused_in_a_sentence(
    admin: Client, people: list[User], wrong: dict[str, Any], sentence: str
) -> None:
    response = admin.post(reverse("admin:escalation_schedule_add"), form(rotation(**wrong)))

    assert sentence in text(response)
    assert Schedule.objects.count() == 0


def test_single_shifts_are_typed_one_a_line_in_the_zone_of_the_schedule(admin: Client, people: list[User]) -> None:
    ana, ben, _ = people
    typed = "2026-04-18 12:00 to 2026-04-18 16:00 ana + @Ben\n2026-04-19 09:00 to 2026-04-19 10:00 ben"
    layer = {"name": "Fair", "rank": 1, "shifts": typed}

    response = admin.post(reverse("admin:escalation_schedule_add"), form(rotation(), layers=(layer,)))

    assert response.status_code == 302, text(response)
    schedule = Schedule.objects.get()
    assert on_call_now(schedule, NOW) == [ana, ben]
    assert on_call_now(schedule, NOW.replace(day=19, hour=7, minute=59)) == [ben]
    address = reverse("admin:escalation_schedule_change", args=[schedule.pk])
    assert "2026-04-18 12:00 to 2026-04-18 16:00 ana + ben\n2026-04-19 09:00" in text(admin.get(address))

    row = {"id": schedule.fixed_layers.get().pk, "schedule": schedule.pk}
    admin.post(address, form(layers=({**layer, **row, "DELETE": "on"},)))
    assert FixedShift.objects.count() == 0


def test_a_layer_that_comes_from_a_calendar_is_not_typed_in_and_untouched_shifts_stay_the_same_rows(
    admin: Client,
) -> None:
    source = CalendarSourceFactory()
    schedule = source.layer.schedule
    typed = FixedShiftFactory(layer=FixedLayerFactory(schedule=schedule, name="Fair"))
    address = reverse("admin:escalation_schedule_change", args=[schedule.pk])
    shown = text(admin.get(address))
    assert (f'value="{source.layer.name}"' in shown, 'value="Fair"' in shown) == (False, True)

    row = {"id": typed.layer.pk, "schedule": schedule.pk, "name": "Renamed", "rank": 2}
    shifts = "2026-04-18 13:23 to 2026-04-18 15:23 " + typed.user.handle
    response = admin.post(address, form(slug=schedule.slug, layers=({**row, "shifts": shifts},)))

    assert response.status_code == 302, text(response)
    typed.layer.refresh_from_db()
    assert (typed.layer.name, typed.layer.rank) == ("Renamed", 2)
    assert list(FixedShift.objects.filter(layer=typed.layer)) == [typed]


def test_a_temporary_schedule_is_made_changed_and_cancelled(admin: Client, people: list[User]) -> None:
    ana, ben, _ = people
    schedule = make_schedule(ana, slug="primary", name="Primary")
    rows = rotation(id=schedule.rotations.get().pk, schedule=schedule.pk, people="ana")
    address = reverse("admin:escalation_schedule_change", args=[schedule.pk])
    plan: dict[str, Any] = {"name": "Move", "starts_at": "2026-04-18T12:00", "ends_at": "2026-04-18T20:00"}

    response = admin.post(address, form(rows, plans=(plan,)))
    assert response.status_code == 302, text(response)
    made = TemporarySchedule.objects.get()
    assert (made.created_by.handle, on_call_now(schedule, NOW)) == ("root", [])

    plan |= {"id": made.pk, "schedule": schedule.pk, "shifts": "2026-04-18 14:00 to 2026-04-18 15:00 ben"}
    admin.post(address, form(rows, plans=(plan,)))
    assert on_call_now(schedule, NOW) == [ben]

    admin.post(address, form(rows, plans=({**plan, "cancel": "on"},)))
    made.refresh_from_db()
    assert (made.cancelled_at, made.shifts.count(), on_call_now(schedule, NOW)) == (NOW, 1, [ana])


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"shifts": "tomorrow ana"}, "“tomorrow ana” is not a shift; write it like"),
        ({"shifts": "2026-04-18 14:00 to 2026-04-18 15:00 zoe"}, "Nobody is called “zoe”."),
        ({"shifts": "2026-04-18 14:00 to 2026-04-18 15:00 ana +"}, "is not a shift; write it like"),
        ({"shifts": "2026-04-18 15:00 to 2026-04-18 15:00 ana"}, "ends before it starts."),
        ({"shifts": "2026-04-31 15:00 to 2026-04-31 16:00 ana"}, "“2026-04-31 15:00” is not a moment"),
        ({"shifts": "2026-04-19 15:00 to 2026-04-19 16:00 ana"}, "A shift lies outside the span"),
        ({"ends_at": "2026-04-18T12:00"}, "A temporary schedule ends after it starts."),
        ({"ends_at": "9999-04-18T12:00"}, "A moment lies between 2000 and 2100."),
        ({"name": ""}, "This field is required."),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_in_a_sentence(
    admin: Client, people: list[User], wrong: dict[str, Any], sentence: str
) -> None:
    schedule = ScheduleFactory(slug="primary")
    plan = {"name": "Move", "starts_at": "2026-04-18T12:00", "ends_at": "2026-04-18T20:00", **wrong}

    address = reverse("admin:escalation_schedule_change", args=[schedule.pk])
    response = admin.post(address, form(plans=(plan,)))

    assert sentence in text(response).replace("&quot;", '"')
    assert TemporarySchedule.objects.count() == 0
