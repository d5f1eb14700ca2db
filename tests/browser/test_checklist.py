"""The checklist in real Chromium: ticked by keyboard and without scripts, with a screenshot as evidence."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.actor import Actor
from accounts.models import User
from incidents.actions.declare import declare_incident
from incidents.actions.status import stop_bleeding
from incidents.enums import CheckOutcome, Evidence, Gate, IncidentStatus, ItemKind
from incidents.models import Attachment, Incident
from tests.browser.conftest import PHONE, Open, press_and_hear
from tests.browser.look import faults_in_every_look
from tests.factories.checklist import PNG
from tests.factories.comms import ReachableUserFactory, make_engine
from tests.factories.escalation import ServiceFactory
from tests.factories.incidents import level_of, make_ladder
from tests.factories.ladder import PhaseFactory, PhaseItemFactory, PhaseTroubleFactory

pytestmark = pytest.mark.django_db(transaction=True)
SHOT = {"name": "errors.png", "mimeType": "image/png", "buffer": PNG}


@pytest.fixture
def ana(transactional_db: None) -> User:
    return ReachableUserFactory(handle="ana", time_zone="Europe/Berlin")


@pytest.fixture
def incident(ana: User) -> Incident:
    """Declared seven minutes ago: triage should be over, and one check wants a screenshot before it is resolved."""
    make_engine()
    version = make_ladder(ana)
    triage = PhaseFactory(
        version=version, position=1, slug="triage", name="Triage", ends_after="5 min", output="A level and a team"
    )
    PhaseItemFactory(phase=triage, position=1, text="Check recent deployments", command="helm history {service}")
    PhaseItemFactory(phase=triage, position=2, text="Look at errors", link="https://logs.example.com/?q={service}")
    PhaseTroubleFactory(phase=triage)
    verify = PhaseFactory(version=version, position=2, slug="verify", name="Verify", anchor="mitigated")
    check = {"kind": ItemKind.CHECK, "holds": Gate.RESOLVE}
    PhaseItemFactory(phase=verify, position=1, text="Errors are back", evidence=Evidence.FILE, **check)
    return declare_incident(
        by=Actor(ana),
        now=timezone.now() - timedelta(minutes=7),
        level=level_of(version, "SEV2"),
        summary="Pipeline blocks spiking",
        service=ServiceFactory(slug="chat-gateway"),
    )


def outcomes(incident: Incident) -> dict[str, str]:
    """How each item stands."""
    rows = incident.checklist.with_texts().in_order()
    return {item.text: item.outcome for item in rows}


def open_check(page: Page, text: str) -> None:
    """The form of one item, whose phase is folded once all of it is done."""
    page.locator("#phase-verify > summary").click()
    page.get_by_role("link", name=f"How “{text}” stands").click()
    expect(page.locator("#room-panel-title")).to_have_text("How does it stand?")


def test_an_item_is_ticked_by_keyboard_alone_and_its_command_is_copied(open_page: Open, incident, ana):
    page = open_page(incident.get_absolute_url(), ana, permissions=["clipboard-read", "clipboard-write"])
    expect(page.locator("#room-owed")).to_contain_text("Triage: 2 of 2 open")
    press_and_hear(page, "#copy-1", "Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "helm history chat-gateway"

    page.locator("#tick-1").focus()
    page.keyboard.press("Enter")

    expect(page.locator("#phase-triage summary").first).to_contain_text("1 of 2")
    expect(page.locator("#phase-triage")).to_contain_text("@ana")
    expect(page.locator("#timeline li", has_text="✓ Check recent deployments · @ana")).to_have_count(1)
    assert outcomes(incident)["Check recent deployments"] == CheckOutcome.PASSED


def test_two_quick_presses_tick_two_items(open_page: Open, incident, ana):
    page = open_page(incident.get_absolute_url(), ana)
    page.evaluate("document.getElementById('tick-1').click(); document.getElementById('tick-2').click()")

    expect(page.locator("#phase-triage summary").first).to_contain_text("2 of 2")
    expect(page.locator("#room-owed")).not_to_contain_text("Triage")


def test_evidence_is_uploaded_and_a_failed_check_goes_back_to_investigating(open_page: Open, incident, ana):
    stop_bleeding(incident, by=Actor(ana), now=timezone.now())
    page = open_page(incident.get_absolute_url(), ana)
    page.locator("#open-resolve").click()
    expect(page.locator("#room-panel")).to_contain_text("☐ Errors are back: not seen yet, so it needs a reason.")
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(page.locator("#room-panel")).to_contain_text("1 check is still to do: “Errors are back”.")

    page.locator("#tick-3").click()
    page.locator("#check-file").set_input_files({**SHOT, "name": "evil.html", "mimeType": "text/html"})
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#room-panel")).to_contain_text("“evil.html” is of a kind that cannot be kept.")
    page.locator("#check-file").set_input_files(SHOT)
    page.get_by_role("button", name="Keep it").click()
    shot = page.locator("#phase-verify").get_by_role("link", name="errors.png")
    expect(shot).to_be_visible()
    with page.expect_response("**/files/*") as answered:
        shot.click()
    assert (answered.value.status, answered.value.body()) == (200, PNG)
    page.go_back()

    open_check(page, "Errors are back")
    page.get_by_label("Seen, and it does not hold").check()
    page.get_by_label("What do you see, or why?").fill("2 % errors again")
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#open-resolve")).to_have_count(0)

    page.reload()  # while a pointer rests on the timeline new rows wait above it
    expect(page.locator("#timeline li", has_text="The watch failed: Errors are back")).to_have_count(1)
    incident.refresh_from_db()
    assert (incident.status, outcomes(incident)["Errors are back"]) == (IncidentStatus.INVESTIGATING, "failed")


def test_a_pasted_screenshot_goes_into_the_open_form(open_page: Open, incident, ana):
    page = open_page(f"{incident.get_absolute_url()}?panel=check&item=3", ana)
    page.evaluate(
        """([...bytes]) => {
            const held = new DataTransfer();
            held.items.add(new File([new Uint8Array(bytes)], "image.png", { type: "image/png" }));
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: held, cancelable: true }));
        }""",
        list(PNG),
    )
    page.get_by_role("button", name="Keep it").click()

    expect(page.locator("#timeline li", has_text="✓ Errors are back · evidence: image.png · @ana")).to_have_count(1)
    assert [bytes(row.content) for row in Attachment.objects.all()] == [PNG]


def test_a_folded_phase_brings_its_items_when_it_is_unfolded_and_keeps_them(open_page: Open, incident, ana):
    page = open_page(incident.get_absolute_url(), ana)
    expect(page.locator("#tick-3")).to_have_count(0)

    page.locator("#phase-verify > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#tick-3")).to_be_visible()

    page.locator("#tick-1").click()
    expect(page.locator("#phase-triage")).to_contain_text("@ana")
    expect(page.locator("#tick-3")).to_be_visible()


def test_it_all_works_without_scripts(open_page: Open, incident, ana):
    stop_bleeding(incident, by=Actor(ana), now=timezone.now())
    page = open_page(incident.get_absolute_url(), ana, java_script_enabled=False)
    expect(page.locator("#copy-1")).to_be_hidden()
    page.locator("#tick-1").click()
    expect(page.locator("#phase-triage")).to_contain_text("@ana")
    page.goto(f"{incident.get_absolute_url()}?phase=verify")
    page.locator("#tick-3").click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#room-panel")).to_contain_text("asks for a file that shows it")
    page.locator("#check-file").set_input_files(SHOT)
    page.get_by_role("button", name="Keep it").click()
    page.locator("#phase-verify > summary").click()
    page.get_by_role("link", name="Show 1 item").click()
    expect(page.get_by_role("link", name="errors.png")).to_be_visible()

    page.goto(f"{incident.get_absolute_url()}?panel=resolve")
    page.get_by_role("button", name="Resolve", exact=True).click()

    incident.refresh_from_db()
    assert incident.status == IncidentStatus.RESOLVED
    assert [bytes(row.content) for row in Attachment.objects.all()] == [PNG]


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE}], ids=["desk", "phone"])
def test_nothing_about_it_is_wrong_in_any_look(open_page: Open, incident, ana, options):
    page = open_page(f"{incident.get_absolute_url()}?panel=check&item=3&phase=verify", ana, **options)
    assert faults_in_every_look(page) == []
