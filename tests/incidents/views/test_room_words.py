"""What readers and writers of the room do with its words: paste, correct, pin, search, look, link, by doors."""

import csv
import io
import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from accounts.actor import Actor
from accounts.models import User
from incidents.actions.correction import correct_entry
from incidents.actions.impact import set_impact
from incidents.actions.public_word import tell_public
from incidents.actions.severity import change_level
from incidents.actions.status_update import post_status_update
from incidents.actions.timeline import add_entry
from incidents.enums import ClosedAs, IncidentStatus, Occasion, PromiseKind, TextAudience
from incidents.models import Incident, IncidentLink, LastLook, Pin, SentAway, SeverityChange, StatusUpdate
from tests.factories import NOW
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.factories.checklist import EntryFileFactory
from tests.factories.incidents import (
    DutyFactory,
    IncidentFactory,
    LevelFactory,
    TimelineEntryFactory,
    level_of,
    make_ladder,
)
from tests.factories.ladder import ContactFactory, MessageTemplateFactory
from tests.factories.words import LastLookFactory
from tests.incidents.views.room import HTMX, press, texts

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def half_an_hour_later(time_machine):
    time_machine.move_to(NOW + timedelta(minutes=30), tick=False)


@pytest.fixture
def ana() -> User:
    return UserFactory(handle="ana", time_zone="Europe/Berlin")


@pytest.fixture
def incident(ana) -> Incident:
    return IncidentFactory(level=level_of(make_ladder(ana), "SEV1"))


@pytest.fixture
def browser(client: Client, ana, incident) -> Client:
    client.force_login(ana)
    return client


def page(browser: Client, incident: Incident, query: str = "", **headers: str) -> str:
    return browser.get(incident.get_absolute_url() + query, headers=headers).content.decode()


def hidden(html: str, name: str) -> str:
    """The value of a hidden field of the open panel."""
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    return found[1] if found else ""


BLOCK = "14:25 first alert\n~14:30 looked\nand found nothing"


@pytest.mark.parametrize("htmx", [False, True])
def test_a_pasted_block_is_shown_before_any_of_it_is_written(browser, incident, htmx):
    shown = press(browser, incident, "timeline/paste", htmx=htmx, lines=BLOCK)

    html = shown.content.decode()
    assert (shown.status_code, texts(incident)) == (200, [])
    assert "Write 2 entries" in html
    assert "14:25 CEST" in re.sub(r"<[^>]*>", "", html) or 'datetime="2026-04-18T12:25:00+00:00"' in html
    press(browser, incident, "timeline/paste", lines=BLOCK + "!", seen=hidden(html, "seen"))
    assert texts(incident) == []
    press(browser, incident, "timeline/paste", htmx=htmx, lines=BLOCK, seen=hidden(html, "seen"))
    assert texts(incident) == ["first alert", "looked\nand found nothing"]


def test_a_moment_that_changed_since_the_preview_is_shown_again(browser, incident, time_machine):
    block = "14:55 first alert"
    time_machine.move_to(NOW + timedelta(minutes=30), tick=False)  # 14:53: it was yesterday
    html = press(browser, incident, "timeline/paste", lines=block).content.decode()
    time_machine.move_to(NOW + timedelta(minutes=33), tick=False)  # 14:56: it would be today

    again = press(browser, incident, "timeline/paste", lines=block, seen=hidden(html, "seen"))

    assert (texts(incident), "Write 1 entry" in again.content.decode()) == ([], True)
    press(browser, incident, "timeline/paste", lines=block, seen=hidden(again.content.decode(), "seen"))
    assert texts(incident) == ["first alert"]


def test_nobody_undoes_a_raise_that_they_did_not_see(client: Client, ana):
    incident = IncidentFactory(level=level_of(make_ladder(ana), "SEV2"))
    client.force_login(ana)
    html = page(client, incident, "?panel=severity")
    jens = UserFactory(handle="jens")
    change_level(incident, by=Actor(jens), now=timezone.now(), level=incident.level.version.levels.get(name="SEV1"))
    lower = {"level": "SEV3", "reason": "only ours"}

    refused = press(client, incident, "severity", **lower, seen=hidden(html, "seen"))

    said = refused.content.decode()
    assert (refused.status_code, "@jens was quicker at" in said, "only ours" in said) == (422, True, True)
    assert SeverityChange.objects.get().taken_back_at is None
    press(client, incident, "severity", **lower, seen=hidden(said, "seen"))
    incident.refresh_from_db()
    assert incident.level.name == "SEV3"


def test_a_line_that_cannot_be_read_is_named_and_the_block_stays(browser, incident):
    refused = press(browser, incident, "timeline/paste", lines="14:25 x\n26:00 y")

    assert refused.status_code == 422
    assert "Line 2: “26:00” is not a time" in refused.content.decode()
    assert "26:00 y</textarea>" in refused.content.decode()


def test_an_entry_opens_in_a_panel_is_corrected_and_pinned(browser, incident, ana):
    note = add_entry(incident, by=Actor(ana), now=NOW, text="12 orders lost")
    assert "What it should say" in page(browser, incident, f"?entry={note.number}")

    press(browser, incident, "timeline/correct", entry=note.number, line="21 orders lost")
    press(browser, incident, f"timeline/{note.number}/pin")

    html = page(browser, incident)
    assert 'class="is-note is-corrected"' in html
    assert texts(incident)[-1] == "21 orders lost"
    assert re.search(r'id="room-pins">.*?12 orders lost', html, re.S)
    press(browser, incident, f"timeline/{note.number}/unpin")
    assert Pin.objects.filter(taken_down_at__isnull=True).count() == 0
    assert "What it should say" not in page(browser, incident, f"?entry={note.number}")


def test_the_timeline_is_narrowed_by_words_and_person_also_by_htmx(browser, incident, ana):
    jo = UserFactory(handle="jo")
    for text, author in (("rolled back", ana), ("rolled on", jo), ("nothing", jo)):
        TimelineEntryFactory(incident=incident, text=text, author=author)

    def found(query: str) -> list[str]:
        answer = browser.get(incident.get_absolute_url() + "timeline/" + query, headers=HTMX)
        return re.findall(r'id="entry-(\d+)"', answer.content.decode())

    assert [found("?q=roll"), found("?by=@jo"), found("?q=roll&by=jo"), found("?q=zebra")] == [
        ["2", "1"],
        ["3", "2"],
        ["2"],
        [],
    ]
    assert "Nothing of this kind." in page(browser, incident, "?q=zebra")
    assert re.findall(r'id="entry-(\d+)"', page(browser, incident, "?q=roll")) == ["2", "1"]


def test_files_of_the_timeline_say_all_and_run_nothing(browser, incident, ana):
    note = add_entry(incident, by=Actor(ana), now=NOW, text='=HYPERLINK("http://x")', happened_at=NOW, is_about=True)
    correct_entry(incident, by=Actor(ana), now=NOW, number=note.number, line="a | b\n# c")
    answers = {kind: browser.get(f"{incident.get_absolute_url()}timeline.{kind}") for kind in ("md", "csv", "json")}

    assert {kind: answer["Content-Type"] for kind, answer in answers.items()} == {
        "md": "text/markdown; charset=utf-8",
        "csv": "text/csv; charset=utf-8",
        "json": "application/json; charset=utf-8",
    }
    assert answers["csv"]["Content-Disposition"] == f'attachment; filename="{incident.reference}-timeline.csv"'
    rows = list(csv.DictReader(io.StringIO(answers["csv"].content.decode())))
    assert [(row["text"], row["is_about"], row["is_corrected"]) for row in rows] == [
        ("a | b\n# c", "True", "False"),
        ('\'=HYPERLINK("http://x")', "True", "True"),
    ]
    whole = json.loads(answers["json"].content)
    assert [(row["number"], row["author"], row["corrects"], row["happened_at"]) for row in whole["entries"]] == [
        (2, "ana", 1, "2026-04-18T12:23:00Z"),
        (1, "ana", None, "2026-04-18T12:23:00Z"),
    ]
    assert answers["md"].content.decode().splitlines()[-2:] == [
        "- ~2026-04-18 12:23 — @ana a | b # c",
        '- ~2026-04-18 12:23 — @ana ~~=HYPERLINK("http://x")~~',
    ]


def test_the_second_of_two_impacts_is_told_and_may_press_again(browser, incident, ana):
    form = page(browser, incident, "?panel=impact")
    seen = hidden(form, "seen").replace("&quot;", '"')
    set_impact(incident, by=Actor(UserFactory(handle="jo")), now=NOW, customers="12", symptom="403")

    refused = press(browser, incident, "impact", customers="40", symptom="", seen=seen)

    incident.refresh_from_db()
    assert (refused.status_code, incident.customers, incident.symptom) == (422, "12", "403")
    html = refused.content.decode()
    assert "@jo changed it at 12:23 UTC while you were writing: Customers affected: 12." in html
    assert 'value="40"' in html
    assert 'name="symptom" value="403"' in html
    again = hidden(html, "seen").replace("&quot;", '"')
    press(browser, incident, "impact", customers="40", symptom="403", seen=again)
    incident.refresh_from_db()
    assert (incident.customers, incident.symptom) == ("40", "403")


def test_the_second_of_two_updates_is_told_and_may_press_again(browser, incident, ana):
    seen = hidden(page(browser, incident, "?panel=update"), "seen")
    post_status_update(incident, by=Actor(UserFactory(handle="jo")), now=NOW, text="Looking.")

    refused = press(browser, incident, "updates", action="Rolling back", status="identified", seen=seen)

    assert (refused.status_code, StatusUpdate.objects.count()) == (422, 1)
    html = refused.content.decode()
    assert "@jo posted a status update at 12:23 UTC while you were writing" in html
    press(browser, incident, "updates", action="Rolling back", status="identified", seen=hidden(html, "seen"))
    assert StatusUpdate.objects.count() == 2


def test_a_public_level_ticks_the_public_and_a_private_incident_has_no_such_box(browser, incident, ana):
    def box(asked: Incident) -> list[str]:
        return re.findall(r'<input[^>]*name="tell_public"[^>]*>', page(browser, asked, "?panel=update"))

    lower = IncidentFactory(level=incident.level.version.levels.get(name="SEV2"))
    private = IncidentFactory(level=incident.level, private_to=[ana])
    drill = IncidentFactory(level=incident.level, is_drill=True)

    assert ["checked" in "".join(box(each)) for each in (incident, lower)] == [True, False]
    assert [box(private), box(drill)] == [[], []]


def test_the_public_is_told_by_the_words_that_are_ready(browser, incident):
    html = page(browser, incident, "?panel=public")
    assert "We are looking into a problem." in html

    press(browser, incident, "public", text="We know of it.")

    incident.refresh_from_db()
    assert (incident.public_state, StatusUpdate.objects.get().public_text) == ("investigating", "We know of it.")


@pytest.fixture
def owed_to_public(incident) -> Incident:
    """A P0, at which the public is owed a word."""
    level = LevelFactory(version=incident.level.version, name="P0", rank=0, is_public=True)
    DutyFactory(level=level, kind=PromiseKind.STATUS_UPDATE, within="15 min")
    DutyFactory(level=level, kind=PromiseKind.PUBLIC_UPDATE, within="5 min")
    return IncidentFactory(level=level)


def test_no_change_says_beside_it_what_the_public_will_read_and_it_reads_so(browser, owed_to_public, ana):
    by, asked = Actor(ana), owed_to_public
    post_status_update(asked, by=by, now=NOW, impact="Blocks rise", action="Rolling back")
    assert "no-change-public" not in page(browser, asked)
    post_status_update(asked, by=by, now=NOW, impact="Blocks rise", action="Rolling back", tell_public=True)

    shown = re.findall(r'id="no-change-public">([^<]*)<', page(browser, asked))
    press(browser, asked, "updates/no-change")

    words = StatusUpdate.objects.latest("pk").public_text
    assert words == "Investigating.\nBlocks rise\nRolling back\nNext update by 13:08 UTC."
    assert shown == [f"No change: the public reads it too: “{words}”"]
    Incident.objects.filter(pk=asked.pk).update(audience=AudienceFactory(members=[ana]))
    assert "no-change-public" not in page(browser, asked)


def test_words_to_the_public_alone_leave_the_last_update_in_the_room(browser, owed_to_public, ana):
    by, asked = Actor(ana), owed_to_public
    tell_public(asked, by=by, now=NOW, text="We know of it.")
    assert ("Last status update" in page(browser, asked), 'id="no-change"' in page(browser, asked)) == (False, False)
    seen = hidden(page(browser, asked, "?panel=update"), "seen")
    press(browser, asked, "updates", action="Rolling back", cause="A deployment", status="identified", seen=seen)
    tell_public(asked, by=by, now=NOW + timedelta(minutes=31), text="We found it.")

    html = page(browser, asked, "?panel=update")

    assert "Rolling back</textarea>" in html
    assert 'value="A deployment"' in html
    assert "We found it." not in re.split("Last status update", html)[1].split("</section>")[0]


def test_ready_words_carry_the_moment_that_they_print(browser, owed_to_public, time_machine):
    html = page(browser, owed_to_public, "?panel=public")
    assert "Next update by 13:08 UTC." in html
    moment = hidden(html, "next_by")
    time_machine.move_to(NOW + timedelta(minutes=50), tick=False)

    refused = press(browser, owed_to_public, "public", text="We look; next by 13:08 UTC.", next_by=moment)

    again = refused.content.decode()
    assert (refused.status_code, StatusUpdate.objects.count()) == (422, 0)
    assert "The words promise the next ones by 13:08 UTC, which is past. Write 13:28 UTC or sooner" in again
    press(browser, owed_to_public, "public", text="We look; next by 13:28 UTC.", next_by=hidden(again, "next_by"))
    assert StatusUpdate.objects.get().next_by == NOW + timedelta(minutes=65)


def test_one_hint_is_shown_and_sent_away_for_this_reader_alone(browser, client, incident, ana):
    html = page(browser, incident)
    assert re.findall(r'id="hint"[^>]*><span>([^<]*)', html) == [
        "SEV1 for 30 minutes, and the public was told nothing."
    ]

    press(browser, incident, "hints/public_knows_nothing/away")

    assert SentAway.objects.get().user == ana
    assert re.findall(r'id="hint"[^>]*><span>([^<]*)', page(browser, incident)) == [
        "SEV1 has a commander, and nobody commands."
    ]


def test_what_came_in_since_the_last_look_stands_above_a_line_until_it_is_seen(browser, incident, ana):
    for text in ("one", "two", "three"):
        TimelineEntryFactory(incident=incident, text=text, author=UserFactory())
    LastLookFactory(incident=incident, user=ana, number=1, at=NOW)

    html = page(browser, incident)

    assert "<b>2 new</b> since" in html
    order = re.findall(r'id="entry-(\d+)"|class="(mu-since-line)"', html)
    assert [number or line for number, line in order] == ["3", "2", "mu-since-line", "1"]
    answer = press(browser, incident, "looked", number=3)
    assert (answer.status_code, LastLook.objects.get().number) == (302, 3)
    assert "mu-since-line" not in page(browser, incident)
    assert press(browser, incident, "looked", htmx=True, number="many").status_code == 204


def test_incidents_are_linked_merged_and_opened_again(browser, incident, ana):
    other = IncidentFactory(summary="The database is slow")
    hidden_one = IncidentFactory(private_to=[])
    offered = browser.get(incident.get_absolute_url() + "?panel=merge").content.decode()
    choices = offered.partition('<datalist id="room-incidents-list">')[2].partition("</datalist>")[0]
    assert choices == f'<option value="{other.reference}">The database is slow</option>'
    press(browser, incident, "link", relation="caused_by", other=str(other.number))
    assert re.search(r"Caused by</span> <a [^>]*>" + other.reference, page(browser, incident))
    refused = press(browser, incident, "merge", other=hidden_one.reference)
    assert (refused.status_code, f"There is no incident {hidden_one.reference}." in refused.content.decode()) == (
        422,
        True,
    )

    press(browser, incident, "merge", other=other.reference.lower())

    incident.refresh_from_db()
    assert incident.status == IncidentStatus.CLOSED
    html = page(browser, incident)
    assert "Open it again…" in html
    band = html.partition('id="room-band"')[2].partition("</section>")[0]
    assert re.search(r"A duplicate:</b> it goes on in <a [^>]*>" + other.reference, band)
    press(browser, incident, "reopen", reason="another cause")
    incident.refresh_from_db()
    assert (incident.status, IncidentLink.objects.get().relation) == (IncidentStatus.INVESTIGATING, "related")


def test_files_of_the_timeline_name_what_stands_beside_an_entry(browser, incident, ana):
    note = TimelineEntryFactory(incident=incident, text="the graph", author=ana)
    file = EntryFileFactory(entry=note, attachment__name="=graph.png").attachment
    kinds = ("timeline.md", "timeline.csv", "timeline.json", "status.md")
    answers = {kind: browser.get(f"{incident.get_absolute_url()}{kind}").content.decode() for kind in kinds}

    assert "@ana the graph (file: =graph.png)" in answers["timeline.md"]
    assert "@ana the graph (file: =graph.png)" in answers["status.md"]
    assert [row["files"] for row in csv.DictReader(io.StringIO(answers["timeline.csv"]))] == ["'=graph.png"]
    kept = {"name": "=graph.png", "size": file.size, "sha256": file.sha256}
    assert [row["files"] for row in json.loads(answers["timeline.json"])["entries"]] == [[kept]]


UPDATE = {"impact": "Blocks rise", "action": "Rolling back", "status": "identified", "tell_public": "on"}


@pytest.mark.parametrize("own", ["", "We are on it."])
def test_what_the_public_will_read_is_shown_before_and_posts_nothing(browser, incident, own):
    sent = {**UPDATE, "public_text": own}
    live = browser.get(f"{incident.get_absolute_url()}updates/preview", sent, headers=HTMX).content.decode()
    plain = press(browser, incident, "updates/preview", **sent)

    assert (plain.status_code, StatusUpdate.objects.count()) == (200, 0)
    assert "Rolling back</textarea>" in plain.content.decode()
    press(browser, incident, "updates", **sent, seen=0)
    told = escape(StatusUpdate.objects.get().public_text).replace("\n", "<br>")
    assert own in told
    assert f'<div class="mu-public">{told}</div>' in live
    assert f'<div class="mu-public">{told}</div>' in plain.content.decode()


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"tell_public": ""}, "The public reads nothing of this."),
        ({"next_by": "25:99"}, "Shown once nothing is wrong above."),
    ],
)
def test_where_there_is_nothing_to_show_the_preview_says_why(browser, incident, sent, words):
    shown = browser.get(f"{incident.get_absolute_url()}updates/preview", {**UPDATE, **sent}, headers=HTMX)

    assert words in shown.content.decode()


def test_a_private_incident_has_no_preview_for_the_public(browser, ana):
    hidden_one = IncidentFactory(private_to=[ana])

    assert "update-preview" not in page(browser, hidden_one, "?panel=update")
    answer = browser.get(f"{hidden_one.get_absolute_url()}updates/preview", UPDATE, headers=HTMX).content.decode()
    assert "The public reads nothing of this." in answer


@pytest.fixture
def for_others(incident) -> None:
    """For social media and for customers, when it was declared, and for customers once it is over."""
    ready = [
        (TextAudience.SOCIAL, Occasion.DECLARED, "", "We know of it. {impact}"),
        (TextAudience.CUSTOMERS, Occasion.DECLARED, "Trouble: {summary}", "What we do: {action}"),
        (TextAudience.CUSTOMERS, Occasion.RESOLVED, "Over: {summary}", "It is <b>over</b>."),
    ]
    for audience, occasion, subject, text in ready:
        MessageTemplateFactory(
            version=incident.level.version, audience=audience, occasion=occasion, subject=subject, text=text
        )


def test_the_public_panel_offers_the_texts_for_other_ways_filled_in_each_to_copy(browser, incident, ana, for_others):
    post_status_update(incident, by=Actor(ana), now=NOW, impact="Payments fail", action="We roll back")

    assert "We know of it." not in page(browser, incident)
    panel = page(browser, incident, "?panel=public")

    assert '<div class="mu-words" id="text-social-declared">We know of it. Payments fail</div>' in panel
    assert 'data-copy="text-social-declared"' in panel
    assert f'id="subject-customers-declared">Trouble: {escape(incident.summary)}</span>' in panel
    assert 'id="text-customers-declared">What we do: We roll back</div>' in panel
    assert "over" not in re.findall(r'id="text-[^"]*">([^<]*)', panel)


def test_the_texts_have_a_page_of_their_own_also_when_it_is_closed(browser, incident, for_others):
    link = f'<a href="{incident.get_absolute_url()}public/texts/">Words to copy</a>'
    told = {"public_state": IncidentStatus.RESOLVED, "public_told_at": NOW}
    Incident.objects.update(status=IncidentStatus.CLOSED, closed_at=NOW, closed_as=ClosedAs.RESPONSE_OVER, **told)

    assert link in page(browser, incident)
    shown = page(browser, incident, "public/texts/")
    assert 'id="text-customers-resolved">It is &lt;b&gt;over&lt;/b&gt;.</div>' in shown
    assert "social" not in shown


def test_a_drill_has_no_texts_for_others_and_says_why(browser, incident, for_others):
    drill = IncidentFactory(level=incident.level, is_drill=True)

    shown = page(browser, drill, "public/texts/")
    assert f"{drill.reference} is a drill; nothing of it is told to the public." in shown
    assert "We know of it." not in page(browser, drill, "?panel=public") + shown


def test_a_stranger_to_a_private_incident_finds_no_texts(client, ana):
    secret = IncidentFactory(private_to=[ana])
    client.force_login(UserFactory(handle="otto"))

    assert client.get(secret.get_absolute_url() + "public/texts/").status_code == 404


def test_contacts_stand_beside_the_people_with_how_soon_they_answer(browser, incident):
    ContactFactory(version=incident.level.version, role="Engineering lead", method="Phone", within="10 min")

    shown = page(browser, incident)
    people = shown[shown.index('id="room-people"') : shown.index("</aside>", shown.index('id="room-people"'))]
    assert '<dt>Engineering lead</dt><dd>Phone <span class="mu-dim">within 10 min</span></dd>' in people
