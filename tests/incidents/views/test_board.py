"""The board and the list: what burns, what is owed, who is on call, and nothing that is not one's own to see."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries
from time_machine import TimeMachineFixture, travel

from accounts.actor import Actor
from accounts.models import User
from escalation.enums import PageStatus
from incidents.actions.timeline import add_entry
from incidents.enums import ClosedAs, CommanderRule, IncidentStatus, PromiseKind, RoleKind
from incidents.models import Incident
from incidents.queries.board import board, pages_that_ring, search_incidents
from incidents.queries.room import room
from incidents.views.looks import first_hint
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import (
    OverrideFactory,
    PageAnswerFactory,
    PageAttemptFactory,
    PageFactory,
    RotationFactory,
    ScheduleFactory,
    ServiceFactory,
)
from tests.factories.incidents import (
    DutyFactory,
    IncidentFactory,
    LevelFactory,
    PromiseFactory,
    RoleAssignmentFactory,
    RoleDefinitionFactory,
    StatusUpdateFactory,
    TimelineEntryFactory,
)
from tests.factories.words import SentAwayFactory
from tests.factories.working import MitigationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return UserFactory(handle="ana")


@pytest.fixture
def signed_in(ana: User, client: Client, time_machine: TimeMachineFixture) -> Client:
    time_machine.move_to(NOW, tick=False)
    client.force_login(ana)
    return client


def test_of_many_groups_the_board_names_the_one_that_has_waited_longest_and_counts_the_others(signed_in):
    incident = IncidentFactory()
    for minute, group in enumerate(("EM on call", "directors", "legal", "support")):
        at = NOW - timedelta(minutes=minute)
        PageFactory(subject_key=incident.subject_key, group=group, status=PageStatus.EXHAUSTED, started_at=at)
    PageFactory(subject_key=incident.subject_key, group="primary", started_at=NOW)

    content = signed_in.get(reverse("incidents:board")).content.decode()

    assert "Nobody answers: support and 3 more<" in content
    assert "Ringing primary<" in content


def test_what_burns_stands_before_what_is_watched_and_the_worst_first(ana):
    watched = IncidentFactory(resolved=True, level=LevelFactory(rank=1))
    mild, bad = IncidentFactory(level=LevelFactory(rank=3)), IncidentFactory(level=LevelFactory(rank=2))
    older = IncidentFactory(level=bad.level, declared_at=NOW - timedelta(hours=1))
    IncidentFactory(closed=True)

    rows = board(ana, NOW).open

    assert [row.incident for row in rows] == [older, bad, mild, watched]
    assert rows[0].running == timedelta(hours=1)


def test_a_row_shows_the_next_undone_promise_with_its_tone(ana):
    incident = IncidentFactory()
    PromiseFactory(incident=incident, due_at=NOW + timedelta(hours=2), kind=PromiseKind.RESPOND)
    next_one = PromiseFactory(incident=incident, due_at=NOW + timedelta(minutes=5))
    PromiseFactory(incident=incident, due_at=NOW, kind=PromiseKind.FIRST_UPDATE, done_at=NOW, kept_at=NOW)
    PromiseFactory(incident=incident, due_at=NOW, kind=PromiseKind.POSTMORTEM)

    row = board(ana, NOW).open[0]

    assert row.next is not None
    assert (row.next.key, row.tone) == (f"promise:{next_one.pk}", "soon")
    assert board(ana, NOW - timedelta(seconds=1)).open[0].tone == ""
    assert board(ana, NOW + timedelta(minutes=5, seconds=1)).open[0].tone == "late"


def test_words_that_no_channel_took_are_red_on_the_board_too(ana):
    late = PromiseFactory(due_at=NOW - timedelta(minutes=2), done_at=NOW - timedelta(minutes=5), broken_at=NOW)
    PromiseFactory(due_at=NOW + timedelta(minutes=2), done_at=NOW, incident=IncidentFactory(summary="In time"))

    rows = {row.incident: (row.next and row.next.key, row.tone) for row in board(ana, NOW).open}

    assert rows.pop(late.incident) == (f"promise:{late.pk}", "late")
    assert list(rows.values()) == [(None, "")]


def test_a_row_says_the_first_thing_that_does_not_fit_by_the_rules_of_the_room(ana, client):
    level = LevelFactory(is_public=True, rank=1)
    incident = IncidentFactory(level=level, what_happens="blocks rise")
    client.force_login(ana)

    def said(minutes: int) -> str:
        [row] = board(ana, NOW + timedelta(minutes=minutes)).open
        return row.hint.says if row.hint else ""

    assert [said(4), said(11)] == ["", ""]
    assert said(12) == f"{level} for 12 minutes, and the public was told nothing."
    assert said(12) in board_html(client, minutes=12)
    SentAwayFactory(incident=incident, user=UserFactory(), hint="public_knows_nothing")
    assert said(12) != ""
    SentAwayFactory(incident=incident, user=ana, hint="public_knows_nothing")
    assert said(12) == ""


def test_what_leaks_is_said_at_once_and_impact_is_asked_at_the_two_worst_levels(ana):
    IncidentFactory(private_to=[ana], public_state=IncidentStatus.IDENTIFIED, public_told_at=NOW)
    [row] = board(ana, NOW).open
    assert row.hint.says == "This is private, and the public was told of it."

    worst = LevelFactory(rank=1)
    levels = [worst, *(LevelFactory(version=worst.version, rank=rank) for rank in (2, 3))]
    later = [IncidentFactory(level=level) for level in levels]
    hints = {row.incident: row.hint for row in board(ana, NOW + timedelta(minutes=15)).open}
    assert [bool(hints[incident]) for incident in later] == [True, True, False]


SHIFT, FAR = NOW + timedelta(minutes=35), NOW + timedelta(hours=2)


def make_shift(incident: Incident) -> None:
    RoleAssignmentFactory(incident=incident, kind=RoleKind.COMMANDER, shift_ends_at=SHIFT)


def make_raised(incident: Incident) -> None:
    RoleAssignmentFactory(incident=incident, kind=RoleKind.COMMANDER)
    entry = TimelineEntryFactory(incident=incident, facts={"told": []})
    StatusUpdateFactory(incident=incident, entry=entry, posted_at=NOW, next_by=FAR)
    PromiseFactory(incident=incident, kind=PromiseKind.STATUS_UPDATE, due_at=NOW + timedelta(minutes=30))


def make_monitored(incident: Incident) -> None:
    RoleAssignmentFactory(incident=incident, kind=RoleKind.COMMANDER)
    Incident.objects.filter(pk=incident.pk).update(status=IncidentStatus.MONITORING)


def make_over_for_the_public(incident: Incident) -> None:
    told = {"public_state": IncidentStatus.RESOLVED, "public_told_at": NOW}
    Incident.objects.filter(pk=incident.pk).update(**told)
    RoleAssignmentFactory(incident=incident, kind=RoleKind.COMMANDER)


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (make_shift, "shift_ends"),
        (make_raised, "promised_too_late"),
        (make_monitored, "monitoring_what"),
        (make_over_for_the_public, "public_says_over"),
    ],
)
def test_the_board_hints_at_whatever_the_room_hints_at_in_the_same_words(ana, make, key):
    level = LevelFactory(rank=1)
    RoleDefinitionFactory(version=level.version, slug="commander", kind=RoleKind.COMMANDER)
    DutyFactory(level=level, kind=PromiseKind.STATUS_UPDATE, within="30 min")
    incident = IncidentFactory(level=level, what_happens="blocks rise")
    make(incident)
    now = NOW + timedelta(minutes=20)

    [row] = board(ana, now).open
    shown = first_hint(room(incident.reference, ana, now))

    assert shown is not None
    assert (shown.key, row.hint) == (key, shown)


def test_a_mitigation_says_what_stopped_it_on_the_board_too(ana):
    incident = IncidentFactory(what_happens="blocks rise")
    make_monitored(incident)
    MitigationFactory(incident=incident)

    [row] = board(ana, NOW + timedelta(minutes=20)).open
    assert row.hint is None


def board_html(client: Client, *, minutes: int) -> str:
    with travel(NOW + timedelta(minutes=minutes), tick=False):
        return client.get(reverse("incidents:board")).content.decode()


def test_nobody_is_late_with_a_watch(ana, signed_in):
    incident = IncidentFactory(status=IncidentStatus.MONITORING)
    PromiseFactory(incident=incident, kind=PromiseKind.WATCH, due_at=NOW - timedelta(minutes=1))

    assert board(ana, NOW).open[0].tone == ""
    assert "overdue" not in signed_in.get(reverse("incidents:board")).content.decode()


def test_a_chain_that_nobody_answered_is_red_on_the_board(signed_in):
    incident = IncidentFactory()
    PageFactory(subject_key=incident.subject_key, group="platform", status=PageStatus.EXHAUSTED)

    assert "Nobody answers: platform" in signed_in.get(reverse("incidents:board")).content.decode()


def test_a_level_without_commander_misses_none(signed_in):
    IncidentFactory(level=LevelFactory(commander_rule=CommanderRule.NOBODY))

    content = signed_in.get(reverse("incidents:board")).content.decode()

    assert ("None at this level" in content, "Nobody yet" in content) == (True, False)


def test_after_the_fire_the_most_urgent_comes_first_with_its_owner(ana):
    incident = IncidentFactory(closed=True)
    commander = RoleAssignmentFactory(incident=incident, ended_at=NOW).user
    postmortem = PromiseFactory(
        incident=incident, kind=PromiseKind.POSTMORTEM, owed_by="commander", due_at=NOW + timedelta(hours=9)
    )
    action = PromiseFactory(incident=incident, kind=PromiseKind.ACTION_ITEM, owner=ana, due_at=NOW - timedelta(days=2))
    PromiseFactory(kind=PromiseKind.POSTMORTEM)  # its incident still burns

    rows = board(ana, NOW).owed

    assert [(row.promise, row.owner, row.tone) for row in rows] == [
        (action, ana, "late"),
        (postmortem, commander, "soon"),
    ]


def test_what_is_private_stays_so_in_every_panel_and_in_the_list(signed_in, ana):
    liv = UserFactory(handle="liv")
    secret = IncidentFactory(private_to=[liv], summary="Breach of the vault")
    over = IncidentFactory(private_to=[liv], summary="Leaked keys", resolved=True)
    PromiseFactory(incident=over, kind=PromiseKind.POSTMORTEM)
    PageFactory(subject_key=secret.subject_key, audience=secret.audience, group="vault keepers")

    for address in (reverse("incidents:board"), reverse("incidents:incident-list"), "/incidents/?q=vault"):
        content = signed_in.get(address).content.decode()
        for leak in (secret.reference, "Breach of", over.reference, "Leaked", "vault keepers"):
            assert leak not in content

    assert [row.incident for row in board(liv, NOW).open] == [secret, over]
    assert [row.promise.incident for row in board(liv, NOW).owed] == [over]


def test_the_board_takes_the_same_number_of_queries_for_one_and_for_three(
    ana, signed_in, django_assert_num_queries: DjangoAssertNumQueries
):
    def burn():
        incident = IncidentFactory()
        RoleAssignmentFactory(incident=incident)
        PromiseFactory(incident=incident)
        over = IncidentFactory(closed=True)
        PromiseFactory(incident=over, kind=PromiseKind.POSTMORTEM)
        PageAttemptFactory(page=PageFactory(subject_key=incident.subject_key), user=ana)
        OverrideFactory(schedule=RotationFactory(people=[ana]).schedule, user=ana)
        board(ana, NOW)  # which reads their policies

    burn()
    with django_assert_num_queries(12):
        board(ana, NOW)
    burn()
    burn()
    with django_assert_num_queries(12):
        board(ana, NOW)


def test_who_is_on_call_stands_there_and_an_empty_rotation_is_said(signed_in, ana):
    RotationFactory(people=[ana], schedule=ScheduleFactory(name="Platform"))
    ScheduleFactory(name="Weekend")

    content = signed_in.get(reverse("incidents:board")).content.decode()

    assert [name in content for name in ("Platform", "@ana", "Weekend", "nobody</span>")] == [True] * 4


def test_a_page_that_rings_me_is_said_until_i_have_answered(signed_in, ana):
    page = PageAttemptFactory(user=ana, page=PageFactory(group="platform")).page
    PageAttemptFactory(page=PageFactory(group="founders"))
    PageAttemptFactory(user=ana, page=PageFactory(stopped=True))

    assert pages_that_ring(ana) == [page]
    content = signed_in.get(reverse("incidents:board")).content.decode()
    assert ("You are being rung: platform" in content, "founders" in content) == (True, False)

    PageAnswerFactory(page=page, user=ana)
    assert pages_that_ring(ana) == []


def test_htmx_receives_the_board_alone(signed_in):
    content = signed_in.get(reverse("incidents:board"), headers={"HX-Request": "true"}).content.decode()

    assert ("<html" in content, 'id="board"' in content) == (False, True)


def test_the_list_finds_every_word_in_summary_reference_and_service(ana):
    spike = IncidentFactory(summary="Pipeline blocks spiking", service=ServiceFactory(name="Policy pipeline"))
    IncidentFactory(summary="Checkout is slow")

    def found(words: str) -> list[object]:
        return list(search_incidents(ana, words=words, before=None, size=50))

    assert found("spiking BLOCKS") == [spike]
    assert found(spike.reference.lower()) == [spike]
    assert found("policy spiking") == [spike]
    assert found("spiking checkout") == []
    assert found("100%") == []


@pytest.mark.parametrize(("zone", "is_other"), [("UTC", False), ("Europe/Lisbon", True)])
def test_the_foot_names_the_zone_without_scripts_only_where_it_is_another(client, settings, zone, is_other):
    settings.TIME_ZONE = "UTC"
    client.force_login(UserFactory(time_zone=zone))

    assert ("but without JavaScript UTC" in client.get("/").content.decode()) is is_other


def test_the_line_that_was_found_is_shown_without_its_marks(signed_in, ana):
    incident = IncidentFactory()
    add_entry(incident, by=Actor(ana), now=NOW, text="**Told** the public: `503 < 500`")

    page = signed_in.get(reverse("incidents:incident-list"), {"q": "told"}).content.decode()

    assert "Told the public: 503 &lt; 500" in page


def test_the_list_goes_on_where_its_page_ended(signed_in):
    incidents = IncidentFactory.create_batch(52)

    first = signed_in.get(reverse("incidents:incident-list"))
    newest = sorted(incidents, key=lambda incident: -incident.number)
    assert [row for row, _ in first.context["incidents"]] == newest[:50]
    older = signed_in.get(reverse("incidents:incident-list"), {"before": first.context["older"]})
    assert [row for row, _ in older.context["incidents"]] == newest[50:]
    assert older.context["older"] is None


@pytest.mark.parametrize("query", ["before=x", "before=99999999999999999999", "q=%00", "q=%25_", "before=-1"])
def test_nonsense_in_the_address_of_the_list_is_no_error(signed_in, query):
    IncidentFactory(closed=True, closed_as=ClosedAs.NOT_AN_INCIDENT)

    assert signed_in.get(f"/incidents/?{query}").status_code == 200


@pytest.mark.parametrize("name", ["board", "incident-list", "incident-declare", "engine-face"])
def test_a_stranger_is_led_to_the_sign_in_and_back(client, name):
    address = reverse(f"incidents:{name}")

    answer = client.get(address)

    assert (answer.status_code, answer["Location"]) == (302, f"{reverse('account_login')}?next={address}")
