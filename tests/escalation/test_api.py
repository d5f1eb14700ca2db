"""Who is on call, and “I have it”, by API."""

from datetime import timedelta

import pytest
import time_machine as clock

from escalation.enums import PageStatus
from escalation.models import PageAnswer
from tests.api import Machine
from tests.escalation.story import rung, start
from tests.factories import NOW
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.factories.comms import ContactPointFactory, ReachableUserFactory
from tests.factories.escalation import (
    FixedShiftFactory,
    OverrideFactory,
    PageAttemptFactory,
    PageFactory,
    TemporaryScheduleFactory,
    make_policy,
    make_schedule,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def moment():
    with clock.travel(NOW, tick=False):
        yield


@pytest.fixture
def ana():
    return UserFactory(handle="ana", name="Ana")


def test_it_says_who_is_on_call_now_and_at_another_moment(ana):
    jens = UserFactory(handle="jens", name="Jens")
    make_schedule(ana, jens, slug="primary")
    machine = Machine(ana, "read")

    (now,) = machine.get("/on-call")[1]
    (then,) = machine.get("/on-call", at=now["until"])[1]

    assert (now["schedule"], {now["people"][0]["handle"], then["people"][0]["handle"]}) == ("primary", {"ana", "jens"})
    assert then["people"] != now["people"]
    assert then["until"] > now["until"]


@pytest.mark.parametrize(
    ("at", "detail"),
    [
        ("noon", "“at” is a moment, like 2026-04-18T14:23:00+02:00."),
        ("2026-04-18T14:23:00", "“at” needs its zone, like 2026-04-18T14:23:00+02:00."),
        ("9999-12-31T23:59:59Z", "A moment lies between 2000 and 2100."),
        ("0001-01-01T00:00:00Z", "A moment lies between 2000 and 2100."),
    ],
)
def test_a_moment_that_is_none_is_refused(ana, at, detail):
    assert Machine(ana, "read").get("/on-call", at=at) == (422, {"detail": detail, "field": "at"})


def test_the_final_shifts_of_a_schedule_come_with_what_changed_them(ana):
    jens, tomas = UserFactory(handle="jens", name="Jens"), UserFactory(handle="tomas", name="", is_active=False)
    schedule = make_schedule(ana, jens, slug="primary")  # jens until Monday, 09:00 in Berlin
    hours = {"starts_at": NOW + timedelta(hours=1), "ends_at": NOW + timedelta(hours=2)}
    OverrideFactory(schedule=schedule, user=ana, reason="Dentist", created_by=jens, **hours)
    away = {"starts_at": NOW + timedelta(hours=2), "ends_at": NOW + timedelta(hours=3)}
    OverrideFactory(schedule=schedule, user=tomas, created_by=jens, **away)
    move = TemporaryScheduleFactory(
        schedule=schedule,
        name="Move",
        created_by=ana,
        starts_at=NOW + timedelta(hours=3),
        ends_at=NOW + timedelta(hours=5),
    )
    FixedShiftFactory(
        layer=None, temporary=move, user=ana, starts_at=NOW + timedelta(hours=4), ends_at=NOW + timedelta(hours=5)
    )

    status, line = Machine(ana, "read").get(
        "/schedules/primary/shifts", **{"from": "2026-04-18T14:23:00+02:00", "to": "2026-04-18T17:23:00Z"}
    )

    anas, jenses = [{"handle": "ana", "name": "Ana"}], [{"handle": "jens", "name": "Jens"}]
    cover, plan = {"kind": "cover", "reason": "", "by": "jens"}, {"kind": "temporary", "reason": "Move", "by": "ana"}
    assert status == 200
    assert [tuple(shift.values()) for shift in line] == [
        ("2026-04-18T12:23:00Z", "2026-04-18T13:23:00Z", jenses, "Weekly", None),
        ("2026-04-18T13:23:00Z", "2026-04-18T14:23:00Z", anas, "Weekly", {**cover, "reason": "Dentist"}),
        ("2026-04-18T14:23:00Z", "2026-04-18T15:23:00Z", [], "Weekly", cover),
        ("2026-04-18T16:23:00Z", "2026-04-18T17:23:00Z", anas, "Move", plan),
    ]
    assert list(line[0]) == ["start", "end", "users", "layer", "override"]


@pytest.mark.parametrize(
    ("asked", "detail", "field"),
    [
        ({"to": "2026-04-19T00:00:00Z"}, "Give “from”.", "from"),
        ({"from": "2026-04-18T00:00:00", "to": "2026-04-19T00:00:00Z"}, "“from” needs its zone", "from"),
        ({"from": "2026-04-18T00:00:00Z", "to": "soon"}, "“to” is a moment", "to"),
        ({"from": "2026-04-18T00:00:00Z", "to": "2026-04-18T02:00:00+02:00"}, "“to” is later than “from”.", "to"),
        ({"from": "2026-01-01T00:00:00Z", "to": "2027-04-01T00:00:00Z"}, "At most 400 days at a time.", "to"),
        ({"from": "0001-01-01T00:00:00Z", "to": "2027-04-01T00:00:00Z"}, "A moment lies between 2000", "from"),
    ],
)
def test_a_span_that_makes_no_sense_is_refused(ana, asked, detail, field):
    make_schedule(ana, slug="primary")

    status, answer = Machine(ana, "read").get("/schedules/primary/shifts", **asked)

    assert (status, answer["field"]) == (422, field)
    assert answer["detail"].startswith(detail)


@pytest.mark.parametrize("slug", ["nope", "%00"])
def test_a_schedule_that_is_none_is_not_found(ana, slug):
    span = {"from": "2026-04-18T00:00:00Z", "to": "2026-04-19T00:00:00Z"}

    assert Machine(ana, "read").get(f"/schedules/{slug}/shifts", **span)[0] == 404


@pytest.mark.parametrize("overrides", [1, 3])
def test_any_number_of_shifts_takes_the_same_queries(ana, overrides, django_assert_num_queries):
    schedule = make_schedule(ana, slug="primary")
    for number in range(overrides):
        OverrideFactory(
            schedule=schedule,
            starts_at=NOW + timedelta(hours=2 * number),
            ends_at=NOW + timedelta(hours=2 * number + 1),
        )
    machine = Machine(ana, "read")
    span = {"from": "2026-04-18T00:00:00Z", "to": "2026-04-20T00:00:00Z"}
    machine.get("/schedules/primary/shifts", **span)

    with django_assert_num_queries(7):
        machine.get("/schedules/primary/shifts", **span)


def test_whoever_was_rung_has_it_and_a_second_time_changes_nothing(ana):
    page = PageFactory(group="platform")
    PageAttemptFactory(page=page, user=ana)
    machine = Machine(ana)

    answers = [machine.post(f"/pages/{page.ref}/acknowledge", body) for body in ({}, {"arrives_at": None})]

    page.refresh_from_db()
    assert answers[0] == answers[1]
    assert answers[0] == (
        200,
        {
            "ref": page.ref,
            "group": "platform",
            "subject": page.subject,
            "status": "acknowledged",
            "acknowledged_by": "ana",
            "acknowledged_at": "2026-04-18T12:23:00Z",
        },
    )
    assert [(answer.user, answer.via) for answer in PageAnswer.objects.all()] == [(ana, "api")]
    assert page.status == PageStatus.ACKNOWLEDGED


def test_an_arrival_is_kept(ana):
    page = PageFactory()
    PageAttemptFactory(page=page, user=ana)

    status, _ = Machine(ana).post(f"/pages/{page.ref}/acknowledge", {"arrives_at": "2026-04-18T14:25:00+02:00"})

    assert (status, PageAnswer.objects.get().arrives_at) == (200, NOW + timedelta(minutes=2))


def test_an_arrival_may_be_given_in_minutes(ana):
    page = PageFactory()
    PageAttemptFactory(page=page, user=ana)

    status, _ = Machine(ana).post(f"/pages/{page.ref}/acknowledge", {"arrives_in": 5})

    assert (status, PageAnswer.objects.get().arrives_at) == (200, NOW + timedelta(minutes=5))


def test_whoever_cannot_come_declines_and_the_next_person_is_rung(ana):
    jens = ReachableUserFactory(handle="jens")
    ContactPointFactory(user=ana)
    page = start(policy=make_policy(ana, jens, jens))

    answers = [Machine(ana).post(f"/pages/{page.ref}/decline", {}) for _ in range(2)]

    assert answers[0] == answers[1]
    assert (answers[0][0], answers[0][1]["status"]) == (200, "ringing")
    assert [(answer.user, answer.kind, answer.via) for answer in PageAnswer.objects.all()] == [
        (ana, "declined", "api")
    ]
    assert rung(page) == [(0, ana), (0, jens)]


def test_whom_a_page_did_not_ring_has_nothing_to_decline(ana):
    page = PageFactory()

    answer = Machine(ana).post(f"/pages/{page.ref}/decline", {})

    assert answer == (
        403,
        {"detail": "This page has not rung you, so there is nothing to turn down.", "field": ""},
    )


@pytest.mark.parametrize(
    ("asked", "detail", "field"),
    [
        (
            {"arrives_in": 5, "arrives_at": "2026-04-18T14:25:00+02:00"},
            "Give “arrives_at” or “arrives_in”, not both.",
            "arrives_in",
        ),
        ({"arrives_at": "2026-04-18T12:23:00Z"}, "An arrival lies in the future.", "arrives_at"),
        ({"arrives_at": "later"}, "“arrives_at” is a moment, like 2026-04-18T14:23:00+02:00.", "arrives_at"),
        ({"arrives_at": "9999-12-31T23:59:59-12:00"}, "A moment lies between 2000 and 2100.", "arrives_at"),
        ({"when": "later"}, "There is no field “when”.", "when"),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused_and_the_page_rings_on(ana, asked, detail, field):
    page = PageFactory()
    PageAttemptFactory(page=page, user=ana)

    answer = Machine(ana).post(f"/pages/{page.ref}/acknowledge", asked)

    assert answer == (422, {"detail": detail, "field": field})
    page.refresh_from_db()
    assert (page.status, PageAnswer.objects.count()) == (PageStatus.RINGING, 0)


def test_a_key_that_reads_answers_nothing(ana):
    page = PageFactory()
    PageAttemptFactory(page=page, user=ana)

    answer = Machine(ana, "read").post(f"/pages/{page.ref}/acknowledge", {})

    assert answer == (403, {"detail": "This token may only read.", "field": ""})
    assert PageAnswer.objects.count() == 0


def test_a_private_page_is_not_there_for_an_outsider(ana):
    page = PageFactory(audience=AudienceFactory(members=[UserFactory()]))

    answer = Machine(ana).post(f"/pages/{page.ref}/acknowledge", {})

    assert answer == (404, {"detail": f"There is no page {page.ref}.", "field": ""})
    assert PageAnswer.objects.count() == 0


@pytest.mark.parametrize("ref", ["nope", "%00"])
def test_a_page_that_is_none_is_not_found(ana, ref):
    assert Machine(ana).post(f"/pages/{ref}/acknowledge", {})[0] == 404
