"""The list, the document, its Markdown, and who may see and do what."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actor import Actor
from incidents.enums import ClosedAs, IncidentStatus
from incidents.models import Incident
from postmortems.actions.action_item import add_action_item
from postmortems.actions.postmortem import open_postmortem, publish_postmortem
from postmortems.actions.section import edit_section
from postmortems.enums import PostmortemStatus, SectionKey
from postmortems.models import Postmortem
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.factories.incidents import IncidentFactory, make_entries
from tests.factories.postmortems import ActionItemFactory, PostmortemFactory, ReviewFactory
from tests.postmortems.story import berlin

URL = "/postmortems/INC-20260418-0042/"
SUMMARY = "A threshold regression blocked runs; we rolled it back."
CAUSE = "The score scale changed, the threshold did not."


@pytest.fixture
def written(draft, jens):
    for key, body in ((SectionKey.SUMMARY, SUMMARY), (SectionKey.ROOT_CAUSE, CAUSE)):
        edit_section(draft.sections.get(key=key), by=jens, now=berlin("16:00"), body=body, revision=0)
    return draft


def test_the_document_shows_the_head_and_the_sections_from_the_record(draft, web):
    page = web.get(URL).content.decode()

    for words in (
        "<dd>14:15 → 15:20 CEST (65 min)</dd>",
        "minutes: 8 undetected · 6 to find · 15 to mitigate · 36 watching",
        "<td>14:15</td><td>Block rate spike begins (per Grafana)</td>",
        "<dt>Data integrity</dt><dd>None</dd>",
        "Blameless: we fix the system, not the person.",
        ">2026-04-20 15:20 CEST</time>",
    ):
        assert words in page


def test_a_derived_section_follows_the_record_until_it_is_published(written, story, web, jens):
    Incident.objects.filter(pk=story.pk).update(symptom="Answers are slow")
    assert "<dd>Answers are slow</dd>" in web.get(URL).content.decode()

    publish_postmortem(written, by=jens, now=berlin("16:30"))
    Incident.objects.filter(pk=story.pk).update(
        symptom="Something else", summary="Another title", impact_began_at=berlin("14:00")
    )

    page = web.get(URL).content.decode()
    assert "<dd>Answers are slow</dd>" in page
    assert "Something else" not in page
    assert "Another title" not in page
    assert "<dd>14:15 → 15:20 CEST (65 min)</dd>" in page


def test_a_viewer_reads_and_has_no_doors(draft, web_of):
    viewer = web_of(UserFactory(viewer=True))
    page = viewer.get(f"{URL}?edit=summary&item=1").content.decode()

    assert "Pipeline blocks spiking" in page
    document = page.partition('id="postmortem-document"')[2].partition("</main>")[0]
    assert "<form" not in document
    assert "?edit=" not in document


@pytest.mark.parametrize(
    ("door", "fields"),
    [
        ("publish/", {}),
        ("review/", {"reviewers": ["mira"]}),
        ("sections/summary/", {"body": "x", "revision": "0"}),
        ("sections/impact/follow/", {"revision": "0"}),
        ("actions/", {"text": "x", "owner": "mira", "due_on": "2062-01-01"}),
        ("actions/1/", {"text": "x", "owner": "mira", "due_on": "2062-01-01"}),
        ("actions/1/done/", {}),
        ("actions/1/drop/", {"reason": "x"}),
    ],
)
def test_a_viewer_who_knocks_changes_nothing(written, web_of, jens, mira, door, fields):
    today = timezone.localdate()
    add_action_item(written, by=jens, now=timezone.now(), text="Test it", owner=jens.user, due_on=today)
    before = list(written.sections.values_list("body", "revision")), list(written.action_items.values())

    answer = web_of(UserFactory(viewer=True)).post(URL + door, fields, follow=True)

    assert answer.status_code in {200, 422}
    assert "may read here but not act" in answer.content.decode()
    written.refresh_from_db()
    assert (list(written.sections.values_list("body", "revision")), list(written.action_items.values())) == before
    assert (written.status, written.reviews.count()) == (PostmortemStatus.DRAFT, 0)


def test_a_private_one_is_not_there_for_outsiders(written, story, web, web_of, jens):
    story.audience = AudienceFactory(members=[jens.user])
    story.save()
    outsider = web_of(UserFactory(admin=True))

    for path in ("", "print.css"):
        assert (web.get(URL + path).status_code, outsider.get(URL + path).status_code) == (200, 404)
    assert outsider.get(URL[:-1] + ".md").status_code == 404
    for door in ("open/", "publish/", "review/", "approve/", "sections/summary/", "actions/", "actions/1/done/"):
        assert outsider.post(URL + door).status_code == 404
    listed = outsider.get("/postmortems/", {"q": "threshold"}).content.decode()
    assert "Pipeline" not in listed
    assert "Draft 0" in listed
    assert "Pipeline" in web.get("/postmortems/", {"q": "threshold"}).content.decode()


def test_who_is_not_signed_in_is_asked_to(draft, client):
    for path in (URL, f"{URL}print.css", "/postmortems/", "/postmortems/INC-20260418-0042.md"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/account/login/")


def test_an_incident_without_one_offers_to_open_it(story, web, web_of):
    assert "Open a draft" in web.get(URL).content.decode()
    assert "Open a draft" not in web_of(UserFactory(viewer=True)).get(URL).content.decode()

    answer = web.post(f"{URL}open/")

    assert (answer.status_code, answer["Location"]) == (302, URL)
    assert Postmortem.objects.get().incident == story


def test_what_was_no_incident_owes_none(story, web):
    story.status, story.closed_at, story.closed_as = IncidentStatus.CLOSED, berlin("16:00"), ClosedAs.NOT_AN_INCIDENT
    story.save()
    assert "so it owes none" in web.get(URL).content.decode()
    web.post(f"{URL}open/")
    assert Postmortem.objects.count() == 0


def test_publishing_says_what_is_missing_before_and_after_the_press(draft, web):
    page = web.get(URL).content.decode()
    assert "Write the summary first: what broke, who was affected, how it was fixed." in page
    assert f"{URL}publish/" not in page

    answer = web.post(f"{URL}publish/", follow=True)

    assert "Write the root cause first" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.status == PostmortemStatus.DRAFT


def test_publishing_from_the_page(written, web, story):
    answer = web.post(f"{URL}publish/", follow=True)

    assert answer.redirect_chain == [(URL, 302)]
    assert "The postmortem is published." in answer.content.decode()
    written.refresh_from_db()
    assert written.status == PostmortemStatus.PUBLISHED
    assert story.promises.open().count() == 0


def test_htmx_gets_the_document_alone(written, web):
    answer = web.post(f"{URL}publish/", headers={"HX-Request": "true", "HX-Target": "postmortem-document"})

    page = answer.content.decode()
    assert page.lstrip().startswith('<div id="postmortem-document">')
    assert "<html" not in page
    assert 'hx-swap-oob="true"' in page


def test_the_markdown_has_the_shape_of_the_template(written, web, jens, mira):
    today = timezone.localdate()
    text = "Alert | when \\ it leaves its band"
    add_action_item(written, by=jens, now=timezone.now(), text=text, owner=mira.user, due_on=today)

    answer = web.get("/postmortems/INC-20260418-0042.md")

    assert answer["Content-Type"] == "text/markdown; charset=utf-8"
    assert answer.content.decode() == (
        "# Postmortem — [SEV2] Pipeline blocks spiking\n\n"
        "**Date:** 2026-04-18\n**Duration:** 14:15 → 15:20 CEST (65 min)\n**Author:** @jens\n"
        "**Reviewers:** nobody yet\n\n"
        f"## Summary\n{SUMMARY}\n\n"
        "## Impact\n- Customers affected: 12 · ~12 active, filtering the audit trail by `provider=openai`\n"
        "- User-visible symptom: Chat completions returned 403 “policy_denied”\n"
        "- Data integrity: None\n- Revenue impact: None\n\n"
        "## Timeline\n- 14:15 CEST — Block rate spike begins (per Grafana)\n- 14:23 CEST — Declared SEV2\n"
        "- 14:24 CEST — @jens answered primary\n- 14:29 CEST — Identified\n"
        "- 14:34 CEST — Hotfix PR merged,\n    deploy to **prod** in flight\n\n"
        f"## Root cause\n{CAUSE}\n\n"
        "## What went well\n…\n\n## What went poorly\n…\n\n"
        "## Action items\n| # | Action | Owner | Due |\n|---|---|---|---|\n"
        f"| 1 | Alert \\| when \\\\ it leaves its band | @mira | {today} |\n\n"
        "Postmortems are blameless. Fix the system, not the person.\n"
    )


def test_hints_on_blame_are_for_those_who_can_mend_it(written, web, web_of, jens):
    section = written.sections.get(key=SectionKey.WENT_POORLY)
    edit_section(section, by=jens, now=berlin("16:10"), body="@mira should have known.", revision=0)

    assert "<b>@mira should have</b> may be read as blame" in web.get(URL).content.decode()
    assert "read as blame" not in web.get(f"{URL}?hints=off").content.decode()
    assert "read as blame" not in web_of(UserFactory(viewer=True)).get(URL).content.decode()
    web.post(f"{URL}publish/")
    assert "read as blame" not in web.get(URL).content.decode()


def test_the_list_is_searched_by_words_and_narrowed_by_status(written, web, jens):
    other = open_postmortem(
        IncidentFactory(resolved=True, summary="Search is slow"), by=Actor(jens.user), now=berlin("17:00")
    )
    add_action_item(
        other, by=jens, now=timezone.now(), text="Warm the caches", owner=jens.user, due_on=timezone.localdate()
    )

    def listed(**query):
        return [row.pk for row in web.get("/postmortems/", query).context["sheet"].object_list]

    for words, expected in (
        ("threshold regression", [written.pk]),
        ("thresholds changed", [written.pk]),
        ("cache", [other.pk]),
        ("0042", [written.pk]),
        ("inc-20260418-0042", [written.pk]),
        ("@jens", [written.pk]),
        ("nothing like it", []),
        ("'; -- %", []),
        ("a\x00b", []),
    ):
        assert (words, listed(q=words)) == (words, expected)
    assert sorted(listed()) == sorted([written.pk, other.pk])
    web.post(f"{URL}publish/")
    assert listed(status="published") == [written.pk]
    assert listed(status="draft") == [other.pk]
    assert sorted(listed(status="nonsense", page="99")) == sorted([written.pk, other.pk])


def test_the_list_says_what_is_owed_and_not_opened(story, web):
    page = web.get("/postmortems/").content.decode()
    assert "until " in page
    assert "INC-20260418-0042 Pipeline blocks spiking</a>" in page


def queries_of(web, path):
    web.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert web.get(path).status_code == 200
    return len(captured)


def test_the_list_takes_as_many_queries_for_three_as_for_one(web):
    PostmortemFactory()
    one = queries_of(web, "/postmortems/")
    PostmortemFactory.create_batch(2)

    assert queries_of(web, "/postmortems/") == one


def test_the_document_takes_as_many_queries_for_much_as_for_little(draft, story, web, jens):
    ReviewFactory(postmortem=draft)
    ActionItemFactory(postmortem=draft)
    little = queries_of(web, URL)
    make_entries(story, 100, people=[jens.user])
    ReviewFactory.create_batch(2, postmortem=draft)
    ActionItemFactory.create_batch(2, postmortem=draft)

    assert (queries_of(web, URL), little) == (14, 14)
