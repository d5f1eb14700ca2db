"""The calendar of a schedule in real Chromium: drawn on a desk, in words on a phone, by keyboard everywhere."""

import pytest
from playwright.sync_api import Page, expect

from escalation.models import Schedule
from tests.browser.conftest import PHONE, Clock, Open
from tests.browser.look import focus_of, small_targets
from tests.factories.accounts import UserFactory
from tests.factories.comms import EngineTickFactory
from tests.factories.escalation import OverrideFactory, make_schedule

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def schedule(clock: Clock) -> Schedule:
    """Ana and Ben by weeks, Eva covering around now, in Berlin."""
    EngineTickFactory(sweep="escalation.advance_due_pages", ticked_at=clock.began_at)
    schedule = make_schedule(UserFactory(name="Ana"), UserFactory(name="Ben"), slug="primary")
    OverrideFactory(schedule=schedule, user=UserFactory(name="Eva"))
    return schedule


def berlin(open_page: Open, address: str, **options: object) -> Page:
    return open_page(address, UserFactory(time_zone="Europe/Berlin"), **options)


def test_every_shift_is_a_link_that_says_all_of_it(schedule: Schedule, open_page: Open):
    page = berlin(open_page, "/on-call/primary/?view=week")

    drawing = page.get_by_role("table", name="Mon 13 Apr to Sun 19 Apr")

    words = [link.get_attribute("href") for link in drawing.get_by_role("link", name="Eva").all()]
    expect(drawing.get_by_role("row", name="On call").get_by_role("link")).to_have_count(4)
    expect(
        drawing.get_by_role(
            "link", name="Eva: Sat 18 Apr 13:23 CEST to Sat 18 Apr 15:23 CEST, Weekly, override: Eva covers"
        )
    ).to_have_count(1)
    assert words == ["#day-2026-04-18", "#day-2026-04-18"]


def test_the_keyboard_goes_from_shift_to_shift_and_to_the_words(schedule: Schedule, open_page: Open):
    page = berlin(open_page, "/on-call/primary/?view=week")

    page.get_by_role("link", name="Skip the drawing").focus()
    page.keyboard.press("Tab")
    assert focus_of(page).is_seen
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.url.endswith("#day-2026-04-13")
    expect(page.locator("#day-2026-04-13")).to_be_in_viewport()


def test_a_phone_has_the_days_in_words_and_no_squeezed_drawing(schedule: Schedule, open_page: Open):
    page = berlin(open_page, "/on-call/primary/", viewport=PHONE)

    expect(page.locator(".mu-cal").get_by_role("table")).to_have_count(0)
    today = page.locator("li[aria-current=date]")
    expect(today).to_contain_text("Eva")
    expect(today).to_contain_text("13:23 CEST to 15:23 CEST")
    assert small_targets(page) == []


def test_the_calendar_turns_without_a_script(schedule: Schedule, open_page: Open):
    page = berlin(open_page, "/on-call/primary/", java_script_enabled=False)

    page.get_by_role("link", name="Month").click()
    page.get_by_role("link", name="Next ›").click()

    expect(page.get_by_role("heading", name="May 2026")).to_be_visible()
    expect(page.locator(".mu-cal").get_by_role("table")).to_have_count(5)
