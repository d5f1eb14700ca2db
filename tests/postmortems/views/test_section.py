"""A section is edited in its place; whatever goes wrong, the typed text comes back."""

from html import escape

import pytest

from postmortems.actions.section import edit_section
from postmortems.enums import PostmortemStatus, SectionKey
from tests.postmortems.story import berlin

URL = "/postmortems/INC-20260418-0042/"
SAVE = f"{URL}sections/summary/"


@pytest.fixture
def summary(draft):
    return draft.sections.get(key=SectionKey.SUMMARY)


def test_the_form_of_a_derived_section_holds_what_the_record_says(draft, web):
    page = web.get(f"{URL}?edit=impact").content.decode()
    assert "- User-visible symptom: Chat completions returned 403 “policy_denied”\n- Data integrity: None\n" in page
    assert '<input type="hidden" name="revision" value="0">' in page


def test_saving_leads_back_to_the_section(summary, web, jens):
    answer = web.post(SAVE, {"body": "It **broke**.", "revision": "0"})

    assert (answer.status_code, answer["Location"]) == (302, f"{URL}#section-summary")
    assert "<p>It <strong>broke</strong>.</p>" in web.get(URL).content.decode()
    summary.refresh_from_db()
    assert (summary.body, summary.edited_by) == ("It **broke**.", jens.user)


@pytest.mark.parametrize("htmx", [False, True])
def test_both_texts_are_shown_when_somebody_else_wrote_first(summary, web, mira, htmx):
    edit_section(summary, by=mira, now=berlin("16:00"), body="Mira’s <words>", revision=0)
    headers = {"HX-Request": "true", "HX-Target": "postmortem-document"} if htmx else {}

    answer = web.post(SAVE, {"body": "Jens’s <words>", "revision": "0"}, headers=headers)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "@mira changed “Summary” at 2026-04-18 16:00 CEST, after you began. Nothing was overwritten." in page
    assert f'<pre tabindex="0">{escape("Mira’s <words>")}</pre>' in page
    assert f"\n{escape('Jens’s <words>')}</textarea>" in page
    summary.refresh_from_db()
    assert summary.body == "Mira’s <words>"

    assert '<input type="hidden" name="revision" value="1">' in page
    web.post(SAVE, {"body": "Both", "revision": "1"})
    summary.refresh_from_db()
    assert summary.body == "Both"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"body": "typed", "revision": ""}, "The form came without its revision; reload the page and save again."),
        ({"body": "typed"}, "The form came without its revision; reload the page and save again."),
        ({"body": "typed", "revision": "-1"}, "The form came with a broken revision; reload the page and save again."),
        ({"body": "typed", "revision": "x"}, "The form came with a broken revision; reload the page and save again."),
        ({"body": "typed" + "x" * 200_000, "revision": "0"}, "The text has 200,005 characters and a section holds"),
        ({"body": "typed\x00", "revision": "0"}, "Null characters are not allowed."),
    ],
)
def test_bad_input_gets_a_sentence_and_the_text_back(summary, web, fields, sentence):
    answer = web.post(SAVE, fields)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "\ntyped" in page.partition("<textarea")[2].partition("</textarea>")[0]
    summary.refresh_from_db()
    assert (summary.body, summary.revision) == ("", 0)


def test_a_section_that_is_none_is_not_found(draft, web):
    assert web.post(f"{URL}sections/nonsense/", {"body": "x", "revision": "0"}).status_code == 404
    assert web.get(f"{URL}?edit=nonsense").status_code == 200


def test_giving_up_the_edit(draft, web, jens):
    impact = draft.sections.get(key=SectionKey.IMPACT)
    edit_section(impact, by=jens, now=berlin("16:00"), body="- Customers affected: 14", revision=0)
    assert "<dd>14</dd>" in web.get(URL).content.decode()

    for sent in ("", "x", "0"):
        web.post(f"{URL}sections/impact/follow/", {"revision": sent})
        assert "<dd>14</dd>" in web.get(URL).content.decode()
    answer = web.post(f"{URL}sections/impact/follow/", {"revision": "1"}, follow=True)

    assert "Impact follows the record again." in answer.content.decode()
    assert "<dd>14</dd>" not in answer.content.decode()


def test_what_was_typed_while_it_was_published_comes_back(summary, draft, web, jens):
    draft.status, draft.published_at, draft.published_by = PostmortemStatus.PUBLISHED, berlin("16:30"), jens.user
    draft.save()

    answer = web.post(SAVE, {"body": "Too late", "revision": "0"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This postmortem is published; its words no longer change." in page
    assert "\nToo late</textarea>" in page
    summary.refresh_from_db()
    assert summary.body == ""
