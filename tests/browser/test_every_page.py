"""Every page, at a desk and on a phone, in light and in dark: nothing that axe calls wrong, no sideways scroll, a
keyboard that gets everywhere and is seen where it is."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page

from incidents.views.panels import OFFERS
from tests.browser.conftest import DESK, PHONE, Clock, Open
from tests.browser.look import faults_of, focus_of, sideways
from tests.factories.comms import make_engine
from tests.house.world import World, doors, make_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
LOOKS: list[tuple[dict[str, int], Any]] = [(DESK, "light"), (DESK, "dark"), (PHONE, "dark"), (PHONE, "light")]
FOR_NOBODY = ("/account/login/", "/account/password/reset/")
MOST_TABS = 20
# Some pages open with the focus in their field; whoever comes to the top begins with the body.
FROM_THE_TOP = "document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')"
NOT_FOUND = "/incidents/INC-19700101-0001/"


@pytest.fixture
def world(clock: Clock) -> World:
    """The organisation of the access tests, on the story's clock, with an engine that has just ticked."""
    made = make_world()
    clock.move(minutes=5)
    make_engine(clock.began_at)
    return made


def pages(world: World, app: str) -> Iterator[str]:
    """The addresses of `app` that answer with a whole page to somebody who was rung; for incidents each open panel."""
    client = Client()
    client.force_login(world.open.rung, backend="django.contrib.auth.backends.ModelBackend")
    for door in doors():
        address = door.path(world.open)
        if door.name.startswith(f"{app}:") and not address.endswith("/stream"):
            answer = client.get(address)
            if answer.status_code == 200 and b"</html>" in answer.content:
                yield address
    if app == "incidents":
        yield from (f"{world.open.incident.get_absolute_url()}?panel={key}" for key in OFFERS)
        yield NOT_FOUND


def wrong_with(page: Page, address: str) -> list[tuple[Any, ...]]:
    """What is wrong with the page at `address`, in each of the looks."""
    found: list[tuple[Any, ...]] = []
    page.goto(address)
    for size, theme in LOOKS:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=theme)
        look = f"{size['width']} {theme}"
        found += [(address, look, *fault) for fault in faults_of(page)]
        found += [(address, look, f"{sideways(page)} px too wide")] if sideways(page) else []
    return found


@pytest.mark.parametrize("app", ["incidents", "escalation", "postmortems", "comms", "accounts"])
def test_no_page_shuts_anybody_out(world: World, open_page: Open, app: str):
    page = open_page("/", world.open.rung)
    seen = list(pages(world, app))

    assert [fault for address in seen for fault in wrong_with(page, address)] == []
    assert seen != []


def test_no_page_of_the_sign_in_shuts_anybody_out(open_page: Open, transactional_db: None):
    page = open_page("/account/login/")

    assert [fault for address in FOR_NOBODY for fault in wrong_with(page, address)] == []


def test_the_signed_link_shuts_nobody_out(world: World, open_page: Open):
    names = ("escalation:answer-link", "incidents:incident-answered")
    links = [door.path(world.open) for door in doors() if door.name in names]
    page = open_page(links[0])

    assert [fault for link in links for fault in wrong_with(page, link)] == []
    assert len(links) == 2


@pytest.mark.parametrize("app", ["incidents", "escalation", "postmortems", "comms", "accounts"])
def test_the_keyboard_begins_with_the_skip_link_and_is_seen_where_it_is(world: World, open_page: Open, app: str):
    page = open_page("/", world.open.rung)
    unseen: list[tuple[str, str]] = []
    for address in pages(world, app):
        page.goto(address)
        page.evaluate(FROM_THE_TOP)
        page.keyboard.press("Tab")
        if "Skip to the content" not in focus_of(page).on:
            unseen.append((address, f"Tab leads first to: {focus_of(page).on}"))
        for _ in range(MOST_TABS):
            focus = focus_of(page)
            if focus.on.startswith("body"):
                break  # past the last one
            if not focus.is_seen:
                unseen.append((address, f"focus is not seen on: {focus.on}"))
            page.keyboard.press("Tab")
    assert unseen == []


def test_the_skip_link_leads_to_the_content(world: World, open_page: Open):
    page = open_page("/", world.open.rung)

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"
