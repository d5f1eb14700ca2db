"""The ground of the browser tests: pages and streams at one address, and every complaint of a page is heard."""

from datetime import UTC, timedelta

import httpx
import pytest
from playwright.sync_api import expect

from incidents.actions.timeline import add_entry
from tests.browser.conftest import Open
from tests.browser.look import faults_in_every_look, faults_of, focus_of, sideways
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.incidents import IncidentFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_page_and_a_stream_have_one_address(live_server):
    assert httpx.get(f"{live_server.url}/healthz").text == "ok\n"
    with httpx.stream("GET", f"{live_server.url}/incidents/INC-1/stream", timeout=10) as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        assert next(answer.iter_lines()) == "event: gone"


def test_an_open_stream_hears_what_is_written_in_this_process(open_page: Open, now):
    incident, by = IncidentFactory(), ActorFactory()
    page = open_page(f"/incidents/{incident.reference}/", by.user)
    page.wait_for_function("document.readyState === 'complete'")

    add_entry(incident, by=by, now=now, text="Seen without reloading")

    expect(page.get_by_text("Seen without reloading")).to_be_visible(timeout=15_000)


def test_whatever_a_page_complains_of_is_heard(open_page: Open, complaints, live_server):
    page = open_page("/account/login/")
    with page.expect_event("console"):
        page.evaluate("console.error('a broken promise')")
    with page.expect_event("pageerror"):
        page.evaluate("setTimeout(() => { throw new Error('a broken script') })")
    with page.expect_event("console"):
        page.evaluate("document.body.append(Object.assign(document.createElement('script'), {textContent: '1'}))")

    heard, complaints[:] = list(complaints), []
    assert [heard[0], heard[1]] == ["a broken promise", "a broken script"]
    assert "Content Security Policy" in heard[2]


def test_the_clocks_of_python_and_of_the_browser_move_together(clock, open_page: Open, now):
    page = open_page("/account/login/", UserFactory())
    read = "Date.now() / 1000"

    assert abs(page.evaluate(read) - now.timestamp()) < 30
    clock.move(hours=2)
    assert abs(page.evaluate(read) - (now + timedelta(hours=2)).timestamp()) < 30
    assert now.tzinfo == UTC


def test_what_a_page_lacks_is_seen(open_page: Open):
    page = open_page("/account/login/")
    page.evaluate("""() => { document.body.innerHTML = "<main><input><p style='width: 3000px'>x</p>"
        + "<button style='outline: none; box-shadow: none; border: 0'>x</button></main>" }""")
    page.get_by_role("button").focus()

    assert [rule for rule, _ in faults_of(page)] == ["label"]
    assert sideways(page) > 1500
    assert (focus_of(page).on, focus_of(page).is_seen) == ("button x", False)


def test_a_colour_that_fails_in_one_look_alone_is_seen(open_page: Open):
    page = open_page("/account/login/")
    page.evaluate(
        """() => {
          const sheet = new CSSStyleSheet(), theme = "prefers-color-scheme";
          sheet.replaceSync(`body > * { display: none } #looks { display: block; color: #000; background: #fff }
            .phone { display: none } a { text-decoration: underline; color: #0000ee }
            @media (min-width: 50rem) and (${theme}: light) { #a { color: #ddd } }
            @media (max-width: 50rem) { .phone { display: block } a { text-decoration: none; color: #222 } }
            @media (max-width: 50rem) and (${theme}: light) { #b { color: #ddd } }
            @media (max-width: 50rem) and (${theme}: dark) { #c { color: #ddd } }
            @media (min-width: 50rem) and (${theme}: dark) { #d span { background: #111 } }`);
          document.adoptedStyleSheets = [sheet];
          document.body.innerHTML = `<main id="looks"><h1>x</h1><p id="a">desk</p><p id="b" class="phone">phone</p>
            <p id="c">phone</p><p id="d">d <span>desk</span></p><p>words and <a href="/">a link</a></p></main>`;
        }"""
    )

    assert sorted((look, rule, html[:9]) for look, rule, html in faults_in_every_look(page)) == [
        ("1440 dark", "color-contrast", "<span>des"),
        ("1440 light", "color-contrast", '<p id="a"'),
        ("360 dark", "color-contrast", '<p id="c"'),
        ("360 dark", "link-in-text-block", '<a href="'),
        ("360 light", "color-contrast", '<p id="b"'),
        ("360 light", "link-in-text-block", '<a href="'),
    ]
