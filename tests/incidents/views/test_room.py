"""The war room as its readers see it: minute 0 first, the same price at any size, closed to strangers."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actor import MUSTER, Actor
from accounts.models import User
from escalation.actions.page import acknowledge_page, start_page
from escalation.enums import PageStatus
from escalation.models import Page, PageAnswer
from incidents.actions.command import sweep_command
from incidents.actions.declare import declare_incident
from incidents.actions.paging import page_people
from incidents.actions.role import assign_role
from incidents.actions.severity import change_level
from incidents.actions.status import resolve_incident
from incidents.actions.status_update import post_status_update
from incidents.actions.timeline import add_entry
from incidents.models import Incident
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ContactPointFactory, ReachableUserFactory
from tests.factories.escalation import (
    PolicyFactory,
    PolicyStepFactory,
    ServiceFactory,
    StepTargetFactory,
    make_schedule,
)
from tests.factories.incidents import IncidentFactory, level_of, make_entries, make_ladder

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def forty_seconds_later(time_machine):
    time_machine.move_to(NOW + timedelta(seconds=40), tick=False)


@pytest.fixture
def ana() -> User:
    return UserFactory(handle="ana", time_zone="Europe/Berlin")


@pytest.fixture
def jens() -> User:
    user = UserFactory(handle="jens", time_zone="Europe/Berlin")
    ContactPointFactory(user=user)
    return user


@pytest.fixture
def incident(ana, jens) -> Incident:
    """Declared by Ana 40 seconds ago; Jens is rung, and after him whoever is on call."""
    policy = PolicyFactory(slug="primary", name="Primary")
    StepTargetFactory(step=PolicyStepFactory(policy=policy, position=0, wait_seconds=300), user=jens)
    schedule = make_schedule(ReachableUserFactory(handle="mira"), ReachableUserFactory(handle="tomas"))
    StepTargetFactory(step=PolicyStepFactory(policy=policy, position=1), on_call=schedule)
    level = level_of(make_ladder(ana), "SEV2")
    service = ServiceFactory(slug="policy-pipeline", policy=policy)
    return declare_incident(by=Actor(ana), now=NOW, level=level, summary="Pipeline blocks spiking", service=service)


def read(client: Client, user: User, incident: Incident, query: str = ""):
    client.force_login(user)
    return client.get(incident.get_absolute_url() + query)


def words(answer: HttpResponse, name: str = "") -> str:
    """What a reader sees of the page, or of its part `name`, in one line."""
    html = answer.content.decode()
    if name:
        found = re.search(
            rf'<(section|aside|div) id="{name}".*?(?=<(?:section|aside|div) id="room-|<footer|</main>)', html, re.S
        )
        assert found, f"there is no {name}"
        html = found[0]
    return unescape(" ".join(re.sub(r"<[^>]*>", " ", html).split()))


def test_at_minute_zero_the_band_says_who_is_rung_how_and_who_comes_next(client, ana, incident):
    band = words(read(client, ana, incident), "room-band")
    assert f"{incident.reference} · declared 12:23 UTC by @ana" in band
    assert "SEV2 Pipeline blocks spiking" in band
    assert "No commander yet. Ringing @jens: email due 12:23:00 UTC . @tomas next in 4:20" in band
    assert "ring @tomas now" in band
    assert "Impact unknown · set" in band
    assert "policy-pipeline · other service" in band
    assert "0:40 · began when?" in band


def test_of_several_pages_each_says_what_it_rings_for_and_who_is_rung_by_hand_is_named_once(client, ana, incident):
    page_people(incident, by=Actor(ana), now=NOW, people=[ReachableUserFactory(handle="nora")])

    room = read(client, ana, incident)

    band, people = words(room, "room-band"), words(room, "room-people")
    assert "Ringing @jens for primary: email due 12:23:00 UTC" in band
    assert "Ringing @nora: email due 12:23:00 UTC" in band
    assert "@jens primary 0:40" in people
    assert "@nora 0:40" in people


def test_the_list_of_keys_says_what_each_does(client, ana, incident):
    html = read(client, ana, incident).content.decode()
    assert dict(re.findall(r'data-key="(\w)" data-key-label="([^"]*)"', html)) == {
        "d": "Declare an incident",
        "u": "Status update",
        "p": "Page someone",
        "s": "Lower the level",
        "m": "Bleeding stopped",
        "n": "Write a note",
        "i": "Set the impact",
    }


def test_whoever_is_rung_finds_their_answer_first_and_nobody_else_does(client, ana, jens, incident):
    mine = read(client, jens, incident)
    answers = "You are being rung: primary. I'm on it a 5 min 15 min 30 min Can't @tomas is next in 4:20"
    assert words(mine, "room-answer") == answers
    html = mine.content.decode()
    assert html.index("You are being rung") < html.index("Pipeline blocks spiking</h1>")
    assert words(read(client, ana, incident), "room-answer") == ""


def test_who_is_rung_for_several_groups_answers_them_by_one_press_and_nobody_elses(client, ana, jens, incident):
    about = {"subject_key": incident.subject_key, "subject": "x", "link": "/", "level_name": "SEV2", "level_rank": 2}
    security = start_page(by=MUSTER, now=NOW, group="security", people=[jens, ReachableUserFactory()], **about)
    others = start_page(by=MUSTER, now=NOW, group="founders", people=[ReachableUserFactory()], **about)
    elsewhere = start_page(by=MUSTER, now=NOW, group="elsewhere", people=[jens], **{**about, "subject_key": "other"})

    read_by_jens = read(client, jens, incident)
    shown = read_by_jens.content.decode()
    answer = shown[shown.index('id="room-answer"') : shown.index('id="room-band"')]
    first, *_ = re.findall(r'<form method="post" action="([^"]*/acknowledge)"', answer)
    also = re.findall(r'name="also" value="([^"]*)"', answer[: answer.index("</form>")])
    client.post(first, {"also": [*also, others.ref, elsewhere.ref], "next": "/"})

    assert "You are being rung: security and primary. I'm on it" in words(read_by_jens, "room-answer")
    answered = set(PageAnswer.objects.filter(user=jens).values_list("page__group", flat=True))
    assert answered == {"primary", "security"}
    security.refresh_from_db()
    others.refresh_from_db()
    assert (security.status, others.status) == (PageStatus.ACKNOWLEDGED, PageStatus.RINGING)


def test_the_room_lists_who_is_silent_who_is_coming_and_who_is_here(client, ana, incident):
    nora, cem, bea = (ReachableUserFactory(handle=handle) for handle in ("nora", "cem", "bea"))
    began = NOW - timedelta(minutes=10)
    how = {"subject_key": incident.subject_key, "subject": "x", "link": "/", "level_name": "SEV2", "level_rank": 2}
    page = start_page(by=MUSTER, now=began, group="all", people=[nora, cem, bea], answers_needed=3, **how)
    acknowledge_page(page, by=Actor(cem), now=began, arrives_at=NOW + timedelta(minutes=4))
    acknowledge_page(page, by=Actor(bea), now=began, arrives_at=NOW - timedelta(minutes=5))

    people = words(read(client, ana, incident), "room-people")

    assert "@nora all 10:40 , no answer" in people
    assert "@cem all coming, there by 12:27 UTC" in people
    assert "@bea all here since 12:18 UTC · 0 s" in people


def test_a_page_that_was_asked_about_calls_nobody_silent_who_passed_command_on(client, ana, jens, incident):
    acknowledge_page(Page.objects.get(), by=Actor(jens), now=NOW + timedelta(seconds=20))
    Page.objects.update(nudged_at=NOW + timedelta(seconds=30), wake_at=NOW + timedelta(minutes=5))
    assert "@jens primary silent, asked at 12:23 UTC" in words(read(client, ana, incident), "room-people")

    assign_role(incident, by=Actor(ana), now=NOW + timedelta(seconds=40), role="commander", user=ana, takes_from=jens)

    assert "@jens primary on it · 0:20" in words(read(client, ana, incident), "room-people").replace("20 s", "0:20")


def test_the_room_says_that_whoever_commands_is_silent_until_they_do_something(client, ana, jens, incident):
    assign_role(incident, by=Actor(ana), now=NOW - timedelta(minutes=5), role="commander", user=jens)
    sweep_command(now=NOW)
    assert "@jens commands and is silent" in words(read(client, ana, incident), "room-owed")

    add_entry(incident, by=Actor(jens), now=NOW, text="Here")

    assert "silent" not in words(read(client, ana, incident), "room-owed")


def test_whoever_commands_is_told_so_and_how_to_pass_it_on(client, ana, jens, incident):
    acknowledge_page(Page.objects.get(), by=Actor(jens), now=NOW + timedelta(seconds=30))

    mine = read(client, jens, incident)

    assert words(mine, "room-answer") == "You command. Pass it on"
    assert (
        f'href="{incident.get_absolute_url()}?panel=handover&amp;role=commander#room-panel"' in mine.content.decode()
    )
    assert "Commander @jens · nobody is being rung" in words(mine, "room-band")
    assert "@jens primary on it · 30 s" in words(mine, "room-people")
    assert words(read(client, ana, incident), "room-answer") == ""


def test_three_things_owed_are_shown_at_once_and_the_others_unfold(client, ana, incident):
    owed = words(read(client, ana, incident), "room-owed")
    assert owed.startswith(
        "What is owed 1 more 4:20 Acknowledge: primary by 12:28 then @tomas is rung Ring @tomas now"
    )
    assert re.findall(r"(\d+:\d\d) ([A-Z]\w+)", owed) == [
        ("4:20", "Acknowledge"),
        ("14:20", "Respond"),
        ("29:20", "Status"),
    ]
    assert "1 more Nobody commands yet whoever answers first will Take command" in owed


def test_early_on_the_empty_roles_are_held_by_the_commander(client, ana, incident, time_machine):
    people = words(read(client, ana, incident), "room-people")
    assert "Commander take command others: held by the commander for now" in people
    assert "Comms" not in people

    time_machine.move_to(NOW + timedelta(minutes=10), tick=False)

    people = words(read(client, ana, incident), "room-people")
    assert "Comms take it" in people
    assert "held by the commander" not in people


def test_a_raise_can_be_taken_back_for_ten_seconds_and_says_what_it_does(client, ana, incident):
    before = words(read(client, ana, incident), "room-band")
    assert "Raise to SEV1" in before
    assert "SEV1 rings again in 10 s, updates every 15 min." in before
    sev1 = level_of(incident.level.version, "SEV1")
    change_level(incident, by=Actor(ana), now=NOW + timedelta(seconds=36), level=sev1)

    after = words(read(client, ana, incident), "room-band")

    assert "Raised to SEV1. It rings in 0:06 Take it back" in after
    assert "Raise to" not in after


def test_the_update_is_prefilled_and_names_audience_and_promise(client, ana, incident):
    page = words(read(client, ana, incident, "?panel=update"))
    assert "Pipeline blocks spiking." in page
    assert "We are looking for the cause." in page
    assert "Goes to #incidents, the timeline and the status document." in page
    assert "The next one is promised for 14:53 CEST." in page


def test_no_change_is_offered_once_something_was_said(client, ana, incident):
    assert "No change" not in words(read(client, ana, incident), "room-band")
    post_status_update(incident, by=Actor(ana), now=NOW + timedelta(seconds=30), text="We are on it.")
    assert "No change, next by 14:53 CEST" in words(read(client, ana, incident), "room-band")


def test_a_viewer_reads_and_answers_their_own_page_but_finds_no_other_button(client, jens, incident):
    User.objects.filter(pk=jens.pk).update(access="viewer")
    html = read(client, User.objects.get(pk=jens.pk), incident).content.decode()
    main = html[html.index('id="room"') :]
    assert set(re.findall(r'action="([^"]*)"', main)) == {
        f"/pages/{Page.objects.get().ref}/acknowledge",
        f"/pages/{Page.objects.get().ref}/decline",
        f"/incidents/{incident.reference}/post",
        f"/incidents/{incident.reference}/reports",
        f"/incidents/{incident.reference}/looked",
        "/awake/begin",
    }
    assert "<textarea" not in main
    assert "ask an admin for the access level Responder" in main


def test_a_stranger_to_a_private_incident_finds_nothing_at_any_of_its_addresses(client, ana):
    private = IncidentFactory(private_to=[ana], summary="Stolen laptop")
    make_entries(private, 2)
    stranger = UserFactory(admin=True)
    client.force_login(stranger)
    for tail in ("", "status.md", "timeline/?before=2", "completions?line=/", "?parts=all", "?panel=update"):
        answer = client.get(private.get_absolute_url() + tail, headers={"HX-Request": "true"})
        assert (tail, answer.status_code) == (tail, 404)
        assert b"Stolen" not in answer.content
    for tail in ("post", "status", "resolve", "page", "updates", "impact", "severity", "roles/commander/take"):
        answer = client.post(private.get_absolute_url() + tail, {"line": "seen"})
        assert (tail, answer.status_code) == (tail, 404)
    assert (private.entries.count(), read(client, ana, private).status_code) == (2, 200)


def test_a_room_of_a_thousand_entries_costs_what_one_of_ten_costs(client, ana, jens, incident):
    post_status_update(incident, by=Actor(ana), now=NOW + timedelta(seconds=30), text="We are on it.")
    make_entries(Incident.objects.get(pk=incident.pk), 10, people=[ana, jens])
    read(client, jens, incident)
    with CaptureQueriesContext(connection) as small:
        client.get(incident.get_absolute_url())
    make_entries(Incident.objects.get(pk=incident.pk), 990, people=[ana, jens])
    client.get(incident.get_absolute_url())  # what nobody has read yet is rendered once
    with CaptureQueriesContext(connection) as large:
        page = client.get(incident.get_absolute_url())
    statements = "\n".join(query["sql"][:150] for query in large)
    assert len(large) == len(small), statements
    assert len(large) <= 20, statements
    assert len(page.content) <= 80_000
    assert page.content.count(b'<li id="entry-') == 50


def test_older_entries_come_on_demand_each_once_and_in_order(client, ana, incident):
    make_entries(Incident.objects.get(pk=incident.pk), 120, people=[ana])
    newest = Incident.objects.get(pk=incident.pk).last_entry
    page = read(client, ana, incident)
    seen = re.findall(r'id="entry-(\d+)"', page.content.decode())
    while older := re.search(r'hx-get="([^"]*before=[^"]*)"', page.content.decode()):
        page = client.get(older[1].replace("&amp;", "&"), headers={"HX-Request": "true"})
        seen += re.findall(r'id="entry-(\d+)"', page.content.decode())
    assert len(seen) == len(set(seen)) == newest
    moments = dict(incident.entries.values_list("number", "happened_at"))
    assert seen == sorted(seen, key=lambda number: (moments[int(number)], int(number)), reverse=True)


def test_without_javascript_the_older_ones_are_a_page(client, ana, incident):
    make_entries(Incident.objects.get(pk=incident.pk), 60, people=[ana])
    page = read(client, ana, incident).content.decode()
    older = re.search(r'href="([^"]*before=[^"]*)#timeline-title"', page)
    assert older
    rest = client.get(older[1].replace("&amp;", "&")).content.decode()
    assert set(re.findall(r'id="entry-\d+"', page)) & set(re.findall(r'id="entry-\d+"', rest)) == set()


@pytest.mark.parametrize(
    "asked", ["?before=abc", "?before=99999999999", "?only=nonsense", "?panel=nonsense", "?before=%C2%B2"]
)
def test_a_nonsense_address_is_still_the_room(client, ana, incident, asked):
    assert read(client, ana, incident, asked).status_code == 200


def test_the_timeline_can_be_filtered(client, ana, incident):
    make_entries(Incident.objects.get(pk=incident.pk), 3, people=[ana])
    notes = read(client, ana, incident, "?only=notes").content.decode()
    pages = read(client, ana, incident, "?only=pages").content.decode()
    assert set(re.findall(r'data-shown-by="(\w+)"', notes)) == {"notes"}
    assert set(re.findall(r'data-shown-by="(\w+)"', pages)) == {"pages"}


def test_parts_are_fetched_anew_each_by_its_id_and_without_the_page(client, ana, incident):
    client.force_login(ana)
    parts = client.get(incident.get_absolute_url() + "?parts=all", headers={"HX-Request": "true"}).content.decode()
    names = ["room-answer", "room-band", "room-owed", "room-people", "room-facts", "room-pins"]
    assert re.findall(r'id="([\w-]+)" hx-swap-oob="true"', parts) == names
    assert "<html" not in parts
    assert "<textarea" not in parts


def test_once_it_is_resolved_the_clocks_stand_and_closing_is_offered(client, ana, incident, time_machine):
    resolve_incident(incident, by=Actor(ana), now=NOW + timedelta(minutes=20))
    time_machine.move_to(NOW + timedelta(minutes=25), tick=False)
    band = words(read(client, ana, incident), "room-band")
    assert "20:00 · began when?" in band
    assert "Close… c It is back…" in band
    assert "Raise" not in band
    page = client.get(incident.get_absolute_url()).content.decode()
    addresses = set(re.findall(r'href="(/postmortems/[^"#]+)"', page))
    assert [client.get(address).status_code for address in addresses] == [200]
    assert "Watched until 13:13 UTC" in words(read(client, ana, incident), "room-facts")
