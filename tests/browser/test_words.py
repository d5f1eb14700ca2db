"""A pasted block, two people at one impact, and what came in since somebody looked, in a browser."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.crypto import get_random_string
from playwright.sync_api import Page, expect

from accounts.actor import Actor
from accounts.models import User
from incidents.actions.declare import declare_incident
from incidents.actions.timeline import add_entry
from incidents.models import Attachment, Incident, LastLook
from tests.browser.conftest import Open
from tests.browser.look import faults_in_every_look
from tests.factories.checklist import PNG
from tests.factories.comms import ReachableUserFactory, make_engine
from tests.factories.incidents import level_of, make_ladder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db: None) -> dict[str, User]:
    return {name: ReachableUserFactory(handle=name, time_zone="Europe/Berlin") for name in ("ana", "jens")}


@pytest.fixture
def incident(people: dict[str, User]) -> Incident:
    """Declared by Ana 40 seconds ago."""
    make_engine()
    level = level_of(make_ladder(people["jens"]), "SEV2")
    now = timezone.now() - timedelta(seconds=40)
    return declare_incident(by=Actor(people["ana"]), now=now, level=level, summary="Pipeline blocks spiking")


def notes(incident: Incident) -> list[str]:
    return list(incident.entries.filter(kind="note").order_by("number").values_list("text", flat=True))


def paste(page: Page, text: str) -> None:
    """As the clipboard does it."""
    page.locator("#composer-line").evaluate(
        """(field, text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        text,
    )


def test_a_pasted_block_is_shown_as_what_it_becomes_and_written_by_a_press(open_page: Open, incident, people):
    page = open_page(incident.get_absolute_url(), people["ana"])
    paste(page, "00:01 first alert\n~00:03 ana looks\nand finds nothing")
    expect(page.locator(".mu-preview li")).to_have_count(2)
    assert notes(incident) == []
    page.get_by_role("button", name="Write 2 entries").click()
    expect(page.locator("#room-panel")).to_be_hidden()
    assert notes(incident) == ["first alert", "ana looks\nand finds nothing"]


def test_the_second_of_two_at_one_impact_is_told_and_nothing_is_overwritten(open_page: Open, incident, people):
    ana, jens = (open_page(f"{incident.get_absolute_url()}?panel=impact", people[name]) for name in ("ana", "jens"))
    jens.locator("#impact-customers").fill("12")
    jens.get_by_role("button", name="Save").click()
    expect(jens.locator("#room-panel")).to_be_hidden()
    ana.locator("#impact-customers").fill("40")
    ana.locator("#impact-symptom").fill("403")
    ana.get_by_role("button", name="Save").click()
    expect(ana.locator("#room-panel")).to_contain_text("@jens changed it at")
    expect(ana.locator("#impact-customers")).to_have_value("40")
    incident.refresh_from_db()
    assert (incident.customers, incident.symptom) == ("12", "")
    ana.get_by_role("button", name="Save").click()
    expect(ana.locator("#room-panel")).to_be_hidden()
    incident.refresh_from_db()
    assert (incident.customers, incident.symptom) == ("40", "403")


def test_a_first_look_is_kept_without_scripts_by_a_press(open_page: Open, incident, people):
    page = open_page(incident.get_absolute_url(), people["ana"], java_script_enabled=False)
    assert not LastLook.objects.exists()
    page.get_by_role("button", name="I have read up to here").click()
    expect(page.get_by_role("button", name="I have read up to here")).to_have_count(0)
    add_entry(incident, by=Actor(people["jens"]), now=timezone.now(), text="errors rise")
    page.reload()
    expect(page.locator("#since")).to_contain_text("1 new since")


def test_whoever_comes_back_reads_what_came_in_and_new_rows_move_nothing(open_page: Open, incident, people):
    page = open_page(incident.get_absolute_url(), people["ana"])
    expect(page.locator("#since")).to_be_hidden()
    with page.expect_response("**/looked"):
        page.evaluate("window.dispatchEvent(new Event('pagehide'))")
    for text in ("one", "two"):
        add_entry(incident, by=Actor(people["jens"]), now=timezone.now(), text=text)
    page.reload()
    expect(page.locator("#since")).to_contain_text("2 new since")
    expect(page.locator("#since")).to_contain_text("2 notes")
    order = page.locator("#timeline > li").evaluate_all("rows => rows.map(row => row.className)")
    assert order.index("mu-since-line") == 2
    add_entry(incident, by=Actor(people["jens"]), now=timezone.now(), text="three")
    expect(page.locator("#timeline li", has_text="three")).to_have_count(1)
    expect(page.locator("#since")).to_contain_text("2 new since")
    page.locator("#since-seen").click()
    expect(page.locator("#since")).to_be_hidden()
    assert LastLook.objects.get(user=people["ana"]).number == Incident.objects.get(pk=incident.pk).last_entry - 1


def test_a_look_is_kept_after_signing_in_elsewhere_as_well(open_page: Open, incident, people):
    page = open_page(incident.get_absolute_url(), people["ana"])
    [known] = [cookie for cookie in page.context.cookies() if cookie["name"] == "csrftoken"]
    page.context.add_cookies([{**known, "value": get_random_string(32)}])  # as the other tab got it
    with page.expect_response("**/looked") as looked:
        page.evaluate("window.dispatchEvent(new Event('pagehide'))")
    assert looked.value.ok
    assert LastLook.objects.get().number == Incident.objects.get(pk=incident.pk).last_entry


def test_an_entry_opens_in_place_and_a_correction_strikes_it_for_everybody(open_page: Open, incident, people):
    note = add_entry(incident, by=Actor(people["ana"]), now=timezone.now(), text="12 orders lost")
    ana, jens = (open_page(incident.get_absolute_url(), people[name]) for name in ("ana", "jens"))
    ana.locator(f"#entry-{note.number} a.when").click()
    ana.get_by_label("What it should say").fill("21 orders lost")
    ana.get_by_role("button", name="Correct it").click()
    for page in (ana, jens):
        expect(page.locator("#timeline li", has_text="21 orders lost")).to_have_count(1)
        expect(page.locator(f"#entry-{note.number}")).to_have_class("is-note is-corrected")
    ana.locator(f"#entry-{note.number} a.when").click()
    ana.get_by_role("button", name="Pin it on top").click()
    expect(jens.locator("#room-pins")).to_contain_text("12 orders lost")


def test_a_pasted_screenshot_goes_with_the_note(open_page: Open, incident, people):
    page = open_page(incident.get_absolute_url(), people["ana"])
    page.locator("#composer-line").fill("the graph")
    page.locator("#composer-line").evaluate(
        """(field, bytes) => {
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([new Uint8Array(bytes)], "image.png", { type: "image/png" }));
            field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }""",
        list(PNG),
    )
    expect(page.locator("#composer-chosen")).to_be_visible()
    assert notes(incident) == []
    page.get_by_role("button", name="Post", exact=True).click()

    row = page.locator("#timeline li", has_text="the graph")
    expect(row.get_by_role("link", name="image.png")).to_be_visible()
    expect(page.locator("#composer-chosen")).to_be_hidden()
    assert page.locator("#composer-chosen").evaluate("field => field.files.length") == 0
    assert (notes(incident), bytes(Attachment.objects.get().content)) == (["the graph"], PNG)
    assert faults_in_every_look(page) == []


def test_a_refused_file_stays_chosen_and_the_line_stays(open_page: Open, incident, people):
    page = open_page(incident.get_absolute_url(), people["ana"])
    page.locator("#composer-line").fill("/status identified")
    page.locator("#composer-files summary").click()
    page.locator("#composer-chosen").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": PNG})
    page.get_by_role("button", name="Post", exact=True).click()

    expect(page.locator("#composer-said")).to_contain_text("A command takes no file")
    expect(page.locator("#composer-line")).to_have_value("/status identified")
    page.locator("#composer-line").fill("")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator("#timeline li", has_text="Screenshot").get_by_role("link", name="a.png")).to_be_visible()


def test_files_go_with_a_note_and_to_an_entry_without_scripts(open_page: Open, incident, people):
    page = open_page(incident.get_absolute_url(), people["ana"], java_script_enabled=False)
    page.locator("#composer-line").fill("the graph")
    page.locator("#composer-files summary").click()
    page.locator("#composer-chosen").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": PNG})
    page.get_by_role("button", name="Post", exact=True).click()
    row = page.locator("#timeline li", has_text="the graph")
    expect(row.get_by_role("link", name="a.png")).to_be_visible()

    row.locator(".when").click()
    page.get_by_role("link", name="Add a file").click()
    page.locator("#files-file").set_input_files({"name": "b.log", "mimeType": "text/plain", "buffer": b"it broke"})
    page.get_by_role("button", name="Add", exact=True).click()

    expect(row.get_by_role("link", name="b.log")).to_be_visible()
    expect(page.locator("#timeline li", has_text="added b.log to entry")).to_have_count(1)


def test_what_the_public_will_read_follows_what_is_typed(open_page: Open, incident, people):
    page = open_page(f"{incident.get_absolute_url()}?panel=update", people["ana"])
    expect(page.locator("#update-preview")).to_contain_text("The public reads nothing of this.")
    page.locator("#update-tell_public").check()
    page.locator("#update-action").fill("Rolling back to 1.4")
    expect(page.locator("#update-preview")).to_contain_text("Rolling back to 1.4")
    page.locator("#update-public_text").fill("We are on it.")
    expect(page.locator("#update-preview .mu-public")).to_have_text("We are on it.")
    assert not incident.status_updates.exists()
    page.evaluate("scrollTo(0, 0)")
    assert faults_in_every_look(page) == []


def test_the_preview_comes_by_a_press_without_scripts(open_page: Open, incident, people):
    page = open_page(f"{incident.get_absolute_url()}?panel=update", people["ana"], java_script_enabled=False)
    page.locator("#update-tell_public").check()
    page.locator("#update-public_text").fill("We are on it.")
    page.get_by_role("button", name="Preview what the public reads").click()
    expect(page.locator("#update-preview")).to_contain_text("We are on it.")
    expect(page.locator("#update-public_text")).to_have_value("We are on it.")
    assert not incident.status_updates.exists()
