"""The SEV2 of document 000 in real Chromium: three people, two desks and a phone; with JavaScript and without."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from comms.actions.delivery import deliver_due
from comms.enums import MessageKind
from comms.models import Message
from escalation.actions.page import advance_due_pages
from incidents.actions.promise_sweep import sweep_promises
from incidents.enums import IncidentStatus
from incidents.models import Incident
from postmortems.enums import PostmortemStatus
from postmortems.models import Postmortem
from tests.browser.conftest import PHONE, Clock, Open, Picture
from tests.browser.look import faults_of, sideways
from tests.factories.comms import make_engine
from tests.factories.policy import apply_text, preset_text
from tests.journeys.cast import Cast, assemble
from tests.journeys.sink import Sink, open_sink

pytestmark = pytest.mark.django_db(transaction=True)
SOON = 15_000  # an event is awaited so long at most; how fast it comes belongs to `make bench`
PASSWORD = "correct horse battery"


@pytest.fixture
def sink() -> Iterator[Sink]:
    """The chat, and everybody's telephone."""
    with open_sink() as opened:
        yield opened


@pytest.fixture
def cast(sink: Sink, transactional_db: None, settings: object) -> Cast:
    """Everybody in Berlin, the pager policy in force."""
    settings.TIME_ZONE = "Europe/Berlin"  # type: ignore[attr-defined]
    people = assemble(sink.url)
    apply_text(preset_text("pager"))
    people.jens.set_password(PASSWORD)
    people.jens.save()
    return people


def tick() -> None:
    """One beat of the engine, whose other parts live as well."""
    now = timezone.now()
    make_engine(now)
    advance_due_pages(now=now)
    sweep_promises(now=now)
    deliver_due(now=now)


def seen(page: Page, text: str, *, live: bool) -> None:
    """`page` shows `text`: by itself, or after the reload that a browser without JavaScript needs.

    Who has scrolled down is shown “1 new” instead, so that nothing moves under a finger: they scroll up to it.
    """
    if live:
        page.evaluate("window.scrollTo(0, 0)")
    else:
        page.reload()
    expect(page.get_by_text(text).first).to_be_visible(timeout=SOON)


def at_step(page: Page, name: str) -> None:
    """The status that `page` shows as the present one."""
    expect(page.locator(".mu-steps [aria-current=step]")).to_contain_text(name, timeout=SOON)


def declare(page: Page) -> Incident:
    """With two fields and the service."""
    page.get_by_role("link", name="Declare").first.click()
    page.get_by_label("What is wrong?").fill("Pipeline blocks spiking")
    page.locator(".mu-level", has_text="SEV2").click()
    expect(page.locator("input[name=level][value=SEV2]")).to_be_checked()
    page.get_by_label("Which service?").select_option("policy-pipeline")
    page.get_by_role("button", name="Declare and page").click()
    expect(page.get_by_role("heading", name="Pipeline blocks spiking")).to_be_visible(timeout=SOON)
    return Incident.objects.get()


def sign_in_by_form(page: Page, handle: str) -> None:
    """As a person does who was asked to."""
    page.get_by_label("Handle or email").fill(handle)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def write(page: Page, line: str) -> None:
    """One line into the composer."""
    page.locator("#composer-line").fill(line)
    page.locator("#composer").get_by_role("button", name="Post").click()


def press(page: Page, name: str) -> None:
    """A button of the band; on a phone it may stand in the bar at the bottom."""
    page.get_by_role("button", name=name, exact=False).locator("visible=true").first.click()


def open_panel(page: Page, name: str) -> None:
    """A form of the room, opened in place."""
    page.get_by_role("link", name=name, exact=False).locator("visible=true").first.click()


@pytest.mark.parametrize("live", [True, False], ids=["with-javascript", "without-javascript"])
def test_the_story_from_declaration_to_the_published_postmortem(
    clock: Clock, open_page: Open, cast: Cast, picture: Picture, live: bool
) -> None:
    how = {"java_script_enabled": live, "timezone_id": "Europe/Berlin"}
    mira = open_page("/", cast.mira, **how)
    incident = declare(mira)
    room = incident.get_absolute_url()
    tick()
    ana = open_page(room, cast.ana, **how)
    jens = open_page(room, viewport=PHONE, has_touch=True, **how)
    sign_in_by_form(jens, "jens")
    expect(jens.get_by_text("You are being rung: primary.")).to_be_visible(timeout=SOON)
    assert sideways(jens) == 0
    if live:
        picture(jens, "room-minute-0-phone")

    clock.move(seconds=48)
    jens.get_by_role("button", name="I'm on it").first.click()
    expect(jens.get_by_text("You command.")).to_be_visible(timeout=SOON)
    for watcher in (mira, ana):
        seen(watcher, "is commander, the first to answer primary", live=live)

    write(mira, "14:15 block rate spike begins (per Grafana)")
    seen(ana, "block rate spike begins (per Grafana)", live=live)
    write(ana, "identified regression in `detect_injection` (commit `abc123`)")
    seen(mira, "identified regression in", live=live)
    set_impact(mira)
    seen(ana, "chat completions return 403", live=live)

    clock.move(minutes=10)
    tick()
    open_panel(jens, "Update")
    jens.get_by_role("textbox", name="What we do").fill("Rolling out a fix to the threshold.")
    jens.locator("#update-status").select_option("identified")
    jens.get_by_role("button", name="Post the update").click()
    seen(mira, "Rolling out a fix to the threshold.", live=live)
    if live:
        for watcher in (mira, ana):
            at_step(watcher, "Identified")
        show_the_room(mira, ana, picture)
    tick()

    press(jens, "Bleeding stopped")
    seen(ana, "Bleeding stopped", live=live)
    resolve_and_close(mira, ana, clock, live=live)
    incident.refresh_from_db()
    assert incident.status == IncidentStatus.CLOSED
    assert Message.objects.filter(kind=MessageKind.THREAD, sent_at__isnull=False).count() == 1
    write_the_postmortem(mira, incident, cast, picture, live=live)


def set_impact(page: Page) -> None:
    """What it does to whom, since when."""
    open_panel(page, "set")
    page.get_by_label("What is happening").fill("Block rate on prod jumped from ~0.2 % to 18 %.")
    page.get_by_label("Customers affected").fill("~12 customers (audit trail)")
    page.get_by_label("What a user sees").fill("chat completions return 403")
    page.get_by_label("Began when?").fill("14:15")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("since 14:15").first).to_be_visible(timeout=SOON)


def show_the_room(mira: Page, ana: Page, picture: Picture) -> None:
    """Worth showing, and right for everybody."""
    tick()
    mira.reload()
    expect(mira.get_by_text("Paging engine stalled")).to_have_count(0, timeout=SOON)
    picture(mira, "room")
    ana.emulate_media(color_scheme="dark")
    ana.reload()
    picture(ana, "room-dark")
    assert faults_of(mira) == []
    assert faults_of(ana) == []
    board = ana.context.new_page()
    board.goto("/")
    board.emulate_media(color_scheme="light")
    picture(board, "board")
    board.close()


def resolve_and_close(mira: Page, ana: Page, clock: Clock, *, live: bool) -> None:
    """Resolved, watched for half an hour, closed."""
    if not live:
        mira.reload()
    open_panel(mira, "Resolve…")
    mira.get_by_role("button", name="Resolve", exact=True).click()
    at_step(mira, "Resolved")
    seen(ana, "Resolved · @mira", live=live)
    clock.move(minutes=31)
    tick()
    seen(mira, "the watch is over", live=live)
    open_panel(mira, "Close…")
    mira.get_by_role("button", name="Close", exact=True).click()
    at_step(mira, "Closed")
    seen(mira, "Closed · @mira", live=live)
    seen(ana, "This record is closed", live=False)


def write_the_postmortem(page: Page, incident: Incident, cast: Cast, picture: Picture, *, live: bool) -> None:
    """Section by section, an action, a review, published."""
    page.goto(f"/postmortems/{incident.reference}/")
    for key, body in {
        "summary": "A threshold regression blocked pipeline runs. We rolled it back.",
        "root_cause": "A commit changed the scale of scores and not the threshold.",
        "went_well": "The primary answered in 48 seconds.",
        "went_poorly": "Eight minutes passed before anybody knew.",
    }.items():
        section = page.locator(f"#section-{key}")
        section.get_by_role("link", name="Edit").click()
        page.locator(f"#section-{key} textarea").fill(body)
        page.locator(f"#section-{key}").get_by_role("button", name="Save").click()
        expect(page.locator(f"#section-{key}").get_by_text(body)).to_be_visible(timeout=SOON)
    page.get_by_text("Add an action item").click()
    page.locator("input[name=text]").fill("Alert on the block rate")
    page.get_by_label("Owner").first.select_option(label="@mira")
    page.get_by_label("Due").first.fill((timezone.now() + timedelta(days=14)).date().isoformat())
    page.get_by_role("button", name="Add").first.click()
    expect(page.get_by_text("Alert on the block rate").first).to_be_visible(timeout=SOON)
    page.evaluate("window.scrollTo(0, 0)")
    picture(page, "postmortem")
    page.get_by_role("button", name="Publish").first.click()
    expect(page.get_by_text("Published").first).to_be_visible(timeout=SOON)
    assert Postmortem.objects.get(incident=incident).status == PostmortemStatus.PUBLISHED
