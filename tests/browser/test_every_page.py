"""Every page, at a desk and on a phone, in light and in dark: nothing that axe calls wrong, no sideways scroll, a
keyboard that gets everywhere and is seen where it is."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Page

from incidents.enums import IncidentStatus, PromiseKind
from incidents.views.panels import OFFERS
from tests.browser.conftest import Clock, Open
from tests.browser.look import faults_in_every_look, focus_of
from tests.factories.accounts import UserFactory
from tests.factories.comms import make_engine
from tests.factories.escalation import RotationFactory
from tests.factories.incidents import IncidentFactory, PromiseFactory, level_of
from tests.factories.working import DecisionFactory, HypothesisFactory, MitigationFactory, TaskFactory
from tests.house.addresses import doors
from tests.house.world import World, make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
FOR_NOBODY = ("/account/login/", "/account/password/reset/")
OF_ALLAUTH = ("/account/logout/",)
MOST_TABS = 20
# Some pages open with the focus in their field; whoever comes to the top begins with the body.
FROM_THE_TOP = "document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')"
NOT_FOUND = "/incidents/INC-19700101-0001/"


@pytest.fixture
def world(clock: Clock) -> World:
    """The organisation of the access tests, on the story's clock, with an engine that has just ticked.

    The board has a line of every kind: beside the fires one that is watched, and one that is over and still owes.
    The room is past its tenth minute, when every role asks to be taken, and has work of every kind under way.
    """
    made = make_world()
    ladder, day = made.open.incident.level.version, timedelta(days=1)
    watched = IncidentFactory(level=level_of(ladder, "SEV3"), status=IncidentStatus.MONITORING)
    PromiseFactory(incident=watched, kind=PromiseKind.WATCH, due_at=clock.began_at + timedelta(minutes=19))
    over = IncidentFactory(level=level_of(ladder, "SEV1"), closed=True)
    PromiseFactory(incident=over, kind=PromiseKind.POSTMORTEM, due_at=clock.began_at - day, owner=made.open.rung)
    RotationFactory(people=[made.open.rung])
    for make in (TaskFactory, HypothesisFactory, DecisionFactory, MitigationFactory):
        make(incident=made.open.incident)
    clock.move(minutes=11)
    make_engine(clock.began_at)
    return made


def pages(world: World, app: str) -> Iterator[str]:
    """The addresses of `app` that answer with a whole page to somebody who was rung; for incidents each open panel."""
    client = Client()
    client.force_login(world.open.rung)
    for door in doors():
        address = door.path(world.open)
        if door.name.startswith(f"{app}:") and not address.endswith("/stream"):
            answer = client.get(address)
            if answer.status_code == 200 and b"</html>" in answer.content:
                yield address
    if app == "incidents":
        yield from (f"{world.open.incident.get_absolute_url()}?panel={key}" for key in OFFERS)
        yield NOT_FOUND
    if app == "accounts":
        yield from OF_ALLAUTH


def unseen_focus(page: Page) -> list[tuple[str, ...]]:
    """Where the keyboard is not seen on its way through `page`, and where it does not begin with the skip link."""
    found: list[tuple[str, ...]] = []
    page.evaluate(FROM_THE_TOP)
    page.keyboard.press("Tab")
    focus = focus_of(page)
    if "Skip to the content" not in focus.on:
        found.append((f"Tab leads first to: {focus.on}",))
    for _ in range(MOST_TABS):
        if focus.on.startswith("body"):
            break  # past the last one
        if not focus.is_seen:
            found.append((f"focus is not seen on: {focus.on}",))
        page.keyboard.press("Tab")
        focus = focus_of(page)
    return found


@pytest.mark.parametrize("app", ["incidents", "escalation", "postmortems", "comms", "accounts"])
def test_no_page_shuts_anybody_out(world: World, open_page: Open, app: str):
    page = open_page("/", world.open.rung)
    seen = list(pages(world, app))
    wrong: list[tuple[str, ...]] = []
    for address in seen:
        page.goto(address)
        wrong += [(address, *fault) for fault in unseen_focus(page) + faults_in_every_look(page)]

    assert wrong == []
    assert seen != []


def test_the_doors_of_admins_shut_nobody_out(world: World, open_page: Open):
    page = open_page("/private/", world.admin)
    assert unseen_focus(page) + faults_in_every_look(page) == []
    assert page.get_by_role("heading", level=1).count() == 1


def test_no_page_for_strangers_shuts_anybody_out(world: World, open_page: Open):
    names = ("escalation:answer-link", "incidents:incident-answered")
    links = [door.path(world.open) for door in doors() if door.name in names]
    page = open_page(links[0])
    wrong: list[tuple[str, ...]] = []
    for address in (*FOR_NOBODY, *links):
        page.goto(address)
        wrong += [(address, *fault) for fault in faults_in_every_look(page)]

    assert wrong == []
    assert len(links) == 2


def test_the_skip_link_leads_to_the_content(transactional_db: None, open_page: Open):
    page = open_page("/", UserFactory())

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"
