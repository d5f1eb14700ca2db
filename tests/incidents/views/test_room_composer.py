"""The one line in which a room is written: kept when refused, posted once, completed, its moment shown."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from incidents.models import Incident, Submission
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.checklist import PNG
from tests.factories.incidents import IncidentFactory, level_of, make_ladder

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def a_minute_later(time_machine):
    time_machine.move_to(NOW + timedelta(minutes=1), tick=False)


@pytest.fixture
def ana() -> User:
    return UserFactory(handle="ana", time_zone="Europe/Berlin")


@pytest.fixture
def incident(ana) -> Incident:
    return IncidentFactory(level=level_of(make_ladder(ana), "SEV2"))


@pytest.fixture
def browser(client: Client, ana) -> Client:
    client.force_login(ana)
    return client


def post(browser: Client, incident: Incident, line: str, *, htmx: bool = False, key: uuid.UUID | None = None):
    sent = {"line": line, "submission_key": key or uuid.uuid4()}
    return browser.post(f"{incident.get_absolute_url()}post", sent, headers=HTMX if htmx else {})


def help_for(browser: Client, incident: Incident, line: str) -> str:
    return browser.get(f"{incident.get_absolute_url()}completions", {"line": line}).content.decode()


def test_a_line_becomes_an_entry_and_the_browser_is_led_to_the_room(browser, ana, incident):
    answer = post(browser, incident, "hotfix merged")
    entry = incident.entries.get()
    assert (answer.status_code, answer["Location"]) == (302, incident.get_absolute_url())
    assert (entry.text, entry.author, entry.happened_at) == ("hotfix merged", ana, NOW + timedelta(minutes=1))


def test_a_leading_time_dates_it_back_and_both_times_are_shown(browser, incident):
    answer = post(browser, incident, "14:15 spike begins", htmx=True)
    entry = incident.entries.get()
    assert (entry.text, entry.happened_at) == ("spike begins", NOW - timedelta(minutes=8))
    assert "Noted at" in answer.content.decode()
    page = browser.get(incident.get_absolute_url()).content.decode()
    row = re.search(r'<li id="entry-1".*?</li>', page, re.S)
    assert row
    assert re.findall(r"<time[^>]*>([\d:]+)</time>", row[0]) == ["12:15", "12:24"]


@pytest.mark.parametrize(
    "line", ["", "   ", "/nonsense", "/status asleep", "/sev SEV9", "14:15", "/role", "x" * 10_001]
)
@pytest.mark.parametrize("htmx", [True, False])
def test_a_refused_line_stays_with_its_sentence_beside_it(browser, incident, line, htmx):
    answer = post(browser, incident, line, htmx=htmx)
    html = answer.content.decode()
    said = re.search(r'id="composer-said"[^>]*>(.*?)</div>', html, re.S)
    assert answer.status_code == 422
    assert said
    assert "data-not-done" in said[1]
    assert re.sub(r"<[^>]*>", "", said[1]).strip().endswith((".", "write //nonsense.", "alone"))
    assert (incident.entries.count(), Submission.objects.count()) == (0, 0)
    if htmx:
        assert "<textarea" not in html  # what was typed is not touched
    else:
        assert line.strip() in html


def test_what_happened_on_another_day_says_which(browser, incident):
    post(browser, incident, "14:30 yesterday's deploy")
    page = browser.get(incident.get_absolute_url()).content.decode()
    row = re.search(r'<li id="entry-1".*?</li>', page, re.S)
    assert row
    assert re.findall(r"<time[^>]*>([^<]+)</time>", row[0]) == ["12:30", "2026-04-17 12:30 UTC", "12:24"]


def test_a_double_press_posts_once(browser, incident):
    key = uuid.uuid4()
    for _ in range(3):
        assert post(browser, incident, "hotfix merged", key=key, htmx=True).status_code == 200
    assert list(incident.entries.values_list("text", flat=True)) == ["hotfix merged"]


def test_the_key_of_somebody_else_posts_nothing_for_me(browser, client, incident):
    key = uuid.uuid4()
    post(browser, incident, "mine", key=key)
    client.force_login(UserFactory())
    answer = post(client, incident, "theirs", key=key, htmx=True)
    assert answer.status_code == 422
    assert list(incident.entries.values_list("text", flat=True)) == ["mine"]


def test_each_page_carries_a_key_of_its_own(browser, incident):
    keys = {
        re.search(r'name="submission_key" value="([^"]+)"', browser.get(incident.get_absolute_url()).content.decode())[
            1
        ]
        for _ in range(2)
    }
    assert len(keys) == 2


def test_commands_levels_and_people_are_completed(browser, incident):
    UserFactory(handle="tomas")
    assert re.findall(r'data-insert="([^"]*)"', help_for(browser, incident, "/s")) == [
        "/status ",
        "/sev ",
        "/stopped ",
    ]
    assert re.findall(r'data-insert="([^"]*)"', help_for(browser, incident, "/sev ")) == [
        "/sev SEV1 ",
        "/sev SEV2 ",
        "/sev SEV3 ",
    ]
    assert re.findall(r'data-insert="([^"]*)"', help_for(browser, incident, "/page @to")) == ["/page @tomas "]
    assert help_for(browser, incident, "hello").strip() == ""


def test_the_moment_of_a_leading_time_is_shown_with_its_zone_before_it_settles(browser, incident):
    assert "2026-04-18 14:15 CEST" in help_for(browser, incident, "14:15 spike")
    assert "2026-04-17 14:25 CEST" in help_for(browser, incident, "14:25")
    assert "2026-04-18 14:14 CEST" in help_for(browser, incident, "-10m spike")
    assert "“99:15” is not a time" in help_for(browser, incident, "99:15 x")


def test_what_is_typed_is_never_markup(browser, incident):
    post(browser, incident, "<script>alert(1)</script> **bold** <img src=x onerror=alert(1)>")
    page = browser.get(incident.get_absolute_url()).content.decode()
    assert "<img" not in page
    assert "<script>" not in page
    assert "<strong>bold</strong>" in page


def post_files(browser: Client, incident: Incident, line: str, *files: SimpleUploadedFile, htmx: bool = False):
    sent = {"line": line, "submission_key": uuid.uuid4(), "file": files}
    return browser.post(f"{incident.get_absolute_url()}post", sent, headers=HTMX if htmx else {})


@pytest.mark.parametrize("htmx", [True, False])
def test_files_go_with_a_note_and_stand_beside_it(browser, incident, htmx):
    files = SimpleUploadedFile("graph.png", PNG), SimpleUploadedFile("trace.log", b"it broke" * 200)
    answer = post_files(browser, incident, "look at this", *files, htmx=htmx)

    assert answer.status_code == (200 if htmx else 302)
    html = browser.get(incident.get_absolute_url()).content.decode()
    row = re.search(r'<li id="entry-1".*?</li>', html, re.S)
    assert row
    found = re.findall(r'<a class="mu-file small" href="([^"]*)">(.*?)</a>', row[0])
    assert [re.sub(r"<[^>]*>", "", words).replace("\xa0", " ") for _, words in found] == [
        f"graph.png {len(PNG)} bytes",
        "trace.log 1.6 KB",
    ]
    assert browser.get(found[0][0]).content == PNG


@pytest.mark.parametrize("htmx", [True, False])
def test_a_refused_file_leaves_the_line_and_says_what_to_do(browser, incident, htmx):
    answer = post_files(browser, incident, "look", SimpleUploadedFile("run.svg", b"<svg/>"), htmx=htmx)

    html = answer.content.decode()
    assert (answer.status_code, incident.entries.count()) == (422, 0)
    assert "“run.svg” is of a kind that cannot be kept." in html
    assert ("Choose the files again" in html) is not htmx
    assert htmx or ">look</textarea>" in html


def test_a_file_is_added_to_an_entry_from_its_panel(browser, incident):
    post(browser, incident, "errors rise")
    room = incident.get_absolute_url()
    assert f'href="{room}?panel=files&amp;number=1#room-panel"' in browser.get(f"{room}?entry=1").content.decode()
    form = browser.get(f"{room}?panel=files&number=1").content.decode()
    assert re.search(r'<input type="hidden" name="number" value="1"', form)

    refused = browser.post(f"{room}timeline/files", {"number": 1}, headers=HTMX)
    assert (refused.status_code, "Choose the files first." in refused.content.decode()) == (422, True)
    browser.post(f"{room}timeline/files", {"number": 1, "file": SimpleUploadedFile("trace.log", b"it broke")})

    html = browser.get(f"{room}?entry=1").content.decode()
    assert len(re.findall(r'class="mu-file small"', html)) == 2  # in the timeline, and in the panel
    assert "added trace.log to entry 1 of 12:24 UTC" in html
    assert 'href="?entry=1#room-panel">Entry 1</a>' in html
