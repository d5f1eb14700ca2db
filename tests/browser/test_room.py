"""The war room in real Chromium: live for everybody, nothing typed is lost, and it works without scripts."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from accounts.actor import Actor
from accounts.models import AudienceMember, User
from escalation.models import PageAnswer
from incidents.actions.attachment import add_files
from incidents.actions.declare import declare_incident
from incidents.actions.timeline import add_entry
from incidents.actions.watchers import announce_audience
from incidents.models import Incident, SeverityChange, StatusUpdate
from tests.browser.conftest import DESK, PHONE, Open, Picture, sign_in
from tests.browser.look import faults_in_every_look
from tests.factories.accounts import UserFactory
from tests.factories.checklist import PNG
from tests.factories.comms import ReachableUserFactory, make_engine
from tests.factories.escalation import make_policy
from tests.factories.incidents import IncidentFactory, level_of, make_entries, make_ladder

pytestmark = pytest.mark.django_db(transaction=True)
TOUCH = {"viewport": PHONE, "has_touch": True, "is_mobile": True}


@pytest.fixture
def people(transactional_db: None) -> dict[str, User]:
    return {name: ReachableUserFactory(handle=name, time_zone="Europe/Berlin") for name in ("ana", "jens", "tomas")}


@pytest.fixture
def incident(people: dict[str, User]) -> Incident:
    """Declared by Ana 40 seconds ago; Jens is rung, Tomas is next."""
    make_engine()
    make_policy(people["jens"], people["tomas"], slug="primary", wait_seconds=300)
    level = level_of(make_ladder(people["ana"]), "SEV2")
    now = timezone.now() - timedelta(seconds=40)
    return declare_incident(by=Actor(people["ana"]), now=now, level=level, summary="Pipeline blocks spiking")


def room(open_page: Open, incident: Incident, user: User, **options: object) -> Page:
    """The room, once it is live, marked so that a reload would be seen."""
    page = open_page(incident.get_absolute_url(), user, **options)
    page.evaluate("window.neverReloaded = true")
    if not options.get("is_mobile") and page.locator("#composer-line").count():
        expect(page.locator("#composer-line")).to_be_focused()
    return page


def notes(incident: Incident) -> list[str]:
    """What people wrote, oldest first."""
    return list(incident.entries.filter(kind="note").order_by("number").values_list("text", flat=True))


def test_one_types_and_the_other_sees_it_without_reloading(open_page, incident, people):
    ana, jens = room(open_page, incident, people["ana"]), room(open_page, incident, people["jens"])
    expect(ana.locator("#composer-line")).to_be_focused()
    ana.keyboard.type("block rate **spike** begins")
    ana.keyboard.press("Enter")
    seen = jens.locator("#timeline li", has_text="@ana block rate spike begins")
    expect(seen).to_have_count(1)
    expect(ana.locator("#timeline li", has_text="block rate spike begins")).to_have_count(1)
    expect(ana.locator("#composer-line")).to_have_value("")
    assert [page.evaluate("window.neverReloaded") for page in (ana, jens)] == [True, True]


def test_a_file_put_beside_an_older_entry_is_seen_without_reloading(open_page, incident, people):
    entry = add_entry(incident, by=Actor(people["ana"]), now=timezone.now(), text="block rate spike begins")
    jens = room(open_page, incident, people["jens"])
    older = jens.locator(f"#entry-{entry.number}")
    expect(older).to_contain_text("block rate spike begins")

    picture = SimpleUploadedFile("graph.png", PNG)
    add_files(incident, by=Actor(people["ana"]), now=timezone.now(), number=entry.number, files=[picture])

    expect(older.locator(".mu-file")).to_contain_text("graph.png")
    expect(older).to_have_count(1)
    assert jens.evaluate("window.neverReloaded")


def test_the_phone_acknowledges_and_everybody_sees_who_commands(open_page, incident, people, picture: Picture):
    ana = room(open_page, incident, people["ana"])
    phone = room(open_page, incident, people["jens"], **TOUCH)
    picture(phone, "room-minute-0-phone-light")
    for words in ("No commander yet.", "ring @tomas now"):
        expect(phone.get_by_text(words)).to_be_in_viewport(ratio=1)
    assert phone.evaluate("scrollY") == 0
    phone.get_by_role("button", name="I'm on it").first.tap()
    expect(phone.get_by_text("You command.")).to_be_visible()
    expect(ana.locator("#room-band")).to_contain_text("Commander @jens · nobody is being rung")
    expect(ana.locator("#room-people")).to_contain_text("on it")
    assert ana.evaluate("window.neverReloaded") is True


def test_a_line_cut_between_commit_and_answer_posts_once(open_page, incident, people):
    page = room(open_page, incident, people["ana"])
    cut = {"next": True}

    def carry(route: Route) -> None:
        if cut.pop("next", False):
            route.fetch()  # Muster has it, and nobody hears the answer
            route.abort()
        else:
            route.continue_()

    page.route("**/post", carry)
    page.keyboard.type("hotfix merged")
    page.keyboard.press("Enter")
    expect(page.locator("#composer-said")).to_contain_text("press again, it is posted once")
    expect(page.locator("#composer-line")).to_have_value("hotfix merged")
    page.keyboard.press("Enter")
    expect(page.locator("#composer-line")).to_have_value("")
    assert notes(incident) == ["hotfix merged"]


def test_an_expired_sign_in_keeps_the_text_and_posts_it_afterwards(open_page, incident, people):
    page = room(open_page, incident, people["ana"])
    Session.objects.all().delete()
    page.keyboard.type("hotfix merged")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Signed out.", exact=True)).to_be_visible()
    expect(page.locator("#composer-line")).to_have_value("hotfix merged")
    sign_in(page.context, people["ana"], page.url)
    page.reload()
    expect(page.locator("#composer-line")).to_have_value("hotfix merged")
    page.locator("#composer-line").press("Enter")
    expect(page.locator("#timeline li", has_text="hotfix merged")).to_have_count(1)
    assert notes(incident) == ["hotfix merged"]


def test_a_refused_line_stays_with_its_sentence(open_page, incident, people):
    page = room(open_page, incident, people["ana"])
    page.keyboard.type("/nonsense")
    page.keyboard.press("Enter")
    expect(page.locator("#composer-said")).to_contain_text("There is no command /nonsense")
    expect(page.locator("#composer-line")).to_have_value("/nonsense")


def test_new_rows_wait_while_the_reader_is_further_down(open_page, people):
    incident = IncidentFactory(declared_at=timezone.now() - timedelta(hours=2))
    make_entries(incident, 60, people=[people["ana"]])
    page = room(open_page, incident, people["jens"])
    page.locator("#timeline li[data-number]").nth(40).scroll_into_view_if_needed()
    before = page.locator("#timeline li").first.get_attribute("id")
    for text in ("first", "second", "third"):
        add_entry(incident, by=Actor(people["ana"]), now=timezone.now(), text=text)
    fresh = page.locator("#timeline-new")
    expect(fresh).to_have_text("3 new")
    assert page.locator("#timeline li").first.get_attribute("id") == before
    fresh.click()
    expect(page.locator("#timeline li").first).to_contain_text("third")
    expect(fresh).to_be_hidden()


def test_what_was_missed_while_the_line_was_cut_comes_with_the_line(open_page, incident, people):
    page = room(open_page, incident, people["jens"])
    add_entry(incident, by=Actor(people["ana"]), now=timezone.now(), text="said while you were here")
    expect(page.locator("#timeline li", has_text="said while you were here")).to_have_count(1)
    page.context.set_offline(True)
    add_entry(incident, by=Actor(people["ana"]), now=timezone.now(), text="said while you were away")
    page.context.set_offline(False)
    expect(page.locator("#timeline li", has_text="said while you were away")).to_have_count(1, timeout=15_000)


def test_a_stream_that_has_died_is_said_aloud(open_page, incident, people, clock):
    page = open_page("/incidents/", people["jens"])
    page.route("**/stream?**", lambda route: route.abort())
    page.goto(incident.get_absolute_url())
    expect(page.locator("#not-live")).to_be_hidden()
    clock.move(seconds=50)
    expect(page.locator("#not-live")).to_contain_text("clocks may lie")


def test_whoever_may_no_longer_see_it_is_told_and_cut_off(open_page, people):
    incident = IncidentFactory(private_to=[people["ana"], people["jens"]], declared_at=timezone.now())
    page = room(open_page, incident, people["jens"])
    expect(page.locator("#room-gone")).to_be_hidden()
    AudienceMember.objects.filter(user=people["jens"]).delete()
    announce_audience(incident)
    expect(page.locator("#room-gone")).to_have_text("You may no longer see this incident.")


def test_a_pasted_block_never_posts_by_itself_and_enter_is_a_line_on_a_phone(open_page, incident, people):
    desk = room(open_page, incident, people["ana"])
    paste = "(field) => field.dispatchEvent(new ClipboardEvent('paste', { bubbles: true }))"
    desk.locator("#composer-line").fill("one\ntwo\n")
    desk.locator("#composer-line").evaluate(paste)
    desk.keyboard.press("Enter")
    phone = room(open_page, incident, people["tomas"], **TOUCH)
    phone.get_by_role("link", name="Note", exact=True).tap()
    expect(phone.locator("#composer-line")).to_be_focused()
    phone.keyboard.type("three")
    phone.keyboard.press("Enter")
    phone.keyboard.type("four")
    expect(phone.locator("#composer-line")).to_have_value("three\nfour")
    assert notes(incident) == []
    phone.get_by_role("button", name="Post", exact=True).tap()
    expect(desk.locator("#timeline li", has_text="three")).to_have_count(1)
    assert notes(incident) == ["three\nfour"]


def test_commands_are_completed_by_keyboard(open_page, incident, people):
    page = room(open_page, incident, people["ana"])
    page.keyboard.type("/sta")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(page.get_by_role("option")).to_have_count(3)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#composer-line")).to_have_value("/status identified ")
    page.keyboard.press("Enter")
    expect(page.locator(".mu-steps [aria-current]")).to_have_text("Identified")


def test_escape_leaves_the_line_and_then_keys_act(open_page, incident, people):
    page = room(open_page, incident, people["ana"])
    other = room(open_page, incident, people["jens"])
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    expect(page.locator("#update-impact")).to_be_focused()
    page.get_by_role("button", name="Post the update").click()
    expect(other.locator("#timeline .status-card")).to_contain_text("Next update by")
    expect(page.locator("#room-panel")).to_be_hidden()
    expect(other.locator("#no-change")).to_be_visible()
    assert StatusUpdate.objects.count() == 1


def test_whoever_is_rung_answers_by_a_key_and_enter_and_by_no_slip_of_the_hand(open_page, incident, people):
    page = room(open_page, incident, people["jens"])
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#mu-keys")).to_contain_text("Go to the answer: I'm on it")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.locator(".mu-answer [data-key=a]")).to_be_focused()
    assert PageAnswer.objects.count() == 0
    page.keyboard.press("Enter")
    expect(page.locator(".mu-command")).to_contain_text("You command.")
    expect(page.locator(".mu-answer")).to_have_count(0)
    assert PageAnswer.objects.count() == 1


def test_the_press_of_a_long_form_is_in_sight_while_it_is_filled_in(open_page, incident, people):
    page = room(open_page, incident, people["ana"], viewport={"width": 1280, "height": 800})
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    expect(page.locator("#update-impact")).to_be_focused()
    expect(page.get_by_role("button", name="Post the update")).to_be_in_viewport(ratio=1)


def test_a_press_that_was_turned_away_says_so_where_it_was_pressed_until_one_succeeds(open_page, incident, people):
    page = room(open_page, incident, people["ana"], viewport={"width": 1280, "height": 400})
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    page.route("**/updates", lambda route: route.fulfill(status=403), times=1)
    post = page.get_by_role("button", name="Post the update")
    post.click()
    said = page.get_by_text("That was not done.")
    expect(said).to_be_in_viewport(ratio=1)
    page.evaluate("htmx.ajax('GET', location.pathname, { target: 'main', swap: 'none' })")
    expect(said).to_be_visible()
    post.click()
    expect(said).to_be_hidden()
    assert StatusUpdate.objects.count() == 1


def test_a_raise_counts_down_and_is_taken_back(open_page, incident, people):
    page, other = room(open_page, incident, people["ana"]), room(open_page, incident, people["jens"])
    page.get_by_role("button", name="Raise to SEV1").click()
    expect(other.get_by_text("Raised to SEV1.", exact=True)).to_be_visible()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("Taken back: it stays SEV2. Nobody was rung.")).to_be_visible()
    expect(other.get_by_text("Raised to SEV1.", exact=True)).to_have_count(0)
    expect(other.locator("#room-band .mu-sev")).to_have_text("SEV2")
    assert SeverityChange.objects.get().taken_back_at is not None


def test_an_open_form_is_not_touched_by_what_happens_elsewhere(open_page, incident, people):
    page = room(open_page, incident, people["ana"])
    page.keyboard.press("Escape")
    page.keyboard.press("i")
    page.locator("#impact-symptom").fill("chat completions return 403")
    add_entry(incident, by=Actor(people["jens"]), now=timezone.now(), text="rolled back", kind="mitigation")
    expect(page.locator("#timeline li", has_text="rolled back")).to_have_count(1)
    expect(page.locator("#impact-symptom")).to_have_value("chat completions return 403")
    expect(page.locator("#impact-symptom")).to_be_focused()


def test_it_all_works_without_javascript(open_page, incident, people):
    page = open_page(incident.get_absolute_url(), people["jens"], java_script_enabled=False)
    page.get_by_role("button", name="I'm on it").first.click()
    expect(page.locator("#room-band")).to_contain_text("Commander @jens")
    page.locator("#composer-line").fill("hotfix merged")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator("#timeline li", has_text="@jens hotfix merged")).to_have_count(1)
    page.locator("#composer-line").fill("/nonsense")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator("#composer-line")).to_have_value("/nonsense")
    page.locator("#open-update").click()
    page.get_by_role("button", name="Post the update").click()
    expect(page.locator("#timeline .status-card")).to_have_count(1)
    page.get_by_role("button", name="Bleeding stopped").click()
    page.locator("#open-resolve").click()
    page.locator("#room-panel").get_by_role("button", name="Resolve").click()
    expect(page.locator("#open-close")).to_be_visible()
    assert notes(incident) == ["hotfix merged"]


def test_the_room_in_its_first_minute_is_accessible_and_fits(open_page, incident, people, picture: Picture):
    """Nobody commands yet; every other state of a page, the open panels too, is tests/browser/test_every_page.py's."""
    page = open_page(incident.get_absolute_url(), people["jens"])

    assert faults_in_every_look(page) == []
    for size, name in ((DESK, "desk"), (PHONE, "phone")):
        page.set_viewport_size(size)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            picture(page, f"room-minute-0-{name}-{theme}")


def test_targets_on_a_phone_are_large_enough(open_page, incident, people):
    page = open_page(incident.get_absolute_url(), people["jens"], **TOUCH)
    small = page.evaluate(
        """() => [...document.querySelectorAll("#main :is(a, button), :is(.mu-answer, .mu-band) :is(a, button)")]
          .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 43.5)
          .map((one) => `${one.id} ${one.textContent.trim()}`)"""
    )
    assert small == []


def test_the_page_stays_as_it_is_for_a_viewer(open_page, incident, transactional_db):
    page = room(open_page, incident, UserFactory(viewer=True))
    expect(page.locator("#composer")).to_contain_text("ask an admin for the access level Responder")
    expect(page.locator("#room-band button")).to_have_count(0)
