"""The frame in real Chromium: nothing typed is lost, clocks and zones are true, keys act, all can use it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from incidents.enums import IncidentStatus, PromiseKind
from incidents.models import Incident
from tests.browser.conftest import PHONE, Open, sign_in
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.comms import make_engine
from tests.factories.escalation import PageAttemptFactory, PageFactory, RotationFactory
from tests.factories.incidents import IncidentFactory, PromiseFactory, RoleAssignmentFactory, level_of, make_ladder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def jens(transactional_db: None) -> User:
    return UserFactory(handle="jens", time_zone="Asia/Tokyo")


@pytest.fixture
def burning(jens: User) -> Incident:
    """A whole board: a fire with a promise, an old one that still owes, somebody on call, somebody rung."""
    IncidentFactory.reset_sequence(5000, force=True)  # far from the running number of what is declared in the test
    now, ladder = timezone.now(), make_ladder(jens)
    incident = IncidentFactory(level=level_of(ladder, "SEV2"), declared_at=now - timedelta(minutes=24))
    RoleAssignmentFactory(incident=incident, user=jens)
    PromiseFactory(incident=incident, due_at=now + timedelta(minutes=4))
    watched = IncidentFactory(level=level_of(ladder, "SEV3"), status=IncidentStatus.MONITORING)
    PromiseFactory(incident=watched, kind=PromiseKind.WATCH, due_at=now + timedelta(minutes=9))
    over = IncidentFactory(level=level_of(ladder, "SEV1"), closed=True)
    PromiseFactory(incident=over, kind=PromiseKind.POSTMORTEM, due_at=now - timedelta(days=1), owner=jens)
    PageAttemptFactory(page=PageFactory(subject_key=incident.subject_key), user=jens)
    RotationFactory(people=[jens])
    make_engine(now)
    return incident


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_the_theme_follows_the_system(open_page: Open, transactional_db, scripts):
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = open_page("/account/login/", color_scheme="dark", java_script_enabled=scripts)
    light = open_page("/account/login/", color_scheme="light", java_script_enabled=scripts)

    assert (dark.evaluate(ground), light.evaluate(ground)) == ("rgb(15, 19, 25)", "rgb(246, 247, 249)")


def test_on_a_phone_without_scripts_the_menu_opens_and_an_incident_is_declared(open_page: Open, burning, jens):
    page = open_page("/", jens, viewport=PHONE, java_script_enabled=False)

    page.get_by_text("Menu", exact=True).click()
    expect(page.get_by_role("navigation", name="Menu").get_by_role("link", name="Incidents")).to_be_visible()
    page.get_by_text("Menu", exact=True).click()
    page.get_by_role("link", name="Declare").first.click()
    page.get_by_label("What is wrong?").fill("Blocks spiking")
    page.get_by_label("SEV2").check()
    page.get_by_role("button", name="Declare and page").click()

    declared = Incident.objects.get(summary="Blocks spiking")
    assert page.url.endswith(declared.get_absolute_url())
    assert declared.declared_by == jens


def test_clocks_run_by_the_servers_time_and_turn_their_tone(open_page: Open, burning, jens):
    page = open_page("/", jens)
    promise = page.locator("[data-due]").first

    before = promise.inner_text()
    expect(promise).not_to_have_text(before)
    assert before.startswith("in ")
    expect(page.locator(".mu-tone.soon", has=promise)).to_have_count(1)


def test_moments_are_shown_in_the_zone_of_whoever_reads(open_page: Open, burning, jens):
    page = open_page("/incidents/", jens)
    in_tokyo = burning.declared_at.astimezone(jens.zone)

    expect(page.get_by_role("row", name=burning.reference)).to_contain_text(f"{in_tokyo:%Y-%m-%d %H:%M} JST")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Europe/London", "America/Los_Angeles", "Australia/Sydney"])
def test_a_zone_has_the_name_that_the_server_calls_it_by(open_page: Open, burning, zone):
    reader = UserFactory(time_zone=zone)
    page = open_page("/incidents/", reader)
    there = burning.declared_at.astimezone(reader.zone)

    expect(page.get_by_role("row", name=burning.reference)).to_contain_text(f"{there:%Y-%m-%d %H:%M %Z}")


def test_single_keys_act_and_a_question_mark_lists_them(open_page: Open, burning, jens):
    page = open_page("/", jens)

    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Declare an incident")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("d")
    page.wait_for_url("**/declare/")
    expect(page.get_by_label("What is wrong?")).to_be_focused()
    page.keyboard.type("d?")
    expect(page.get_by_label("What is wrong?")).to_have_value("d?")


def test_whoever_switched_single_keys_off_has_none(open_page: Open, burning, jens):
    jens.single_keys = False
    jens.save(update_fields=["single_keys"])
    page = open_page("/", jens)

    page.keyboard.press("d")
    page.keyboard.press("?")

    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url.endswith("/")


def declare(page: Page, summary: str) -> None:
    """Fill the form and press."""
    page.get_by_label("What is wrong?").fill(summary)
    page.get_by_label("SEV3").check()
    page.get_by_role("button", name="Declare and page").click()


def test_a_draft_survives_a_reload_and_is_gone_once_it_was_declared(open_page: Open, burning, jens):
    page = open_page("/declare/", jens)
    page.get_by_label("What is wrong?").fill("Blocks spi")
    page.reload()

    expect(page.get_by_label("What is wrong?")).to_have_value("Blocks spi")
    expect(page.get_by_text("Your unsent text is back.")).to_be_visible()

    declare(page, "Blocks spiking")
    page.wait_for_url("**/incidents/INC-*/")
    page.goto("/declare/")
    expect(page.get_by_label("What is wrong?")).to_have_value("")


def test_an_unwanted_draft_is_discarded(open_page: Open, burning, jens):
    page = open_page("/declare/", jens)
    page.get_by_label("What is wrong?").fill("Nonsense")
    page.reload()
    page.get_by_role("button", name="Discard it").click()

    expect(page.get_by_label("What is wrong?")).to_have_value("")
    page.reload()
    expect(page.get_by_label("What is wrong?")).to_have_value("")


def test_a_draft_of_one_person_is_not_shown_to_the_next(open_page: Open, burning, jens, live_server):
    page = open_page("/declare/", jens)
    page.get_by_label("What is wrong?").fill("A secret of Jens")
    sign_in(page.context, UserFactory(), live_server.url)
    page.reload()

    expect(page.get_by_label("What is wrong?")).to_have_value("")


def test_an_expired_sign_in_is_said_and_pressing_again_after_signing_in_elsewhere_declares(
    open_page: Open, burning, jens
):
    page = open_page("/declare/", jens)
    page.context.clear_cookies(name="sessionid")
    declare(page, "Blocks spiking")

    expect(page.get_by_text("Signed out.")).to_be_visible()
    expect(page.get_by_label("What is wrong?")).to_have_value("Blocks spiking")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Sign in in a new tab").click()
    other = opened.value
    other.get_by_label("Handle or email").fill("jens")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url("**/")
    page.get_by_role("button", name="Declare and page").click()
    page.wait_for_url("**/incidents/INC-*/")

    assert Incident.objects.filter(summary="Blocks spiking").count() == 1


def test_a_cut_line_is_said_and_loses_nothing(open_page: Open, burning, jens):
    page = open_page("/declare/", jens)
    page.context.set_offline(True)
    declare(page, "Blocks spiking")

    expect(page.get_by_text("No answer from Muster since")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name="Declare and page").click()
    page.wait_for_url("**/incidents/INC-*/")

    assert Incident.objects.filter(summary="Blocks spiking").count() == 1


def test_an_answer_that_was_lost_on_the_way_declares_once_also_after_a_reload(open_page: Open, burning, jens):
    page = open_page("/declare/", jens)

    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort()
        else:
            route.continue_()

    page.route("**/declare/", lose)
    declare(page, "Blocks spiking")
    said = page.get_by_text("No answer from Muster since")
    expect(said).to_be_visible()
    with page.expect_response(lambda answer: answer.request.method == "GET"):
        page.get_by_label("SEV2").check()
    expect(page.locator(".htmx-request")).to_have_count(0)
    expect(said).to_be_visible()
    assert Incident.objects.filter(summary="Blocks spiking").count() == 1
    page.unroute("**/declare/")
    page.reload()
    expect(page.get_by_label("What is wrong?")).to_have_value("Blocks spiking")
    page.get_by_label("SEV3").check()
    page.get_by_role("button", name="Declare and page").click()
    page.wait_for_url("**/incidents/INC-*/")

    assert Incident.objects.filter(summary="Blocks spiking").count() == 1


def test_a_refused_form_keeps_its_words_and_says_why(open_page: Open, burning, jens):
    page = open_page("/declare/", jens, viewport=PHONE)
    page.get_by_label("What is wrong?").fill("Blocks spiking")
    page.get_by_role("button", name="Declare and page").click()

    expect(page.get_by_text("Choose a level: how bad is it?")).to_be_in_viewport()
    expect(page.get_by_label("What is wrong?")).to_have_value("Blocks spiking")
    page.reload()
    expect(page.get_by_label("What is wrong?")).to_have_value("Blocks spiking")


def test_the_board_shows_a_new_fire_by_itself(open_page: Open, burning, jens):
    page = open_page("/", jens)
    IncidentFactory(summary="Login is down", level=burning.level)

    page.evaluate("document.body.dispatchEvent(new CustomEvent('pageShown'))")

    expect(page.get_by_role("link", name="Login is down")).to_be_visible()
