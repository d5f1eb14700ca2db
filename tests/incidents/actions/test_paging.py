"""What becomes of a page enters the record of its incident."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.actor import MUSTER, Actor
from accounts.enums import Via
from accounts.models import User
from comms.models import Message
from core.moments import show_clock
from escalation.actions.page import acknowledge_page, advance_due_pages, start_page, stop_pages
from escalation.enums import PageStatus
from escalation.models import Page, SignOfLife
from incidents.actions.declare import declare_incident
from incidents.actions.handover import accept_handover, offer_handover
from incidents.actions.paging import page_people
from incidents.actions.role import assign_role
from incidents.actions.timeline import add_entry
from incidents.actions.vacancy import leave_role
from incidents.models import Incident, LadderVersion, Promise
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import MaintenanceWindowFactory, ServiceFactory, make_policy
from tests.factories.incidents import LevelFactory, LevelPageFactory, level_of, make_ladder

MINUTE = timedelta(minutes=1)


def page_about(incident: Incident, *people: User, now: datetime, **how: Any) -> Any:
    """A page of a policy of `people` about `incident`."""
    return start_page(
        by=MUSTER,
        now=now,
        group="search",
        policy=make_policy(*people),
        subject_key=incident.subject_key,
        subject=incident.headline,
        link=incident.get_absolute_url(),
        level_name=incident.level.name,
        level_rank=incident.level.rank,
        **how,
    )


def test_a_page_held_by_maintenance_is_in_the_record_and_in_the_room(
    incident: Incident, now: datetime, client: Client
) -> None:
    until = now + 20 * MINUTE
    nora = ReachableUserFactory(handle="nora")

    search = ServiceFactory(name="Search")
    MaintenanceWindowFactory(services=[search], starts_at=now, ends_at=until)

    page_about(incident, nora, now=now, by_machine=True, service=search)

    entry = incident.entries.latest("number")
    assert (entry.kind, entry.text) == (
        "page",
        f"search is held by maintenance of Search until {show_clock(until)}; then it is rung",
    )
    client.force_login(nora)
    room = " ".join(client.get(incident.get_absolute_url()).content.decode().split())
    assert "search is held by maintenance until" in room
    assert "Acknowledge: search" not in room


@pytest.mark.django_db
def test_maintenance_holds_what_a_machine_declares_and_nothing_that_a_person_declares(now: datetime) -> None:
    nora = ReachableUserFactory(handle="nora")
    level = level_of(make_ladder(nora), "SEV2")
    search = ServiceFactory(policy=make_policy(nora))
    MaintenanceWindowFactory(services=[search], starts_at=now)

    for by in (MUSTER, Actor(user=nora, via=Via.API)):
        declare_incident(by=by, now=now, level=level, summary="Search is slow", service=search)

    assert list(Page.objects.order_by("pk").values_list("status", "by_machine")) == [
        (PageStatus.HELD, True),
        (PageStatus.RINGING, False),
    ]


def answer_promises(incident: Incident) -> list[Promise]:
    """The promises that somebody answers `search`, oldest first."""
    return list(incident.promises.filter(kind="answer", subject__contains="search").order_by("pk"))


def test_a_page_that_nobody_answers_is_a_broken_promise_until_somebody_does(
    incident: Incident, now: datetime, client: Client
) -> None:
    nora = ReachableUserFactory(handle="nora")
    page = page_about(incident, nora, now=now)
    assert answer_promises(incident) == []

    advance_due_pages(now=now + 5 * MINUTE)

    (promise,) = answer_promises(incident)
    late = now + 5 * MINUTE
    assert (promise.due_at, promise.broken_at, promise.stage, promise.kept_at) == (late, late, "broken", None)
    assert (promise.subject, promise.link) == ("Answer the page of search", page.get_absolute_url())
    client.force_login(nora)
    board = " ".join(client.get("/").content.decode().split())
    assert "Nobody answers: search" in board
    room = client.get(incident.get_absolute_url()).content.decode()
    assert room.count("Nobody has answered search") >= 1
    assert "Answer the page of search" not in room  # the page has a row of its own there

    acknowledge_page(page, by=Actor(nora, Via.WEB), now=now + 9 * MINUTE)
    (promise,) = answer_promises(incident)
    assert (promise.kept_at, promise.kept_by) == (now + 9 * MINUTE, nora)
    assert "Nobody answers: search" not in client.get("/").content.decode()


def test_a_page_that_is_stopped_is_owed_no_answer(incident: Incident, now: datetime) -> None:
    page_about(incident, ReachableUserFactory(), now=now)
    advance_due_pages(now=now + 5 * MINUTE)

    stop_pages(incident.subject_key, by=MUSTER, now=now + 6 * MINUTE, reason="resolved")

    (promise,) = answer_promises(incident)
    assert (promise.withdrawn_at, promise.withdrawn_reason) == (now + 6 * MINUTE, "resolved")


def test_a_page_that_rings_on_breaks_one_promise(incident: Incident, now: datetime) -> None:
    page_about(incident, ReachableUserFactory(handle="nora"), now=now, rings_until_answered=True)

    for minutes in (5, 10, 15, 20, 25):
        advance_due_pages(now=now + minutes * MINUTE)

    assert len(answer_promises(incident)) == 1
    texts = list(incident.entries.filter(text__contains="search").order_by("number").values_list("text", flat=True))
    assert texts[1:3] == [
        "Nobody to ring for search · last resort: the policy names none: nobody there",
        f"**Nobody has answered search.** Every step was rung. "
        f"It begins from the top at {show_clock(now + 10 * MINUTE)}, until somebody answers.",
    ]
    assert texts[3] == "Rang search: @nora (from the top again)"


def test_who_is_rung_by_hand_is_named_once(incident: Incident, ana: Actor, now: datetime) -> None:
    people = [ReachableUserFactory(handle=handle) for handle in ("nora", "olaf")]

    page_people(incident, by=ana, now=now, people=people)

    assert incident.entries.latest("number").text == "Rang @nora, @olaf"


def test_the_level_says_whether_its_pages_ring_on_and_when_who_answered_is_asked(
    ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    how = {"rings_until_answered": True, "silent_after": "20 min"}
    level = LevelFactory(version=ladder, name="SEV9", rank=9, **how)
    LevelPageFactory(level=level)

    declare_incident(by=ana, now=now, level=level, summary="Everything is down")

    (snapshot,) = Page.objects.values_list("snapshot", flat=True)
    assert (snapshot["rings_until_answered"], snapshot["silent_seconds"]) == (True, 1200)


def test_any_act_in_the_room_is_a_sign_of_life_for_its_pages(
    incident: Incident, ana: Actor, jens: User, now: datetime
) -> None:
    page = page_about(incident, jens, now=now, silent_after=30 * MINUTE)
    acknowledge_page(page, by=Actor(jens, Via.SMS), now=now + MINUTE)
    assert SignOfLife.objects.get().at == now + MINUTE

    add_entry(incident, by=ana, now=now + 25 * MINUTE, text="The lag is going down")
    advance_due_pages(now=now + 31 * MINUTE)

    assert SignOfLife.objects.get().at == now + 25 * MINUTE
    page.refresh_from_db()
    assert (page.status, page.wake_at) == (PageStatus.ACKNOWLEDGED, now + 55 * MINUTE)


def test_the_record_says_who_was_asked_for_a_sign_of_life_and_that_it_rings_anew(
    incident: Incident, jens: User, now: datetime
) -> None:
    page = page_about(incident, jens, now=now, silent_after=30 * MINUTE)
    acknowledge_page(page, by=Actor(jens, Via.WEB), now=now)

    advance_due_pages(now=now + 30 * MINUTE)
    advance_due_pages(now=now + 45 * MINUTE)

    entries = incident.entries.filter(text__contains="search").order_by("number")
    texts = list(entries.values_list("text", flat=True))[-3:]
    assert texts == [
        "Asked @jens, who answered search, for a sign of life; "
        f"without one it rings anew at {show_clock(now + 45 * MINUTE)}",
        "**@jens answered search and nothing was heard since:** it rings again from the top",
        "Rang search: @jens (from the top again)",
    ]


def test_a_silent_page_asks_who_commands_now_and_not_who_answered_and_handed_over(
    incident: Incident, jens: User, mira: User, now: datetime
) -> None:
    page = page_about(incident, jens, now=now, silent_after=30 * MINUTE)
    acknowledge_page(page, by=Actor(jens, Via.WEB), now=now)
    assign_role(incident, by=Actor(jens), now=now, role="commander", user=jens)
    offer = offer_handover(incident, by=Actor(jens), now=now + MINUTE, role="commander", to=mira)
    accept_handover(offer, by=Actor(mira), now=now + 2 * MINUTE)

    advance_due_pages(now=now + 32 * MINUTE)

    asked = Message.objects.filter(dedup_key__startswith="nudge:")
    assert [message.user for message in asked] == [mira]
    assert incident.entries.get(facts__event="nudged").text.startswith(
        "Asked @mira, who commands since somebody else answered search, for a sign of life"
    )
    leave_role(incident, by=Actor(mira), now=now + 33 * MINUTE, role="commander", user=mira)
    assert SignOfLife.objects.get().in_charge is None
