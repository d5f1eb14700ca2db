"""A handover between two people at two browsers, and taking command from somebody by one press more."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.actor import Actor
from accounts.models import User
from incidents.actions.declare import declare_incident
from incidents.actions.role import assign_role
from incidents.models import Incident
from tests.browser.conftest import PHONE, Open, Picture
from tests.factories.comms import ReachableUserFactory, make_engine
from tests.factories.incidents import level_of, make_ladder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db: None) -> dict[str, User]:
    return {name: ReachableUserFactory(handle=name, time_zone="Europe/Berlin") for name in ("ana", "jens")}


@pytest.fixture
def incident(people: dict[str, User]) -> Incident:
    """Ana declared it 40 seconds ago and commands."""
    make_engine()
    now, ana = timezone.now() - timedelta(seconds=40), Actor(people["ana"])
    level = level_of(make_ladder(people["jens"]), "SEV2")
    incident = declare_incident(by=ana, now=now, level=level, summary="Pipeline blocks spiking")
    assign_role(incident, by=ana, now=now, role="commander", user=people["ana"])
    return incident


def commands(page: Page, handle: str) -> None:
    expect(page.locator("#room-band")).to_contain_text(f"Commander @{handle}")


def test_command_is_offered_by_one_accepted_by_the_other_and_both_see_it(
    open_page: Open, incident: Incident, people: dict[str, User], picture: Picture
):
    ana, jens = (open_page(incident.get_absolute_url(), people[name]) for name in ("ana", "jens"))
    for page in (ana, jens):
        commands(page, "ana")

    ana.locator("#pass-it-on").click()
    ana.get_by_label("Who").fill("@jens")
    ana.get_by_role("button", name="Offer it").click()

    expect(ana.locator("#room-answer")).to_contain_text("Commander is offered to @jens and stays with @ana")
    offer = jens.get_by_role("region", name="Handover")
    expect(offer).to_contain_text("@ana offers you the role commander.")
    commands(jens, "ana")
    picture(jens, "handover-offer-desk-light")
    jens.get_by_role("button", name="Accept").click()

    for page in (ana, jens):
        commands(page, "jens")
    expect(jens.locator("#room-answer")).to_contain_text("You command.")
    expect(ana.locator("#timeline")).to_contain_text("@jens is commander, handed over by @ana; before: @ana")


def test_the_brief_is_read_and_declined_on_a_phone_without_scripts(
    open_page: Open, incident: Incident, people: dict[str, User], picture: Picture
):
    ana = open_page(f"{incident.get_absolute_url()}?panel=handover", people["ana"], java_script_enabled=False)
    ana.get_by_label("Who").fill("@jens")
    ana.get_by_role("button", name="Offer it").click()

    phone = open_page(incident.get_absolute_url(), people["jens"], viewport=PHONE, java_script_enabled=False)
    phone.get_by_role("link", name="Read the brief").click()
    expect(phone.get_by_text("Status update, by")).to_be_visible()
    picture(phone, "handover-brief-phone-light")
    phone.get_by_role("button", name="Decline").click()

    expect(phone.locator("#timeline")).to_contain_text("@jens declined the role commander; it stays with @ana")


def test_command_is_taken_from_somebody_by_one_press_more(
    open_page: Open, incident: Incident, people: dict[str, User]
):
    jens = open_page(incident.get_absolute_url(), people["jens"])

    jens.get_by_role("link", name="take over…").click()
    expect(jens.locator("#room-panel")).to_contain_text("Takes it from them now, without a handover.")
    commands(jens, "ana")
    jens.get_by_role("button", name="Take it from them now").click()

    commands(jens, "jens")
    expect(jens.locator("#timeline")).to_contain_text("@jens is commander, taken from @ana without a handover")
