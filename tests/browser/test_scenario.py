"""A breach in real Chromium: declared without scripts, unseen by others, who are cut off at once."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from incidents.models import Incident, LadderVersion
from tests.browser.conftest import PHONE, Open, press_and_hear
from tests.browser.look import faults_in_every_look
from tests.factories.comms import ReachableUserFactory, make_engine
from tests.factories.escalation import make_policy
from tests.factories.incidents import IncidentFactory, RoleAssignmentFactory, level_of, make_ladder
from tests.factories.ladder import (
    ContactFactory,
    CriticalDecisionFactory,
    EscalationRuleFactory,
    FlagFactory,
    MessageTemplateFactory,
    QuickActionFactory,
    RunbookFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db: None) -> dict[str, User]:
    return {name: ReachableUserFactory(handle=name, time_zone="Europe/Berlin") for name in ("ana", "lea", "otto")}


@pytest.fixture
def ladder(people: dict[str, User]) -> LadderVersion:
    """A breach that rings legal; a matrix at SEV1."""
    make_engine()
    make_policy(people["ana"], slug="primary")
    make_policy(people["lea"], slug="legal", name="Legal")
    version = make_ladder(people["ana"])
    FlagFactory(
        version=version, slug="breach", name="Breach suspected", question="Is data at risk?", makes_private=True
    )
    breach = RunbookFactory(
        version=version, slug="breach", name="A breach", level="SEV1", flag="breach", pages=["legal"]
    )
    QuickActionFactory(runbook=breach, text="Rotate the credentials")
    CriticalDecisionFactory(runbook=breach, text="Shut it off, or watch", escalate_policy="legal")
    EscalationRuleFactory(version=version, policies=["legal"], expected="More people, vendor")
    return version


def test_a_breach_is_declared_without_scripts_and_nobody_outside_sees_it(
    open_page: Open, ladder: LadderVersion, people: dict[str, User]
) -> None:
    ana = open_page("/declare/", people["ana"], java_script_enabled=False)
    ana.get_by_label("What is wrong?").fill("Logins from nowhere")
    ana.get_by_label("Which scenario?").select_option("breach")
    ana.get_by_role("button", name="Declare and page").click()

    incident = Incident.objects.get()
    expect(ana.locator("h1")).to_have_text("SEV1 Logins from nowhere")
    expect(ana.locator("#room-band")).to_contain_text("private · Breach suspected")
    expect(ana.locator("#room-owed")).to_contain_text("Decide: Shut it off, or watch")
    expect(ana.locator("#room-facts")).to_contain_text("legal is rung (More people, vendor)")

    ana.get_by_role("link", name="Decide", exact=True).click()
    ana.get_by_label("Decided").fill("Shut it off")
    ana.get_by_role("button", name="Decided", exact=True).click()
    expect(ana.locator("#room-owed")).not_to_contain_text("Shut it off, or watch")

    otto = open_page("/", people["otto"], viewport=PHONE)
    expect(otto.locator("main")).not_to_contain_text("Logins from nowhere")
    otto.goto(otto.url.rstrip("/") + "/incidents/?q=Logins")
    expect(otto.locator("main")).not_to_contain_text(incident.reference)
    assert otto.goto(otto.url.partition("/incidents/")[0] + incident.get_absolute_url()).status == 404


def test_whoever_watches_is_cut_off_when_the_flag_goes_up(
    open_page: Open, ladder: LadderVersion, people: dict[str, User]
) -> None:
    incident = IncidentFactory(level=level_of(ladder, "SEV2"), declared_by=people["ana"], declared_at=timezone.now())
    RoleAssignmentFactory(incident=incident, user=people["ana"])
    ana, otto = (open_page(incident.get_absolute_url(), people[name]) for name in ("ana", "otto"))

    ana.locator("#raise-breach").click()

    expect(ana.locator("#room-band")).to_contain_text("Breach suspected")
    expect(otto.locator("#room-gone")).to_have_text("You may no longer see this incident.")
    ana.get_by_role("link", name="Who is in, let in…").click()
    ana.get_by_label("Let in").fill("@otto")
    ana.get_by_label("Why?").fill("knows the logs")
    ana.get_by_role("button", name="Let them in").click()
    expect(ana.locator("body")).to_contain_text("@otto was let in.")
    ana.reload()  # a pointer that rests on the timeline keeps new rows waiting
    expect(ana.locator("#timeline")).to_contain_text("@otto was let in: knows the logs")
    assert faults_in_every_look(ana) == []


def test_words_for_customers_are_copied_from_the_public_panel_and_read_without_scripts(
    open_page: Open, ladder: LadderVersion, people: dict[str, User]
) -> None:
    MessageTemplateFactory(
        version=ladder,
        audience="customers",
        occasion="declared",
        subject="Trouble: {summary}",
        text="We look into it.",
    )
    ContactFactory(version=ladder, role="Engineering lead", method="Phone", within="10 min")
    incident = IncidentFactory(level=level_of(ladder, "SEV1"), summary="Chats fail")
    page = open_page(
        f"{incident.get_absolute_url()}?panel=public", people["ana"], permissions=["clipboard-read", "clipboard-write"]
    )

    press_and_hear(page, "#copy-subject-customers-declared", "Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "Trouble: Chats fail"
    assert faults_in_every_look(page) == []
    page.locator("#contacts summary").click()
    expect(page.locator("#contacts")).to_contain_text("within 10 min")

    plain = open_page(
        f"{incident.get_absolute_url()}public/texts/", people["ana"], java_script_enabled=False, viewport=PHONE
    )
    expect(plain.locator("#text-customers-declared")).to_have_text("We look into it.")
    expect(plain.locator("#copy-text-customers-declared")).to_be_hidden()
