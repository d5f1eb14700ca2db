"""On a phone, woken, not signed in: read, answer, learn what one owns, and write what one sees."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import User
from escalation.links import sign_answer
from escalation.models import Page
from incidents.actions.declare import declare_incident
from incidents.models import Incident
from tests.browser.conftest import PHONE, Clock, Open
from tests.browser.look import faults_of, sideways, small_targets
from tests.factories.accounts import ActorFactory
from tests.factories.comms import ReachableUserFactory, make_engine
from tests.factories.incidents import level_of, make_ladder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]


@pytest.fixture
def jens() -> User:
    return ReachableUserFactory(handle="jens", name="Jens")


@pytest.fixture
def incident(clock: Clock, jens: User) -> Incident:
    """It rang jens a minute ago."""
    level = level_of(make_ladder(jens), "SEV2")
    made = declare_incident(by=ActorFactory(), now=clock.began_at, level=level, summary="Pipeline blocks spiking")
    clock.move(minutes=1)
    make_engine(clock.began_at + timedelta(minutes=1))
    return made


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_the_link_answers_reads_the_incident_and_takes_a_note(
    open_page: Open, incident: Incident, jens: User, scripts: bool
):
    link = reverse("escalation:answer-link", args=[sign_answer(Page.objects.get(), jens)])
    page = open_page(link, viewport=PHONE, java_script_enabled=scripts)
    button = page.get_by_role("button", name="I’m on it")
    expect(button).to_be_in_viewport()

    button.click()
    if not scripts:
        page.get_by_role("link", name="What you now own").click()
    expect(page.get_by_text("You command this incident. To pass it on")).to_be_in_viewport()

    page.get_by_label("What do you see?").fill("Dashboards are red since 14:20")
    page.get_by_role("button", name="Add a note").click()

    if scripts:
        expect(page.get_by_text("Timeline")).to_be_visible()
        page.get_by_text("Timeline").click()
        assert (faults_of(page), sideways(page), small_targets(page)) == ([], 0, [])
    else:
        page.get_by_role("link", name="What you now own").click()
    expect(page.get_by_text("Dashboards are red since 14:20")).to_be_visible()
    assert incident.entries.get(kind="note").author == jens
