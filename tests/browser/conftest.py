"""Real Chromium against a real server of this process, with people signed in."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect, sync_playwright

from accounts.models import User
from config.asgi import application
from tests.browser.server import MusterServer

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}
SCREENSHOTS = Path(__file__).resolve().parent.parent.parent / "docs" / "screenshots"

# What Chromium and htmx write about an answer that was a refusal, or never came: the page's own matter to tell.
REFUSED_OR_CUT = (
    "Failed to load resource",
    "Response Status Error Code 4",
    "htmx:sendError",
    "htmx:sendAbort",
    "htmx:afterRequest",
)

# An event is awaited, however busy the machine; how fast it comes belongs to `make bench`.
expect.set_options(timeout=20_000)

Open = Callable[..., Page]
Picture = Callable[[Page, str], None]


class Clock:
    """Python's clock and that of every open browser, moved together; between two moves both run."""

    def __init__(self, traveller: time_machine.Traveller, now: datetime) -> None:
        self._traveller = traveller
        self.contexts: list[BrowserContext] = []
        self.began_at = now

    def move(self, **span: float) -> None:
        """Forward by `span`, as in `move(minutes=5)`; timers that are due by then ring once."""
        self._traveller.shift(timedelta(**span))
        for context in self.contexts:
            context.clock.fast_forward(int(timedelta(**span).total_seconds() * 1000))


@pytest.fixture(scope="module")
def browser(browser_type_launch_args: dict[str, object]) -> Iterator[Browser]:
    """One Chromium for one file of tests.

    Playwright's loop counts as running in the thread of the tests until it is stopped: longer than for one file, and
    the tests of other files could start no loop of their own. Nothing in a browser test is async, so that the
    database may be used.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**browser_type_launch_args)
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def live_server(django_db_setup: None) -> Iterator[MusterServer]:
    """Muster as `make run` serves it, pages and streams at one address; a test that uses it gets real commits."""
    server = MusterServer(application)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def clock(now: datetime) -> Iterator[Clock]:
    """The story's clock, from `now` on. Ask for it before anything is opened or made."""
    with time_machine.travel(now, tick=True) as traveller:
        yield Clock(traveller, now)


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What no page may do: errors in a script, in the console, against the security policy, answers of 500 and more.

    A test fails on whatever stands in it at its end; one that provokes a complaint asserts it and clears the list.
    """
    heard: list[str] = []
    yield heard
    assert heard == []


@pytest.fixture
def open_page(
    request: pytest.FixtureRequest, browser: Browser, live_server: MusterServer, complaints: list[str]
) -> Iterator[Open]:
    """`open_page("/", user, viewport=PHONE)`: a browser of their own for `user`, or for nobody, at an address.

    Every option of Playwright's `new_context` may follow: `java_script_enabled=False`, `color_scheme="dark"`.
    """
    contexts: list[BrowserContext] = []
    clock: Clock | None = request.getfixturevalue("clock") if "clock" in request.fixturenames else None

    def open_it(address: str, user: User | None = None, **options: object) -> Page:
        options = {"viewport": DESK, "locale": "en-GB", "reduced_motion": "reduce", **options}
        context = browser.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        if clock is not None and options.get("java_script_enabled", True):
            context.clock.install(time=datetime.now(tz=clock.began_at.tzinfo))
            clock.contexts.append(context)
        if user:
            sign_in(context, user, live_server.url)
        context.on("page", lambda page: listen(page, complaints))
        page = context.new_page()
        page.goto(address)
        return page

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "MUSTER_URL", live_server.url)
        yield open_it
        for context in contexts:
            context.close()
        assert live_server.wait_until_idle()
        raised, live_server.answering.raised = live_server.answering.raised, []
        assert raised == []


def listen(page: Page, complaints: list[str]) -> None:
    """Write down what `page` complains of. That an answer was a refusal is the test's own matter, a 500 is not."""

    def console(said: ConsoleMessage) -> None:
        if said.type == "error" and not said.text.startswith(REFUSED_OR_CUT):
            complaints.append(said.text)

    def answered(response: Response) -> None:
        if response.status >= 500:
            complaints.append(f"{response.status} from {response.url}")

    page.on("console", console)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", answered)


WAIT_FOR_WORD = """([button, word]) => ({
  said: new Promise((done) => new MutationObserver(() => {
    if (document.querySelector(button)?.textContent === word) done(true);
  }).observe(document.body, { childList: true, subtree: true })),
})"""


def press_and_hear(page: Page, button: str, word: str) -> None:
    """Press, and await that `button` says `word`, however soon it says something else again."""
    heard = page.evaluate_handle(WAIT_FOR_WORD, [button, word])
    page.locator(button).click()
    assert heard.evaluate("(heard) => heard.said")


def sign_in(context: BrowserContext, user: User, url: str) -> None:
    """Give the browser a session of `user`, without the form."""
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": url}])


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Picture:
    """`picture(page, "board-desk-light")` writes docs/screenshots/board-desk-light.png when asked: --screenshots."""
    wanted = request.config.getoption("--screenshots")

    def take(page: Page, name: str) -> None:
        if wanted:
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SCREENSHOTS / f"{name}.png")

    return take
