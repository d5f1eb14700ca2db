"""The checklist in the room: one press ticks, words and files go through the form, files are served safely."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from incidents.enums import CheckOutcome, Evidence, Gate, IncidentStatus, MediaType, PhaseAnchor
from incidents.models import Attachment, ChecklistItem, Incident
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.checklist import PNG, AttachmentFactory, ChecklistItemFactory
from tests.factories.escalation import ServiceFactory
from tests.factories.incidents import IncidentFactory, RoleAssignmentFactory, level_of, make_ladder
from tests.factories.ladder import PhaseFactory, PhaseTroubleFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def seven_minutes_later(time_machine):
    time_machine.move_to(NOW + timedelta(minutes=7), tick=False)


@pytest.fixture
def ana() -> User:
    return UserFactory(handle="ana", time_zone="Europe/Berlin")


@pytest.fixture
def incident(ana) -> Incident:
    """A SEV2 with a step whose box is over, a check that wants a file, and one of a phase that has not begun."""
    incident = IncidentFactory(
        level=level_of(make_ladder(ana), "SEV2"), service=ServiceFactory(slug="chat-gateway"), summary="Blocks"
    )
    RoleAssignmentFactory(incident=incident, user=ana)
    version = incident.level.version
    triage = PhaseFactory(version=version, position=1, slug="triage", name="Triage", ends_after="5 min")
    PhaseTroubleFactory(phase=triage, issue="Ten alerts at once", remedy="Treat them as one incident")
    verify = PhaseFactory(
        version=version, position=2, slug="verify", name="Verify", anchor=PhaseAnchor.MITIGATED, ends_after="30 min"
    )
    ChecklistItemFactory(
        incident=incident, number=1, item__phase=triage, item__text="Check deployments", item__command="helm {service}"
    )
    ChecklistItemFactory(
        incident=incident,
        number=2,
        item__phase=verify,
        item__text="Errors are back",
        item__evidence=Evidence.FILE,
        item__holds=Gate.RESOLVE,
    )
    ChecklistItemFactory(incident=incident, number=3, item__phase=verify, item__text="Users", item__flag="api")
    return incident


@pytest.fixture
def browser(client: Client, ana, incident) -> Client:
    client.force_login(ana)
    return client


def shot(name: str = "graph.png") -> SimpleUploadedFile:
    """A screenshot as a browser sends it."""
    return SimpleUploadedFile(name, PNG, content_type="text/html")


def press(browser: Client, incident: Incident, *, htmx: bool = False, **sent: object):
    return browser.post(f"{incident.get_absolute_url()}checklist", sent, headers=HTMX if htmx else {})


def item(incident: Incident, number: int) -> ChecklistItem:
    return incident.checklist.get(number=number)


def room(browser: Client, incident: Incident, query: str = "") -> str:
    return browser.get(incident.get_absolute_url() + query).content.decode()


def test_the_room_shows_what_runs_unfolded_and_the_rest_as_one_line(browser, incident):
    html = room(browser, incident)

    assert '<details id="phase-triage" class="mu-phase" open>' in html
    assert '<details id="phase-verify" class="mu-phase">' in html
    assert '<code id="command-1">helm chat-gateway</code>' in html
    assert "Ten alerts at once" in html
    assert "Users" not in html
    assert "Triage: 1 of 1 open" in html


def test_one_press_ticks_and_a_browser_is_led_to_the_room(browser, incident, ana):
    answer = press(browser, incident, item=1)

    assert (answer.status_code, answer["Location"]) == (302, incident.get_absolute_url())
    assert (item(incident, 1).outcome, item(incident, 1).marked_by) == (CheckOutcome.PASSED, ana)
    assert "Triage: 1 of 1 open" not in room(browser, incident)


def test_one_press_by_htmx_gets_the_parts_and_leaves_an_open_panel_alone(browser, incident):
    html = press(browser, incident, htmx=True, item=1).content.decode()

    assert 'id="room-facts" hx-swap-oob="true"' in html
    assert 'id="room-panel"' not in html


def test_without_its_file_it_comes_back_with_the_sentence_and_what_was_typed(browser, incident):
    for htmx in (False, True):
        answer = press(browser, incident, htmx=htmx, item=2, note="looks well")
        html = answer.content.decode()
        assert answer.status_code == 422
        assert "“Errors are back” asks for a file that shows it" in html
        assert 'value="looks well"' in html
        assert '<option value="2" selected>' in html
        assert 'enctype="multipart/form-data"' in html


def test_a_file_is_kept_and_named_beside_who_saw_it(browser, incident):
    press(browser, incident, item=2, file=shot())

    kept = Attachment.objects.get()
    assert item(incident, 2).attachment == kept
    assert f'<a href="{kept.get_absolute_url()}">graph.png</a>' in room(browser, incident, "?phase=verify")


@pytest.mark.parametrize("outcome", [CheckOutcome.FAILED, CheckOutcome.NOT_APPLICABLE, CheckOutcome.OPEN])
def test_every_way_it_may_stand_is_said_by_the_form(browser, incident, outcome):
    press(browser, incident, item=1)
    press(browser, incident, item=1, outcome=outcome, note="not so")

    assert item(incident, 1).outcome == outcome


@pytest.mark.parametrize("sent", [{}, {"item": "3"}, {"item": "x"}, {"item": "1", "outcome": "banana"}])
def test_nonsense_is_refused_and_nothing_is_marked(browser, incident, sent):
    assert press(browser, incident, **sent).status_code == 422
    assert incident.checklist.exclude(outcome=CheckOutcome.OPEN).count() == 0


def test_the_panel_knows_which_item_it_was_opened_for(browser, incident):
    assert '<option value="2" selected>Errors are back</option>' in room(browser, incident, "?panel=check&item=2")


def test_the_resolve_panel_says_what_was_seen_by_whom_and_refuses_without(browser, incident):
    assert "☐ Errors are back: not seen yet, so it needs a reason." in room(browser, incident, "?panel=resolve")
    answer = browser.post(f"{incident.get_absolute_url()}resolve", {"reason": ""})
    assert (answer.status_code, "1 check is still to do" in answer.content.decode()) == (422, True)

    press(browser, incident, item=2, file=shot())
    assert "✓ Errors are back: @ana 14:30 CEST, graph.png." in room(browser, incident, "?panel=resolve")
    browser.post(f"{incident.get_absolute_url()}resolve", {"reason": ""})

    incident.refresh_from_db()
    assert incident.status == IncidentStatus.RESOLVED


def test_checks_are_owed_once_the_bleeding_has_stopped(browser, incident):
    assert "1 of 1 checks pending" not in room(browser, incident)
    browser.post(f"{incident.get_absolute_url()}bleeding-stopped")
    assert "1 of 1 checks pending before it is resolved" in room(browser, incident)


def test_a_viewer_sees_it_and_has_nothing_to_press(client, incident):
    client.force_login(UserFactory(viewer=True))
    html = room(client, incident)

    assert "Check deployments" in html
    assert 'id="tick-1"' not in html


def test_a_picture_is_shown_and_runs_nothing(browser, incident):
    file = AttachmentFactory(incident=incident, name='a "b" ü.png')
    answer = browser.get(file.get_absolute_url())

    assert (answer.status_code, answer.content) == (200, file.content)
    assert {name: answer[name] for name in ("Content-Type", "X-Content-Type-Options", "Cache-Control")} == {
        "Content-Type": "image/png",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=31536000, immutable",
    }
    assert answer["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert answer["Content-Disposition"] == "inline; filename*=utf-8''a%20%22b%22%20%C3%BC.png"


@pytest.mark.parametrize(
    ("media", "kind"),
    [
        (MediaType.PDF, "application/pdf"),
        (MediaType.TEXT, "text/plain; charset=utf-8"),
        (MediaType.CSV, "text/csv; charset=utf-8"),
        (MediaType.JSON, "application/json; charset=utf-8"),
        (MediaType.ZIP, "application/zip"),
        (MediaType.GZIP, "application/gzip"),
    ],
)
def test_everything_else_is_downloaded(browser, incident, media, kind):
    file = AttachmentFactory(incident=incident, name="evidence", media_type=media)
    answer = browser.get(file.get_absolute_url())

    assert (answer["Content-Type"], answer["Content-Disposition"]) == (kind, 'attachment; filename="evidence"')


def test_a_file_is_found_in_its_own_incident_alone_and_by_whoever_may_see_it(browser, incident, ana):
    hidden = AttachmentFactory(incident=IncidentFactory(private_to=[UserFactory()]))
    elsewhere = reverse("incidents:attachment-detail", args=[incident.reference, hidden.sha256])

    assert [browser.get(path).status_code for path in (hidden.get_absolute_url(), elsewhere)] == [404, 404]
    shared = AttachmentFactory(incident=IncidentFactory(private_to=[ana]))
    assert browser.get(shared.get_absolute_url()).status_code == 200


def test_a_stranger_is_sent_to_the_sign_in(client, incident):
    file = AttachmentFactory(incident=incident)
    answer = client.get(file.get_absolute_url())

    assert (answer.status_code, answer["Location"].startswith(reverse("account_login"))) == (302, True)


def items_shown(browser: Client, address: str, **headers: str) -> list[str]:
    """The numbers of the items whose row is in the page."""
    return re.findall(r'id="tick-(\d+)"', browser.get(address, headers=headers).content.decode())


def test_a_phase_that_has_not_begun_shows_its_items_once_it_is_unfolded(browser, incident) -> None:
    room = incident.get_absolute_url()

    assert items_shown(browser, room) == ["1"]
    assert items_shown(browser, f"{room}?phase=verify") == ["1", "2"]
    assert items_shown(browser, f"{room}?parts=all", **HTMX, **{"X-Phases": "verify"}) == ["1", "2"]
    assert f'href="{room}?phase=verify#phase-verify"' in browser.get(room).content.decode()
