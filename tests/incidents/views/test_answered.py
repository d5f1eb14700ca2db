"""Whoever answers by the signed link is told there what they own, without a sign-in."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.enums import Via
from accounts.models import User
from escalation.actions.page import acknowledge_page
from escalation.links import sign_answer
from escalation.models import Page
from incidents.actions.declare import declare_incident
from incidents.actions.paging import page_people
from incidents.models import Incident
from tests.factories import NOW
from tests.factories.accounts import ActorFactory, AudienceFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.incidents import TimelineEntryFactory, level_of, make_ladder

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def jens() -> User:
    return ReachableUserFactory(handle="jens")


@pytest.fixture
def incident(jens: User) -> Incident:
    """It rings jens, and rang him alone."""
    level = level_of(make_ladder(jens), "SEV2")
    return declare_incident(by=ActorFactory(), now=NOW, level=level, summary="Pipeline blocks spiking")


def address(incident: Incident, user: User, page: Page | None = None) -> str:
    """Where the hole of the link's page leads."""
    token = sign_answer(page or Page.objects.get(subject_key=incident.subject_key), user)
    return reverse("incidents:incident-answered", args=[incident.reference, token])


@time_machine.travel(LATER, tick=False)
def test_whoever_became_commander_is_told_so_where_they_answered(
    client: Client, incident: Incident, jens: User
) -> None:
    page = Page.objects.get()
    acknowledge_page(page, by=Actor(user=jens, via=Via.LINK), now=LATER)
    link = reverse("escalation:answer-link", args=[sign_answer(page, jens)])

    assert address(incident, jens) in client.get(link).content.decode()
    told = client.get(address(incident, jens)).content.decode()
    assert "You command this incident." in told
    assert "To pass it on, open the room" in told


@time_machine.travel(LATER, tick=False)
def test_before_anybody_commands_it_says_so(client: Client, incident: Incident, jens: User) -> None:
    assert "Nobody commands yet." in client.get(address(incident, jens)).content.decode()


@time_machine.travel(LATER, tick=False)
def test_htmx_receives_the_part_alone(client: Client, incident: Incident, jens: User) -> None:
    part = client.get(address(incident, jens), headers={"HX-Request": "true"}).content.decode()

    assert part.strip().startswith('<div id="answered-now">')


@time_machine.travel(LATER, tick=False)
def test_the_link_of_another_incident_or_none_tells_nothing(client: Client, incident: Incident, jens: User) -> None:
    other = declare_incident(by=ActorFactory(), now=NOW, level=incident.level, summary="Something secret")
    mine = Page.objects.get(subject_key=incident.subject_key)

    for link in (
        address(other, jens, mine),
        reverse("incidents:incident-answered", args=[other.reference, "made-up"]),
        reverse("incidents:incident-answered", args=["INC-1", sign_answer(mine, jens)]),
    ):
        answer = client.get(link)
        assert answer.status_code == 404
        assert "secret" not in answer.content.decode()


@time_machine.travel(NOW + timedelta(hours=24), tick=False)
def test_an_ended_link_tells_nothing(client: Client, incident: Incident, jens: User) -> None:
    answer = client.get(address(incident, jens))

    assert answer.status_code == 404
    assert "ended 24 hours after" in answer.content.decode()


def note_address(incident: Incident, user: User) -> str:
    """Where the note of the link's page is posted."""
    return address(incident, user) + "note"


@pytest.fixture
def viewer() -> User:
    """Somebody who may only read, and whom a page rang by hand."""
    return ReachableUserFactory(handle="vera", viewer=True)


@time_machine.travel(LATER, tick=False)
def test_the_incident_is_read_without_a_sign_in_a_window_of_it_at_a_time(
    client: Client, incident: Incident, jens: User
) -> None:
    for number in range(55):
        TimelineEntryFactory(incident=incident, text=f"entry number {number}.")
    newest = client.get(address(incident, jens)).content.decode()
    numbers = [entry.number for entry in incident.entries.order_by("happened_at", "number")]
    older = client.get(address(incident, jens), {"before": str(numbers[-50])}).content.decode()

    assert incident.headline in newest
    assert newest.count('<li id="entry-') == 50
    assert f"?before={numbers[-50]}" in newest
    assert older.count('<li id="entry-') == len(numbers) - 50
    assert client.get(address(incident, jens), {"before": "x"}).status_code == 200


@time_machine.travel(LATER, tick=False)
def test_whoever_was_rung_adds_a_note_by_the_link_once_also_as_a_viewer(
    incident: Incident, viewer: User, jens: User
) -> None:
    page = page_people(incident, by=Actor(user=jens), now=NOW, people=[viewer])
    strict = Client(enforce_csrf_checks=True)
    link = reverse("incidents:answered-note", args=[incident.reference, sign_answer(page, viewer)])
    words = {"text": "Dashboards are red", "submission_key": "0b7e3f6c-6f0c-4a55-9a39-2d9a4c1d8a11"}

    answers = [strict.post(link, words, headers={"Origin": "null"}) for _ in range(2)]

    assert {answer["Location"] for answer in answers} == {
        reverse("escalation:answer-link", args=[sign_answer(page, viewer)])
    }
    assert answers[0]["Referrer-Policy"] == "no-referrer"
    entry = incident.entries.get(kind="note")
    assert (entry.text, entry.author, entry.via) == ("Dashboards are red", viewer, Via.LINK)
    incident.refresh_from_db()
    assert incident.last_activity_at == LATER


@time_machine.travel(LATER, tick=False)
def test_a_note_that_is_refused_stays_where_it_was_written(client: Client, incident: Incident, jens: User) -> None:
    empty = client.post(note_address(incident, jens), {"text": "  "})
    long = client.post(note_address(incident, jens), {"text": "x" * 10_001})

    assert (empty.status_code, long.status_code) == (422, 422)
    assert "There is nothing written yet." in empty.content.decode()
    assert "The text has 10,001 characters and an entry holds 10,000; split it." in long.content.decode()
    assert "x" * 10_001 in long.content.decode()
    assert incident.entries.filter(kind="note").count() == 0


@time_machine.travel(LATER, tick=False)
def test_whom_a_private_incident_lets_in_no_more_reads_and_writes_nothing_by_the_link(
    client: Client, incident: Incident, jens: User
) -> None:
    Incident.objects.filter(pk=incident.pk).update(audience=AudienceFactory(members=[incident.declared_by]))

    answers = [client.get(address(incident, jens)), client.post(note_address(incident, jens), {"text": "hello"})]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "blocks" not in answers[0].content.decode()
    assert incident.entries.filter(kind="note").count() == 0


@pytest.mark.parametrize("method", ["get", "head"])
@time_machine.travel(LATER, tick=False)
def test_looking_changes_nothing_and_the_door_of_notes_cannot_be_looked_at(
    client: Client, incident: Incident, jens: User, method: str
) -> None:
    before = incident.entries.count()

    assert getattr(client, method)(address(incident, jens)).status_code == 200
    assert getattr(client, method)(note_address(incident, jens)).status_code == 405
    assert incident.entries.count() == before


@time_machine.travel(NOW + timedelta(hours=24), tick=False)
def test_an_ended_link_writes_nothing(client: Client, incident: Incident, jens: User) -> None:
    assert client.post(note_address(incident, jens), {"text": "hello"}).status_code == 404
    assert incident.entries.filter(kind="note").count() == 0


@time_machine.travel(LATER, tick=False)
def test_a_closed_incident_takes_no_note_by_the_link(client: Client, incident: Incident, jens: User) -> None:
    Incident.objects.filter(pk=incident.pk).update(
        status="closed", closed_at=NOW, closed_as="not_an_incident", resolved_at=None
    )

    answer = client.post(note_address(incident, jens), {"text": "hello"})

    assert answer.status_code == 422
    assert incident.entries.filter(kind="note").count() == 0


@time_machine.travel(LATER, tick=False)
def test_the_door_only_reads(client: Client, incident: Incident, jens: User) -> None:
    assert client.post(address(incident, jens)).status_code == 405
