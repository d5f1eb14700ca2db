"""Calendars of others become layers: fetched from a real server, matched to people, kept when they fail."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer

from accounts.actor import Actor
from accounts.models import User
from comms.models import EngineTick, Message
from core.errors import InvalidInput, NotAllowed, WrongState
from escalation.actions.calendar_source import (
    SWEEP,
    add_calendar,
    preview_calendar,
    read_calendar_again,
    read_due_calendars,
    remove_calendar,
    replace_calendar_file,
)
from escalation.models import CalendarSource, FixedLayer, FixedShift, Schedule
from escalation.queries.oncall import on_call_now
from tests.factories import NOW
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.escalation import CalendarSourceFactory, make_schedule

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def private(settings) -> None:
    settings.CALENDAR_FROM_PRIVATE = True


@pytest.fixture
def admin() -> Actor:
    return ActorFactory(user__admin=True)


@pytest.fixture
def ana() -> User:
    return UserFactory(handle="ana", name="Ana Lima", email="ana@example.org")


@pytest.fixture
def schedule() -> Schedule:
    return make_schedule(slug="primary", name="Primary")


def text_of(*titles: str, extra: str = "") -> str:
    """A calendar with an hour around NOW for each title."""
    events = [
        f"BEGIN:VEVENT\r\nUID:{number}\r\nDTSTART:20260418T120000Z\r\nDTEND:20260418T130000Z\r\n"
        f"SUMMARY:{title}\r\n{extra}END:VEVENT\r\n"
        for number, title in enumerate(titles)
    ]
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//EN\r\n{''.join(events)}END:VCALENDAR\r\n"


@pytest.fixture
def brought(schedule: Schedule, admin: Actor) -> Callable[..., CalendarSource]:
    def bring(**what: str) -> CalendarSource:
        return add_calendar(schedule, by=admin, now=NOW, name="Imported", rank=1, time_zone="", **what)

    return bring


def people_in(source: CalendarSource) -> list[User]:
    return [shift.user for shift in source.layer.shifts.order_by("pk")]


def test_a_file_becomes_a_layer_that_is_on_call(brought, schedule, ana):
    source = brought(text=text_of("ana"))

    assert on_call_now(schedule, NOW) == [ana]
    assert (source.layer.rank, source.url, source.read_at, source.time_zone) == (1, "", NOW, "Europe/Berlin")
    assert source.wake_at == NOW + timedelta(days=1)


@pytest.mark.parametrize(
    "title",
    [
        "ana",
        "@Ana",
        "ANA LIMA",
        "ana@example.org",
        "On call: ana lima",
        "[L1] ana, ana",
        "Ana Lima (primary)",
        "Night shift of @ana",
        "Write to Ana@example.org!",
        "ana is on duty",
    ],
)
def test_people_are_found_by_handle_mail_and_name_without_regard_to_case(brought, ana, title):
    source = brought(text=text_of(title))

    assert people_in(source) == [ana]
    assert source.unknown == []


def test_the_mail_of_an_attendee_comes_before_the_title(brought, ana):
    source = brought(text=text_of("Primary", extra="ATTENDEE:mailto:ANA@example.org\r\n"))

    assert people_in(source) == [ana]
    assert source.unknown == []


@pytest.mark.parametrize(
    "title", ["Banana", "Ana Limarez", "x@ana.example", "ana-ops", "not-ana@example.org", "Analima"]
)
def test_a_name_inside_another_word_is_nobodys(brought, ana, title):
    source = brought(text=text_of(title))

    assert people_in(source) == []
    assert [name for name, _ in source.unknowns] == [title]


@pytest.mark.parametrize(
    ("title", "extra", "expected"),
    [
        ("Primary", "ATTENDEE;CN=Ana Lima:mailto:ana@home.example\r\n", "ana"),
        ("Primary", "ORGANIZER;CN=Somebody:mailto:ana@example.org\r\n", "ana"),
        ("Primary", "ORGANIZER;CN=Ana Lima:mailto:calendar@example.org\r\n", "ana"),
        ("ben", "ORGANIZER;CN=Ana Lima:mailto:ana@example.org\r\n", "ben"),
        ("Shift of Ben Okafor", "ATTENDEE;CN=Ana Lima:mailto:ana@home.example\r\n", "ana"),
    ],
)
def test_who_attends_comes_first_then_the_title_and_who_wrote_it_down_last(brought, ana, title, extra, expected):
    UserFactory(handle="ben", name="Ben Okafor")

    assert [user.handle for user in people_in(brought(text=text_of(title, extra=extra)))] == [expected]


def test_a_preview_says_who_is_found_by_which_words_and_writes_nothing(schedule, admin, ana):
    far = "RRULE:FREQ=WEEKLY;COUNT=10\r\n"

    seen = preview_calendar(schedule, by=admin, now=NOW, time_zone="", text=text_of("@ana, Zed", extra=far))

    assert seen.matched.meant == [("@ana", ana, 5)]
    assert [start for start, _, _ in seen.matched.shifts] == [
        NOW.replace(minute=0) + timedelta(weeks=week) for week in range(5)
    ]
    assert (seen.matched.unknowns, CalendarSource.objects.count()) == ([("Zed", NOW.replace(minute=0))], 0)
    with pytest.raises(NotAllowed):
        preview_calendar(schedule, by=ActorFactory(), now=NOW, time_zone="", text=text_of("ana"))
    with pytest.raises(InvalidInput, match="one of the two"):
        preview_calendar(schedule, by=admin, now=NOW, time_zone="")


def test_a_file_is_replaced_in_place_and_what_cannot_be_read_changes_nothing(brought, admin, ana, schedule):
    source, ben = brought(text=text_of("ana")), UserFactory(handle="ben")

    replaced = replace_calendar_file(source, by=admin, now=NOW + HOUR, text=text_of("ben"))

    assert (replaced.pk, replaced.layer, replaced.read_at) == (source.pk, source.layer, NOW + HOUR)
    with pytest.raises(InvalidInput, match="no calendar that can be read"):
        replace_calendar_file(source, by=admin, now=NOW + 2 * HOUR, text="nonsense")
    with pytest.raises(NotAllowed):
        replace_calendar_file(source, by=ActorFactory(), now=NOW, text=text_of("ana"))
    source.refresh_from_db()
    assert (people_in(source), source.text, source.read_at) == ([ben], text_of("ben"), NOW + HOUR)
    CalendarSource.objects.update(url="https://cal.example/a.ics")
    with pytest.raises(WrongState, match="from its address"):
        replace_calendar_file(source, by=admin, now=NOW, text=text_of("ana"))


def test_names_that_nobody_has_are_kept_and_those_that_two_have_mean_neither(brought, ana):
    UserFactory(name="Sam"), UserFactory(name="Sam"), UserFactory(handle="gone", is_active=False)

    source = brought(text=text_of("Zed, ana", "Sam", "gone", ""))

    assert people_in(source) == [ana]
    assert source.unknowns == [(name, NOW.replace(minute=0)) for name in ("Zed", "Sam", "gone", "(no name)")]


def test_an_address_is_asked_again_and_what_has_changed_is_told(brought, ana, httpserver: HTTPServer):
    ben = UserFactory(handle="ben")
    httpserver.expect_ordered_request("/a.ics").respond_with_data(text_of("ana"), headers={"ETag": '"1"'})
    httpserver.expect_ordered_request("/a.ics", headers={"If-None-Match": '"1"'}).respond_with_data("", status=304)
    httpserver.expect_ordered_request("/a.ics").respond_with_data(text_of("ben"))
    source = brought(url=httpserver.url_for("/a.ics"))
    first = people_in(source)
    Message.objects.all().delete()

    same = read_due_calendars(now=NOW + timedelta(minutes=15))
    source.refresh_from_db()
    after_same = (people_in(source), Message.objects.count(), source.read_at, source.etag)
    FixedShift.objects.update(starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR)  # so that both are still to come
    changed = read_due_calendars(now=NOW + timedelta(minutes=30))

    assert (same, changed) == (1, 1)
    assert first == [ana]
    assert after_same == ([ana], 0, NOW + timedelta(minutes=15), '"1"')
    assert people_in(source) == [ben]
    assert {message.user for message in Message.objects.all()} == {ana, ben}
    httpserver.check_assertions()


def test_a_calendar_that_fails_keeps_its_last_good_copy_and_says_since_when(brought, ana, httpserver: HTTPServer):
    httpserver.expect_ordered_request("/a.ics").respond_with_data(text_of("ana"))
    for answer in (("", 500), ("<html>Sign in</html>", 200)):
        httpserver.expect_ordered_request("/a.ics").respond_with_data(answer[0], status=answer[1])
    httpserver.expect_ordered_request("/a.ics").respond_with_data(text_of("ana"))
    source = brought(url=httpserver.url_for("/a.ics"))
    said = []

    for minutes in (15, 20, 25):
        read_due_calendars(now=NOW + timedelta(minutes=minutes))
        source.refresh_from_db()
        said.append((source.failing_since, source.failure[:30], source.wake_at, people_in(source)))

    since = NOW + timedelta(minutes=15)
    assert said == [
        (since, "It answered with 500.", NOW + timedelta(minutes=20), [ana]),
        (since, "This is no calendar that can b", NOW + timedelta(minutes=25), [ana]),
        (None, "", NOW + timedelta(minutes=40), [ana]),
    ]
    assert source.text == text_of("ana")


def test_what_cannot_be_read_at_first_makes_no_layer(brought, httpserver: HTTPServer):
    httpserver.expect_request("/a.ics").respond_with_data("nothing", status=404)

    for what, field in (
        ({"url": httpserver.url_for("/a.ics")}, "url"),
        ({"text": "nonsense"}, ""),
        ({}, "url"),
        ({"url": "https://x.example", "text": "both"}, "url"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            brought(**what)
        assert refusal.value.field == field

    assert (FixedLayer.objects.count(), CalendarSource.objects.count()) == (0, 0)


def test_half_done_is_not_done(schedule, admin, ana, monkeypatch):
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(CalendarSource, "save", fails)

    with pytest.raises(RuntimeError):
        add_calendar(schedule, by=admin, now=NOW, name="I", rank=0, time_zone="", text=text_of("ana"))

    assert (FixedLayer.objects.count(), FixedShift.objects.count()) == (0, 0)


def test_a_file_that_is_half_replaced_is_not_replaced(brought, admin, ana, monkeypatch):
    source = brought(text=text_of("ana"))
    UserFactory(handle="ben")

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(CalendarSource, "save", fails)

    with pytest.raises(RuntimeError):
        replace_calendar_file(source, by=admin, now=NOW + HOUR, text=text_of("ben"))

    source.refresh_from_db()
    assert (people_in(source), source.text, source.read_at) == ([ana], text_of("ana"), NOW)


def test_only_an_admin_brings_in_reads_and_takes_off(schedule, ana):
    source = CalendarSourceFactory(layer__schedule=schedule)
    by = Actor(ana)

    with pytest.raises(NotAllowed):
        add_calendar(schedule, by=by, now=NOW, name="I", rank=0, time_zone="", text=text_of("ana"))
    with pytest.raises(NotAllowed):
        read_calendar_again(source, by=by, now=NOW)
    with pytest.raises(NotAllowed):
        remove_calendar(source, by=by, now=NOW)

    assert CalendarSource.objects.get() == source


def test_taking_a_calendar_off_takes_its_shifts_along(brought, schedule, admin, ana):
    remove_calendar(brought(text=text_of("ana")), by=admin, now=NOW)

    assert on_call_now(schedule, NOW) == []
    assert CalendarSource.objects.count() == 0


def test_the_sweep_reads_one_at_a_time_and_one_that_breaks_stops_no_other(monkeypatch):
    broken, good = (CalendarSourceFactory(wake_at=NOW - timedelta(minutes=minutes)) for minutes in (2, 1))
    CalendarSource.objects.filter(pk=broken.pk).update(time_zone="No/Zone")

    read = [read_due_calendars(now=NOW) for _ in range(3)]

    good.refresh_from_db(), broken.refresh_from_db()
    assert read == [0, 1, 0]
    assert (good.read_at, good.wake_at) == (NOW, NOW + timedelta(days=1))
    assert broken.wake_at == NOW + timedelta(minutes=15)
    assert EngineTick.objects.get(sweep=SWEEP).ticked_at == NOW
