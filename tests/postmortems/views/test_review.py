"""Asking and approving from the page."""

import pytest

from postmortems.actions.review import ask_review
from postmortems.actions.section import edit_section
from postmortems.enums import PostmortemStatus, SectionKey
from tests.factories.accounts import UserFactory
from tests.postmortems.story import berlin

URL = "/postmortems/INC-20260418-0042/"


@pytest.fixture
def ana(draft, jens):
    person = UserFactory(handle="ana", viewer=True)
    ask_review(draft, by=jens, now=berlin("16:00"), reviewers=[person])
    return person


def test_named_people_are_asked(draft, web, mira):
    answer = web.post(f"{URL}review/", {"reviewers": ["mira"]}, follow=True)

    assert "Asked @mira to review it." in answer.content.decode()
    assert "0 of 1 reviewer approved" in answer.content.decode()
    assert [review.reviewer for review in draft.reviews.all()] == [mira.user]


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ([], "Name at least one person to review it."),
        (["mira", "jens"], "@jens wrote it; name somebody else to review it."),
        (["mira", "nobody"], "There is nobody called “nobody” who may review it."),
    ],
)
def test_bad_names_get_a_sentence_and_stay_ticked(draft, web, mira, named, sentence):
    answer = web.post(f"{URL}review/", {"reviewers": named})

    page = answer.content.decode()
    assert (answer.status_code, sentence in page) == (422, True)
    assert ('value="mira" checked' in page) == ("mira" in named)
    assert draft.reviews.count() == 0


def test_the_reviewer_approves_with_a_word(draft, ana, web_of, web):
    assert "You are asked to review it." not in web.get(URL).content.decode()
    reader = web_of(ana)
    assert "You are asked to review it." in reader.get(URL).content.decode()

    answer = reader.post(f"{URL}approve/", {"note": "Clear <b>enough</b>."}, follow=True)

    page = answer.content.decode()
    assert "1 of 1 reviewer approved" in page
    assert "Clear &lt;b&gt;enough&lt;/b&gt;." in page
    assert "You are asked to review it." not in page


def test_a_note_too_long_comes_back(draft, ana, web_of):
    answer = web_of(ana).post(f"{URL}approve/", {"note": "n" * 1001})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The note has 1001 characters and holds 1000." in page
    assert "n" * 1001 in page
    assert draft.reviews.get().approved_at is None


def test_who_was_not_asked_is_told_so(draft, ana, web_of, mira):
    answer = web_of(mira.user).post(f"{URL}approve/", {"note": "I looked"})

    assert answer.status_code == 422
    assert 'value="I looked"' in answer.content.decode()
    assert "@mira was not asked to review this postmortem." in answer.content.decode()


def test_an_edit_after_the_approval_is_said(draft, ana, web, web_of, jens):
    web_of(ana).post(f"{URL}approve/", {})
    assert "before the last edit" not in web.get(URL).content.decode()

    draft.reviews.update(approved_at=berlin("16:30"))
    summary = draft.sections.get(key=SectionKey.SUMMARY)
    edit_section(summary, by=jens, now=berlin("16:40"), body="Later", revision=0)

    assert "before the last edit" in web.get(URL).content.decode()
    draft.refresh_from_db()
    assert draft.status == PostmortemStatus.IN_REVIEW
