"""A postmortem in real Chromium: on paper, edited in its place, and open to everybody."""

from datetime import date
from io import BytesIO

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pypdf import PageObject, PdfReader

from accounts.actor import Actor
from postmortems.actions.postmortem import open_postmortem, publish_postmortem
from postmortems.actions.review import ask_review
from postmortems.actions.section import edit_section
from postmortems.enums import SectionKey
from postmortems.models import Postmortem
from tests.browser.conftest import PHONE, Open
from tests.browser.look import faults_in_every_look
from tests.factories.accounts import UserFactory
from tests.factories.comms import make_engine
from tests.factories.incidents import make_entries
from tests.factories.postmortems import ActionItemFactory
from tests.postmortems.story import berlin, make_story

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/postmortems/INC-20260418-0042/"
A4 = (595, 842)
HOSTILE = 'Blocks "; } body { display: none } /* \\ <b>spike</b> – 18 %'


@pytest.fixture
def jens(transactional_db: None) -> Actor:
    return Actor(UserFactory(handle="jens", time_zone="Europe/Berlin"))


@pytest.fixture
def draft(jens: Actor, settings) -> Postmortem:
    """With summary, cause and a sentence that blames; Ana was asked to review it."""
    settings.TIME_ZONE = "Europe/Berlin"
    make_engine()
    postmortem = open_postmortem(make_story(jens), by=jens, now=berlin("15:30"))
    for key, body in (
        (SectionKey.SUMMARY, "A threshold regression blocked runs; we rolled it back."),
        (SectionKey.ROOT_CAUSE, "@mira should have asked. It was human error."),
    ):
        edit_section(postmortem.sections.get(key=key), by=jens, now=berlin("16:00"), body=body, revision=0)
    ask_review(postmortem, by=jens, now=berlin("16:10"), reviewers=[UserFactory(handle="ana", viewer=True)])
    return postmortem


def sheets(page: Page) -> list[PageObject]:
    """What the printer of Chromium makes of `page`."""
    return list(PdfReader(BytesIO(page.pdf(prefer_css_page_size=True))).pages)


def words(sheet: PageObject) -> str:
    """The text of one sheet, white space evened out."""
    return " ".join(sheet.extract_text().split())


@pytest.mark.parametrize("title", ["Pipeline blocks spiking", HOSTILE])
def test_it_prints_on_a4_with_running_header_page_numbers_and_repeated_table_heads(
    open_page: Open, draft, jens, title
):
    story = draft.incident
    story.summary = title
    story.save()
    make_entries(story, 90, people=[jens.user])
    for number in range(40):
        text = f"Change number {number}: with words enough to fill two lines of the table on a sheet of A4, all told"
        ActionItemFactory(postmortem=draft, number=number + 1, text=text, owner=jens.user, due_on=date(2026, 5, 2))
    publish_postmortem(draft, by=jens, now=berlin("17:00"))

    page = open_page(URL, jens.user)
    paper = sheets(page)

    texts = [words(sheet) for sheet in paper]
    assert len(paper) >= 5
    assert {tuple(round(float(side)) for side in sheet.mediabox[2:]) for sheet in paper} == {A4}
    assert [text.startswith(f"INC-20260418-0042 · {title} SEV2") for text in texts] == [True] * len(paper)
    assert [f"page {number} of {len(paper)}" in text for number, text in enumerate(texts, 1)] == [True] * len(paper)
    whole = " ".join(texts)
    for off_paper in (
        "Declare incident",
        "Skip to",
        "Markdown",
        "Print",
        "Edit",
        "Add an action item",
        "Done:",
        "times are",
    ):
        assert off_paper not in whole
    of_timeline = [text for text in texts if "looked at shard" in text]
    of_items = [text for text in texts if "Change number" in text]
    assert min(len(of_timeline), len(of_items)) >= 2
    assert [text.count("Time (CEST) What happened") for text in of_timeline] == [1] * len(of_timeline)
    assert [text.count("# Action Owner Due") for text in of_items] == [1] * len(of_items)
    for number in range(40):
        rows = [text for text in texts if f"Change number {number}:" in text]
        assert [row.partition(f"Change number {number}:")[2].count("all told") >= 1 for row in rows] == [True]
    assert whole.count("we fix the system, not the person") + whole.count("we ﬁx the system, not the person") == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_is_white_and_its_words_are_dark_whatever_the_theme(open_page: Open, draft, jens, scheme):
    page = open_page(URL, jens.user, color_scheme=scheme)
    page.emulate_media(media="print", color_scheme=scheme)

    style = "([selector, name]) => getComputedStyle(document.querySelector(selector))[name]"
    assert page.evaluate(style, ["body", "backgroundColor"]) == "rgb(255, 255, 255)"
    assert page.evaluate(style, [".mu-doc", "backgroundColor"]) in {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
    red, green, blue = (int(part) for part in page.evaluate(style, [".mu-doc h1", "color"])[4:-1].split(", "))
    assert max(red, green, blue) < 60
    for hidden in (".mu-bar", ".pm-bar", ".pm-edit", ".pm-hint", ".mu-foot", ".pm-add"):
        expect(page.locator(hidden).first).to_be_hidden()


def test_a_draft_and_each_of_its_forms_are_accessible_and_fit(open_page: Open, draft, jens):
    ActionItemFactory(postmortem=draft, number=1, owner=jens.user, due_on=date(2062, 5, 2))
    page = open_page("/postmortems/", jens.user)
    for address in (URL, f"{URL}?edit=impact", f"{URL}?item=1", f"{URL}?drop=1"):
        page.goto(address)
        assert (address, faults_in_every_look(page)) == (address, [])


def test_a_section_is_edited_in_its_place_and_the_rest_stays(open_page: Open, draft, jens):
    page = open_page(URL, jens.user)
    page.evaluate("window.stayed = true")

    page.locator("#section-went_well .pm-edit").click()
    area = page.locator("#pm-body")
    expect(area).to_be_focused()
    area.fill("- The primary answered in **48 s**.")
    page.get_by_role("button", name="Save").click()

    expect(page.locator("#section-went_well .pm-text strong")).to_have_text("48 s")
    expect(page.locator("#messages")).to_contain_text("What went well is saved.")
    expect(page.locator("#section-went_well .pm-edit")).to_be_focused()
    assert page.evaluate("window.stayed") is True
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.includes('draft'))") == []


def test_a_draft_that_comes_back_overwrites_nobody(open_page: Open, draft, jens):
    page = open_page(f"{URL}?edit=went_well", jens.user)
    page.locator("#pm-body").fill("- Mine")
    mira = Actor(UserFactory(handle="mira"))
    section = draft.sections.get(key=SectionKey.WENT_WELL)
    edit_section(section, by=mira, now=berlin("17:00"), body="- Theirs", revision=0)

    page.reload()
    expect(page.locator("#pm-body")).to_have_value("- Mine")
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".pm-form .alert")).to_contain_text("@mira changed “What went well”")
    expect(page.locator(".pm-theirs pre")).to_have_text("- Theirs")
    expect(page.locator("#pm-body")).to_have_value("- Mine")
    section.refresh_from_db()
    assert section.body == "- Theirs"
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#section-went_well .pm-text li")).to_have_text("Mine")


def test_hints_come_one_at_a_time_and_stay_away(open_page: Open, draft, jens):
    page = open_page(URL, jens.user)
    seen = page.locator(".pm-hint:visible")
    expect(seen).to_have_count(1)
    expect(seen).to_contain_text("@mira should have")

    page.locator(".pm-hint:visible .pm-away").click()
    expect(seen).to_have_count(1)
    expect(seen).to_contain_text("human error")
    page.locator(".pm-hint:visible .pm-away").click()
    expect(seen).to_have_count(0)

    page.reload()
    expect(page.get_by_role("button", name="Publish")).to_be_visible()
    expect(seen).to_have_count(0)


def test_the_whole_way_without_javascript(open_page: Open, draft, jens):
    page = open_page(URL, jens.user, java_script_enabled=False)
    expect(page.locator(".pm-hint:visible")).to_have_count(1)

    page.locator("#section-went_poorly .pm-edit").click()
    page.locator("#pm-body").fill("- Eight minutes passed.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#section-went_poorly li")).to_have_text("Eight minutes passed.")

    page.get_by_text("Add an action item").click()
    page.locator("#add-text").fill("Alert on the band")
    page.get_by_role("button", name="Add it").click()
    expect(page.locator("#add-text")).to_have_value("Alert on the band")
    expect(page.get_by_text("Name one person who owns it.")).to_be_visible()
    page.locator("#add-owner").select_option("ana")
    page.locator("#add-due").fill(f"{timezone.now().year + 1}-05-02")
    page.get_by_role("button", name="Add it").click()
    expect(page.locator("#action-1")).to_contain_text("@ana")
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".pm-status")).to_contain_text("Published by @jens")


def test_a_reviewer_approves_on_a_phone(open_page: Open, draft):
    ana = draft.reviews.get().reviewer
    page = open_page(URL, ana, viewport=PHONE)

    page.get_by_label("You are asked to review it").fill("Clear.")
    page.get_by_role("button", name="Approve").click()

    expect(page.locator(".pm-status")).to_contain_text("1 of 1 reviewer approved")
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
