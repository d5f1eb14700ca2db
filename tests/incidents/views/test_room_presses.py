"""Every press in the room: with HTMX and without, refused with its words kept, and once however often it is sent."""

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client

from accounts.actor import MUSTER
from accounts.models import User
from escalation.models import Page
from incidents.actions.status_update import post_status_update
from incidents.enums import ClosedAs, EntryKind, FlagAsked, Gate, IncidentStatus, PromiseKind, TaskStatus, WatchOrder
from incidents.models import Incident, StatusUpdate
from incidents.views.panels import OFFERS
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.checklist import ChecklistItemFactory
from tests.factories.comms import ReachableUserFactory
from tests.factories.escalation import ServiceFactory, make_policy
from tests.factories.incidents import (
    IncidentFactory,
    LevelFactory,
    PromiseFactory,
    RoleAssignmentFactory,
    SeverityChangeFactory,
    level_of,
    make_ladder,
)
from tests.factories.ladder import FlagFactory
from tests.factories.working import TaskFactory
from tests.incidents.views.room import HTMX, press, texts

pytestmark = pytest.mark.django_db


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
def browser(client: Client, ana, incident) -> Client:
    client.force_login(ana)
    return client


PRESSES = [
    ("status", {"status": "identified"}, "Status: identified"),
    ("bleeding-stopped", {}, "Bleeding stopped"),
    ("severity", {"level": "SEV1"}, "Raised from SEV2 to SEV1"),
    ("severity", {"level": "SEV3", "reason": "only ours"}, "Lowered from SEV2 to SEV3: only ours"),
    ("roles", {"role": "scribe", "user": "@ana"}, "@ana is scribe"),
    ("roles/commander/take", {}, "@ana is commander"),
    ("impact", {"customers": "~12 active"}, "Customers affected: ~12 active"),
    ("resolve", {}, "Resolved"),
    ("not-an-incident", {"reason": "a drill"}, "Closed: not an incident. Declaring it was right: a drill"),
]


@pytest.mark.parametrize(("tail", "sent", "text"), PRESSES)
def test_a_press_acts_and_a_browser_is_led_to_the_room(browser, incident, tail, sent, text):
    answer = press(browser, incident, tail, **sent)
    assert (answer.status_code, answer["Location"]) == (302, incident.get_absolute_url())
    assert text in texts(incident)


@pytest.mark.parametrize(("tail", "sent", "text"), PRESSES)
def test_a_press_by_htmx_gets_the_parts_from_fresh_rows(browser, incident, tail, sent, text):
    answer = press(browser, incident, tail, htmx=True, **sent)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert text in texts(incident)
    assert 'id="room-band" hx-swap-oob="true"' in html
    assert "<html" not in html


@pytest.mark.parametrize(
    ("tail", "sent", "sentence", "kept"),
    [
        ("severity", {"level": "SEV3", "reason": ""}, "To lower it to SEV3, say why.", 'value="SEV3"'),
        ("severity", {"level": "SEV9"}, "SEV9 is not one of the available choices", ""),
        ("roles", {"role": "scribe", "user": "@nobody"}, "There is nobody called @nobody here.", 'value="@nobody"'),
        ("roles", {"role": "scribe", "user": "@ana @bea"}, "There is nobody called @bea here.", 'value="@ana @bea"'),
        ("page", {"whom": ""}, "Say whom to page: a person like @ana, or an escalation policy.", ""),
        ("page", {"whom": "@nobody"}, "There is nobody called @nobody here.", 'value="@nobody"'),
        ("updates", {"text": "", "status": "identified"}, "There is nothing written yet.", ""),
        (
            "updates",
            {"text": "We found it", "status": "identified", "next_by": "25:00"},
            "“25:00” is not a time; write it like “14:45”.",
            "We found it",
        ),
        (
            "updates",
            {"text": "We found it", "status": "identified", "next_by": "23:00"},
            "SEV2 owes the next update by",
            "We found it",
        ),
        ("impact", {"customers": "x", "impact_began_at": "soon"}, "“soon” is not a time", 'value="x"'),
        ("impact", {"symptom": "x", "impact_began_at": "2026-04-18 23:00"}, "has not come yet.", 'value="x"'),
        ("impact", {"symptom": "x", "customers_count": "-4"}, "greater than or equal to 0", 'value="x"'),
        ("impact", {"data_integrity": "perhaps"}, "perhaps is not one of the available choices", ""),
        ("watch-failed", {"reason": "again"}, "is investigating; nothing is being watched.", 'value="again"'),
        ("close", {"reason": "tired"}, "Resolve it first", 'value="tired"'),
        ("service", {"service": "999999"}, "not one of the available choices", ""),
    ],
)
@pytest.mark.parametrize("htmx", [True, False])
def test_a_refusal_keeps_what_was_typed_and_writes_nothing(browser, incident, tail, sent, sentence, kept, htmx):
    answer = press(browser, incident, tail, htmx=htmx, **sent)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in html
    assert kept in html
    assert "data-not-done" in html
    assert (texts(incident), Page.objects.count(), StatusUpdate.objects.count()) == ([], 0, 0)


@pytest.mark.parametrize("htmx", [True, False])
def test_a_refused_button_says_why(browser, incident, htmx):
    answer = press(browser, incident, "severity/take-back", htmx=htmx)
    page = answer if htmx else browser.get(answer["Location"])
    assert "It is too late to take it back" in page.content.decode()
    assert texts(incident) == []


def test_every_press_of_a_viewer_is_refused_with_a_sentence(client, incident):
    viewer = UserFactory(viewer=True, handle="vera")
    client.force_login(viewer)
    for tail, sent, _ in PRESSES:
        answer = press(client, incident, tail, htmx=True, **sent)
        assert (
            "@vera may read here but not act; ask an admin for the access level Responder." in answer.content.decode()
        )
    assert texts(incident) == []


def test_a_status_update_posts_once_however_often_it_is_sent(browser, incident):
    sent = {"text": "We found it", "status": "identified", "submission_key": uuid.uuid4()}
    for _ in range(2):
        assert press(browser, incident, "updates", **sent).status_code == 302
    update = StatusUpdate.objects.get()
    assert (update.text, update.status, update.next_by) == ("We found it", "identified", NOW + timedelta(minutes=31))


def test_a_sooner_next_update_is_the_writers_wall_time(browser, incident):
    press(browser, incident, "updates", text="We found it", status="identified", next_by="14:40")
    assert StatusUpdate.objects.get().next_by == NOW + timedelta(minutes=17)


def test_no_change_posts_once_for_one_key(browser, incident):
    post_status_update(incident, by=MUSTER, now=NOW, text="We are on it.")
    key = uuid.uuid4()
    for _ in range(2):
        press(browser, incident, "updates/no-change", submission_key=key)
    assert list(StatusUpdate.objects.filter(is_no_change=True).values_list("text", flat=True)) == [
        "No change since 12:23 UTC: We are on it."
    ]


def test_people_and_policies_are_paged_by_name(browser, ana, incident):
    bea, cem = ReachableUserFactory(handle="bea"), ReachableUserFactory(handle="cem")
    make_policy(bea, slug="founder", name="Founder on call")
    press(browser, incident, "page", whom="@bea, cem")
    press(browser, incident, "page", whom="Founder on call")
    assert [(page.group, [row.user for row in page.attempts.all()]) for page in Page.objects.order_by("pk")] == [
        ("@bea, @cem", [bea, cem]),
        ("Founder on call", [bea]),
    ]


@pytest.mark.parametrize("whom", ["@bea", "founder"])
def test_a_double_press_rings_once(browser, incident, whom):
    bea, key = ReachableUserFactory(handle="bea"), uuid.uuid4()
    make_policy(bea, slug="founder")
    for _ in range(2):
        assert press(browser, incident, "page", whom=whom, submission_key=key).status_code == 302
    assert [row.user for page in Page.objects.all() for row in page.attempts.all()] == [bea]


def test_a_raise_is_taken_back_by_one_press(browser, incident):
    press(browser, incident, "severity", level="SEV1")
    answer = press(browser, incident, "severity/take-back", htmx=True)
    incident.refresh_from_db()
    assert incident.level.name == "SEV2"
    assert "Taken back: it stays SEV2. Nobody was rung." in answer.content.decode()


def test_the_resolve_panel_says_what_a_raise_asks_that_can_still_be_taken_back(browser, incident):
    version = incident.level.version
    watched = LevelFactory(version=version, name="SEV0", watch_order=WatchOrder.BEFORE_RESOLVED, watch_for="30 min")
    SeverityChangeFactory(incident=incident, after=watched, at=NOW + timedelta(seconds=55))
    incident.level, incident.status, incident.mitigated_at = watched, IncidentStatus.MONITORING, NOW
    incident.save()

    panel = browser.get(f"{incident.get_absolute_url()}?panel=resolve").content.decode()
    assert "SEV0 is watched for 30 min first; until 14:54 CEST it needs a reason." in panel
    answer = press(browser, incident, "resolve", reason="")
    assert (answer.status_code, "To resolve it all the same, give a reason" in answer.content.decode()) == (422, True)


def test_the_close_panel_says_all_that_holds_it_and_each_task_that_is_dropped_with_it(browser, ana, incident):
    version, jens = incident.level.version, UserFactory(handle="jens")
    FlagFactory(version=version, slug="new", question="Was it new?", asked=FlagAsked.AFTER)
    draft = ChecklistItemFactory(
        incident=incident, item__phase__version=version, item__text="Mail is out", item__holds=Gate.CLOSE
    )
    TaskFactory(incident=incident, number=1, owner=jens, text="Tidy the queue")
    TaskFactory(incident=incident, number=2, owner=ana, text="Remove the switch")
    done = {"status": TaskStatus.DONE, "ended_at": NOW, "ended_by": ana}
    TaskFactory(incident=incident, number=3, owner=ana, text="Roll back", **done)
    PromiseFactory(incident=incident, kind=PromiseKind.EXECUTIVE_BRIEF, subject="Brief", owed_by="commander")
    Incident.objects.update(status=IncidentStatus.RESOLVED, resolved_at=NOW)

    tells = told_beside(browser, incident, "close")

    assert tells == [
        "The response is over: every role ends. What is owed after it goes on.",
        "Still owed: Was it new? (commander); closing now needs a reason.",
        "Still owed: Brief (commander); closing now needs a reason.",
        f"☐ {draft.text}: not seen yet, so it needs a reason.",
        "Dropped with it, the task of @jens: Tidy the queue",
        "Dropped with it, the task of @ana: Remove the switch",
    ]
    for panel in ("dismiss", "merge"):
        assert told_beside(browser, incident, panel)[-2:] == tells[-2:]


def told_beside(browser: Client, incident: Incident, panel: str) -> list[str]:
    """The sentences beside the button of a panel."""
    shown = browser.get(f"{incident.get_absolute_url()}?panel={panel}").content.decode()
    return re.findall("<li>(.*?)</li>", shown[shown.index("mu-tells") : shown.index("</ul>", shown.index("mu-tells"))])


def test_every_field_for_words_is_kept_by_the_browser_until_it_was_taken(browser, incident):
    lost = []
    for panel in OFFERS:
        page = browser.get(f"{incident.get_absolute_url()}?panel={panel}").content.decode()
        shown = page.partition('id="room-panel"')[2].partition("</section>")[0]
        fields = re.findall(r"<textarea[^>]*>|<input type=\"text\"[^>]*>", shown)
        long = [one for one in fields if int((re.findall(r'maxlength="(\d+)"', one) or ["100"])[0]) >= 100]
        lost += [(panel, one) for one in long if "data-draft=" not in one]
    assert lost == []


def test_the_band_says_of_a_dismissed_incident_that_it_was_none(browser, incident):
    press(browser, incident, "not-an-incident", reason="a test of the alarm")

    page = browser.get(incident.get_absolute_url()).content.decode()
    band = page.partition('id="room-band"')[2].partition("</section>")[0]
    assert "<b>Not an incident.</b> Declaring it was right." in band


def test_impact_and_service_are_set_and_shown(browser, incident):
    service = ServiceFactory(slug="policy-pipeline")
    press(browser, incident, "service", service=service.pk)
    press(browser, incident, "impact", what_happens="Blocks jumped.", customers_count=12, impact_began_at="14:15")
    incident.refresh_from_db()
    assert (incident.service, incident.customers_count) == (service, 12)
    assert incident.impact_began_at == NOW - timedelta(minutes=8)
    press(
        browser,
        incident,
        "impact",
        what_happens="Blocks jumped.",
        customers_count=12,
        impact_began_at="2026-04-18 14:15",
    )
    assert len(texts(incident)) == 2


def test_a_role_is_left_by_whoever_holds_it(browser, ana, incident):
    assignment = RoleAssignmentFactory(incident=incident, user=ana, began_at=NOW)
    press(browser, incident, "roles/commander/leave")
    assignment.refresh_from_db()
    assert assignment.ended_at == NOW + timedelta(minutes=1)


def test_the_way_to_the_end_by_presses_alone(browser, incident):
    press(browser, incident, "bleeding-stopped")
    press(browser, incident, "resolve")
    press(browser, incident, "watch-failed", reason="blocks again")
    press(browser, incident, "resolve")
    refused = press(browser, incident, "close")
    press(browser, incident, "close", reason="handed to the night shift")
    incident.refresh_from_db()
    assert refused.status_code == 422
    assert (incident.status, incident.closed_as) == (IncidentStatus.CLOSED, ClosedAs.RESPONSE_OVER)
    shown = browser.get(incident.get_absolute_url()).content.decode()
    assert "This record is closed; nothing more is written in it." in shown
    reads, writes = f"/incidents/{incident.reference}/looked", f"/incidents/{incident.reference}/post"
    assert set(re.findall(r'action="(/incidents/[^"]*)"', shown)) == {reads, writes}


def test_signing_in_again_in_the_middle_of_a_press_leads_to_the_room(browser, incident):
    for tail in ("post", "updates", "resolve", "status", "page", "roles/commander/take"):
        answer = browser.get(incident.get_absolute_url() + tail)
        assert (answer.status_code, answer["Location"]) == (302, incident.get_absolute_url())
    assert texts(incident) == []


def test_a_press_from_elsewhere_leaves_an_open_form_alone(browser, incident):
    change = SeverityChangeFactory(incident=incident, after=level_of(incident.level.version, "SEV1"), at=NOW)
    assert change.settled_at is None
    button = press(browser, incident, "status", htmx=True, status="identified").content.decode()
    raised = press(browser, incident, "severity", htmx=True, level="SEV3", reason="ours").content.decode()
    form = press(browser, incident, "impact", htmx=True, symptom="403", submission_key="").content.decode()
    assert 'id="room-panel"' not in raised
    assert 'id="room-panel"' not in button
    assert '<section id="room-panel" hx-swap-oob="true" class="mu-panel mu-open" hidden' in form


def test_panels_open_in_place_and_say_what_the_press_does(browser, incident):
    for key, sentence in {
        "page": "Rings them now on their urgent channels, whoever answered before.",
        "severity": "SEV1: rings again in 10 s, updates every 15 min; until then you can take it back.",
        "resolve": "The 30 min watch begins.",
        "dismiss": "Stops every page and owes nothing, no postmortem. Declaring it was right.",
        "roles": "Whoever gets a role is told at once",
    }.items():
        headers = {**HTMX, "HX-Target": "room-panel"}
        panel = browser.get(f"{incident.get_absolute_url()}?panel={key}", headers=headers).content.decode()
        page = browser.get(f"{incident.get_absolute_url()}?panel={key}").content.decode()
        assert panel.strip().startswith('<section id="room-panel"')
        assert sentence in panel
        assert sentence in page
    assert incident.entries.filter(kind=EntryKind.STATUS).count() == 0
