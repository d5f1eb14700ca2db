"""From the symptom to “bleeding stopped” in real Chromium, with scripts and without."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from incidents.enums import IncidentStatus, MitigationOutcome
from incidents.models import Incident
from tests.browser.conftest import DESK, PHONE, Open, Picture
from tests.factories.comms import ReachableUserFactory, make_engine
from tests.factories.escalation import ServiceFactory
from tests.factories.incidents import IncidentFactory, level_of, make_ladder
from tests.factories.ladder import MitigationOptionFactory, SymptomFactory
from tests.factories.working import DeploymentFactory, HypothesisFactory, MitigationFactory, TaskFactory

pytestmark = pytest.mark.django_db(transaction=True)
PRESS_AS_SOON_AS_IT_IS_THERE = """(button) => new MutationObserver((_, watch) => {
  const found = document.querySelector(button);
  if (found) { watch.disconnect(); found.click(); }
}).observe(document.body, { childList: true, subtree: true })"""
RELEASE = "api'; $(reboot)"


@pytest.fixture
def ana(transactional_db: None) -> User:
    return ReachableUserFactory(handle="ana", time_zone="Europe/Berlin")


@pytest.fixture
def incident(ana: User) -> Incident:
    """The API is slow since a deploy; the catalogue knows what to do, and the table of symptoms leads to it."""
    make_engine()
    version = make_ladder(ana)
    SymptomFactory(version=version, symptom="Slow all at once", cause="A deploy", mitigation="rollback")
    MitigationOptionFactory(
        version=version,
        slug="rollback",
        name="Roll back the deploy",
        when="A deploy caused it",
        risk="medium",
        speed="5 min",
        command="helm rollback {release}",
        way_back="helm upgrade {release}",
        target="Errors below 1 %",
    )
    began = timezone.now() - timedelta(minutes=20)
    service = ServiceFactory(slug="api", name="The API")
    incident = IncidentFactory(level=level_of(version, "SEV2"), service=service, declared_at=began)
    DeploymentFactory(service=service, version="2.3", deployed_at=began - timedelta(minutes=8), by="Jens")
    HypothesisFactory(incident=incident, number=1)
    TaskFactory(incident=incident, number=1, owner=ana)
    return incident


def play(page: Page, incident: Incident) -> None:
    """Symptom, mitigation, worse, rolled back, effective, bleeding stopped."""
    page.get_by_text("What do you see? 1 symptom").click()
    page.locator("#symptoms").get_by_role("link", name="rollback").click()
    page.get_by_label("release").fill(RELEASE)
    page.get_by_role("button", name="I do it now").click()
    first = page.locator("#mitigation-1")
    expect(first.locator("code").first).to_have_text("helm rollback 'api'\"'\"'; $(reboot)'")
    first.get_by_role("button", name="It got worse").click()
    expect(first).to_contain_text("it got worse")
    first.get_by_role("button", name="Roll it back").click()
    second = page.locator("#mitigation-2")
    expect(second.locator("code").first).to_have_text("helm upgrade 'api'\"'\"'; $(reboot)'")
    second.get_by_role("button", name="It worked").click()
    second.get_by_role("button", name="Bleeding stopped").click()
    expect(page.locator("#room-facts")).to_contain_text("Stopped")
    incident.refresh_from_db()
    assert incident.status == IncidentStatus.MONITORING
    assert incident.mitigated_at is not None
    assert list(incident.mitigations.values_list("outcome", "undoes__number")) == [("worse", None), ("effective", 1)]


def test_from_the_symptom_to_the_end_of_the_bleeding(open_page: Open, incident: Incident, ana: User):
    page = open_page(incident.get_absolute_url(), ana)
    page.evaluate("window.neverReloaded = true")
    play(page, incident)
    assert page.evaluate("window.neverReloaded") is True


def test_a_button_that_has_just_come_acts_in_place(open_page: Open, incident: Incident, ana: User):
    """Whoever presses at once has it done in the room, as everybody else: no page is loaded anew."""
    MitigationFactory(incident=incident, number=1)
    page = open_page(incident.get_absolute_url(), ana)
    page.evaluate("window.neverReloaded = true")
    page.evaluate(PRESS_AS_SOON_AS_IT_IS_THERE, "#roll-back-1")

    page.locator("#mitigation-1").get_by_role("button", name="It got worse").click()

    expect(page.locator("#mitigation-2")).to_be_visible()
    assert page.evaluate("window.neverReloaded") is True


def test_a_button_stays_under_the_finger_that_presses_it(open_page: Open, incident: Incident, ana: User):
    """What has changed meanwhile comes once the finger is up: a button that is replaced would lose its press."""
    worse = {"outcome": MitigationOutcome.WORSE, "outcome_at": timezone.now(), "outcome_by": ana}
    MitigationFactory(incident=incident, number=1, **worse)
    page = open_page(incident.get_absolute_url(), ana)
    held: list[Route] = []
    page.route("**/*parts=all*", lambda route: route.continue_() if held else held.append(route))
    with page.expect_request("**/*parts=all*"):
        page.evaluate("document.body.dispatchEvent(new Event('pageChanged'))")
    button = page.locator("#roll-back-1")
    button.hover()
    page.mouse.down()
    with page.expect_event("requestfinished", lambda request: "parts=all" in request.url):
        held[0].continue_()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    page.mouse.up()

    expect(page.locator("#mitigation-2")).to_be_visible()


def test_the_same_without_javascript(open_page: Open, incident: Incident, ana: User):
    play(open_page(incident.get_absolute_url(), ana, java_script_enabled=False), incident)


def test_the_work_is_seen_at_a_desk_and_on_a_phone(open_page: Open, incident: Incident, ana: User, picture: Picture):
    for size, name in ((DESK, "desk"), (PHONE, "phone")):
        page = open_page(f"{incident.get_absolute_url()}?panel=mitigation&option=rollback", ana, viewport=size)
        expect(page.locator("#room-changes")).to_contain_text("The last one before it began")
        picture(page, f"room-work-{name}-light")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
