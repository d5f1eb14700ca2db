"""One section at a time; nobody's words are overwritten unseen."""

import pytest

from accounts.actor import MUSTER, Actor
from core.errors import Conflict, InvalidInput, NotAllowed, WrongState
from postmortems.actions.section import edit_section, follow_record_again
from postmortems.enums import PostmortemStatus, SectionKey
from tests.factories.accounts import UserFactory
from tests.postmortems.story import berlin


@pytest.fixture
def summary(draft):
    return draft.sections.get(key=SectionKey.SUMMARY)


@pytest.fixture
def impact(draft):
    return draft.sections.get(key=SectionKey.IMPACT)


def test_markdown_is_rendered_and_sanitised_when_it_is_written(summary, jens):
    body = "# Big\r\n\r\nIt **broke**. <script>alert(1)</script> [y](javascript:z)\r\n"

    section = edit_section(summary, by=jens, now=berlin("16:00"), body=body, revision=0)

    section.refresh_from_db()
    assert section.body == "# Big\n\nIt **broke**. <script>alert(1)</script> [y](javascript:z)"
    assert section.html == (
        "<h3>Big</h3>\n<p>It <strong>broke</strong>. &lt;script&gt;alert(1)&lt;/script&gt; "
        '<a rel="noopener noreferrer">y</a></p>'
    )
    assert (section.revision, section.edited_at, section.edited_by) == (1, berlin("16:00"), jens.user)


def test_who_comes_second_is_told_who_came_first_and_nothing_is_overwritten(summary, jens, mira):
    edit_section(summary, by=mira, now=berlin("16:00"), body="Mira's words", revision=0)

    with pytest.raises(Conflict) as refused:
        edit_section(summary, by=jens, now=berlin("16:05"), body="Jens's words", revision=0)

    assert str(refused.value) == (
        "@mira changed “Summary” at 2026-04-18 16:00 CEST, after you began. Nothing was overwritten."
    )
    summary.refresh_from_db()
    assert (summary.body, summary.revision) == ("Mira's words", 1)


def test_the_same_words_again_change_nothing(summary, jens, mira):
    edit_section(summary, by=jens, now=berlin("16:00"), body="Words", revision=0)
    edit_section(summary, by=mira, now=berlin("16:05"), body="Words", revision=1)

    summary.refresh_from_db()
    assert (summary.revision, summary.edited_by) == (1, jens.user)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("a\x00b", "The text holds a character that cannot be kept (NUL)."),
        ("x" * 200_001, "The text has 200,001 characters and a section holds 200,000."),
    ],
)
def test_text_that_cannot_be_kept_is_refused(summary, jens, body, sentence):
    with pytest.raises(InvalidInput) as refused:
        edit_section(summary, by=jens, now=berlin("16:00"), body=body, revision=0)
    assert (str(refused.value), refused.value.field) == (sentence, "body")


def test_an_edited_derived_section_stops_following_until_it_is_given_back(impact, draft, jens):
    edited = edit_section(impact, by=jens, now=berlin("16:00"), body="- Customers affected: 14", revision=0)
    assert (edited.follows_record, edited.html) == (
        False,
        "<dl>\n<dt>Customers affected</dt><dd>14</dd>\n</dl>",
    )

    given_back = follow_record_again(impact, by=jens, now=berlin("16:10"), revision=1)

    assert (given_back.follows_record, given_back.body, given_back.revision) == (True, "", 2)


def test_a_typed_section_has_no_record_to_follow(summary, jens):
    with pytest.raises(WrongState, match="typed by people"):
        follow_record_again(summary, by=jens, now=berlin("16:10"), revision=0)


def test_giving_back_what_somebody_else_just_edited_is_refused(impact, jens, mira):
    edit_section(impact, by=jens, now=berlin("16:00"), body="- Customers affected: 14", revision=0)
    edit_section(impact, by=mira, now=berlin("16:01"), body="- Customers affected: 15", revision=1)

    with pytest.raises(Conflict):
        follow_record_again(impact, by=jens, now=berlin("16:02"), revision=1)
    impact.refresh_from_db()
    assert impact.body == "- Customers affected: 15"


@pytest.mark.parametrize("status", [PostmortemStatus.PUBLISHED, PostmortemStatus.WITHDRAWN])
def test_a_final_document_is_edited_no_more(summary, draft, jens, status):
    now = berlin("16:00")
    draft.status = status
    if status == PostmortemStatus.PUBLISHED:
        draft.published_at, draft.published_by = now, jens.user
    else:
        draft.withdrawn_at = now
    draft.save()

    with pytest.raises(WrongState):
        edit_section(summary, by=jens, now=now, body="Later", revision=0)


def test_only_people_who_respond_write(summary):
    for actor in (MUSTER, Actor(UserFactory(viewer=True))):
        with pytest.raises(NotAllowed):
            edit_section(summary, by=actor, now=berlin("16:00"), body="No", revision=0)
    summary.refresh_from_db()
    assert summary.body == ""
