"""The form for declaring, as somebody sees it who was woken a minute ago."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Open
from tests.factories.accounts import UserFactory
from tests.factories.comms import make_engine
from tests.factories.policy import apply_preset, level_of

pytestmark = pytest.mark.django_db(transaction=True)
LAPTOP = {"width": 1280, "height": 800}
MOST_LEVELS = "phases"


@pytest.fixture
def ladder():
    """The one that ships with the most levels, and scenarios to choose from."""
    make_engine()
    return apply_preset(MOST_LEVELS)


def seen_whole(page: Page, selector: str) -> bool:
    """Whether the element lies in the window with all its height, and nothing lies over its middle."""
    return bool(
        page.locator(selector).evaluate(
            """(e) => {
              const box = e.getBoundingClientRect(), middle = [box.x + box.width / 2, box.y + box.height / 2];
              const found = document.elementFromPoint(...middle);
              return box.top >= 0 && box.bottom <= innerHeight && (e === found || e.contains(found));
            }"""
        )
    )


def test_on_a_laptop_the_line_the_worst_level_the_service_and_the_press_are_seen_without_scrolling(
    open_page: Open, ladder
):
    page = open_page("/declare/", UserFactory(), viewport=LAPTOP)

    for seen in ("[name=summary]", ".mu-level >> nth=0", "[name=service]", "form button[type=submit]:text('Declare')"):
        assert seen_whole(page, seen), seen


def test_on_a_phone_the_press_stays_in_sight_while_the_levels_are_read(open_page: Open, ladder):
    page = open_page("/declare/", UserFactory(), viewport=PHONE)
    declares = "form button[type=submit]:text('Declare')"

    assert seen_whole(page, declares)
    page.locator(".mu-level").last.scroll_into_view_if_needed()
    assert seen_whole(page, declares)


def test_no_field_hides_behind_the_press_when_the_keyboard_reaches_it(open_page: Open, ladder):
    page = open_page("/declare/", UserFactory(), viewport=PHONE)
    page.locator("[name=summary]").focus()

    reached = []
    while page.evaluate("document.activeElement.type") != "submit":
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.id || 'who'"))
        hidden = page.evaluate(
            """() => {
              const at = document.activeElement.getBoundingClientRect();
              const press = document.querySelector(".press").getBoundingClientRect();
              return !document.activeElement.closest(".press") && at.bottom > press.top;
            }"""
        )
        assert not hidden, reached
    assert reached[:2] == ["level", "service"]


def test_the_level_of_a_scenario_is_proposed_beside_it(open_page: Open, ladder):
    runbook = next(book for book in ladder.runbooks.all() if book.level)
    page = open_page("/declare/", UserFactory(), viewport=LAPTOP)

    page.locator("[name=runbook]").select_option(runbook.slug)

    expect(page.locator(f"[name=level][value={level_of(ladder, runbook.level).name}]")).to_be_checked()
