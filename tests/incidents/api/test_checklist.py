"""The checklist by API: read, ticked, failed, with words and files as the policy asks."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents.enums import Evidence, Gate, IncidentStatus
from incidents.models import Attachment
from tests.api import Machine
from tests.factories.accounts import UserFactory
from tests.factories.checklist import PNG, ChecklistItemFactory
from tests.factories.incidents import IncidentFactory
from tests.factories.ladder import PhaseFactory

pytestmark = pytest.mark.django_db
OPEN = {"outcome": "open", "note": "", "marked_at": None, "marked_by": None, "file": None}


@pytest.fixture
def path(incident):
    """A step, a check that wants words, and one that wants a file and holds resolving."""
    phase = PhaseFactory(version=incident.level.version, slug="triage", name="Triage", ends_after="5 min")
    same = {"incident": incident, "item__phase": phase}
    ChecklistItemFactory(**same, number=1, item__text="Look at the graph", item__command="helm list")
    ChecklistItemFactory(
        **same, number=2, item__text="Errors are back", item__kind="check", item__evidence=Evidence.NOTE
    )
    ChecklistItemFactory(
        **same, number=3, item__text="Users say so", item__evidence=Evidence.FILE, item__holds=Gate.RESOLVE
    )
    return f"/incidents/{incident.reference}/checklist"


def test_it_is_read_in_parts(ana, path):
    status, parts = Machine(ana, "read").get(path)

    assert status == 200
    assert [{**part, "items": len(part["items"])} for part in parts] == [
        {
            "key": "triage",
            "name": "Triage",
            "begins_at": "2026-04-18T12:23:00Z",
            "ends_at": "2026-04-18T12:28:00Z",
            "items": 3,
        }
    ]
    first, second, third = parts[0]["items"]
    assert first == {
        "number": 1,
        "text": "Look at the graph",
        "is_check": False,
        "evidence": "none",
        "holds": "none",
        "command": "helm list",
        "link": "",
        **OPEN,
    }
    assert (second["is_check"], second["evidence"], third["holds"]) == (True, "note", "resolve")


def test_an_item_is_ticked_said_not_to_apply_and_opened_again(ana, incident, path):
    machine = Machine(ana)

    passed, again = (machine.post(f"{path}/1", {}) for _ in range(2))
    opened = machine.post(f"{path}/1", {"outcome": "open"})
    spared = machine.post(f"{path}/1", {"outcome": "not_applicable", "note": "no graph"})

    assert [status for status, _ in (passed, again, opened, spared)] == [200] * 4
    assert (passed[1]["outcome"], passed[1]["marked_by"], passed[1]["marked_at"]) == (
        "passed",
        "ana",
        "2026-04-18T12:23:00Z",
    )
    assert again == passed
    assert {name: opened[1][name] for name in OPEN} == OPEN
    assert (spared[1]["outcome"], spared[1]["note"]) == ("not_applicable", "no graph")
    rows = incident.entries.order_by("number").values_list("text", "author__handle", "via")
    assert list(rows) == [
        ("✓ Look at the graph · @ana", "ana", "api"),
        ("Open again: Look at the graph · @ana", "ana", "api"),
        ("– Does not apply: Look at the graph: no graph · @ana", "ana", "api"),
    ]


def test_a_check_that_fails_while_it_is_watched_takes_it_back(ana, incident, path):
    incident.status = IncidentStatus.MONITORING
    incident.save(update_fields=["status"])

    status, shown = Machine(ana).post(f"{path}/2", {"outcome": "failed", "note": "4 % errors"})

    incident.refresh_from_db()
    assert (status, shown["outcome"], shown["note"]) == (200, "failed", "4 % errors")
    assert incident.status == "investigating"


def test_a_file_shows_what_was_seen(ana, incident, path, settings):
    status, shown = Machine(ana).send(f"{path}/3/evidence", SimpleUploadedFile("graph.png", PNG))

    file = Attachment.objects.get()
    assert (status, shown["outcome"], shown["file"]) == (200, "passed", settings.MUSTER_URL + file.get_absolute_url())
    assert (incident.entries.get().text, incident.entries.get().via) == (
        "✓ Users say so · evidence: graph.png · @ana",
        "api",
    )


@pytest.mark.parametrize(
    ("number", "asked", "detail", "field"),
    [
        (2, {}, "“Errors are back” asks for a note: say what you saw.", "note"),
        (3, {}, "“Users say so” asks for a file that shows it: a screenshot, a log.", "file"),
        (1, {"outcome": "failed"}, "Say in a few words what you saw.", "note"),
        (1, {"outcome": "fine"}, "“fine” is none of passed, failed, not_applicable, open.", "outcome"),
        (1, {"note": "x" * 301}, "The note has 301 characters and holds 300.", "note"),
        (9, {}, "There is no such item in the checklist.", "item"),
    ],
)
def test_a_mark_that_makes_no_sense_is_refused_and_changes_nothing(ana, incident, path, number, asked, detail, field):
    assert Machine(ana).post(f"{path}/{number}", asked) == (422, {"detail": detail, "field": field})
    assert incident.entries.count() == 0


def test_somebody_who_was_quicker_is_named(ana, path):
    Machine(UserFactory(handle="jens")).post(f"{path}/1", {})

    sentence = "@jens said at 12:23 UTC of “Look at the graph”: passed. To say it anew, set it open first."
    assert Machine(ana).post(f"{path}/1", {}) == (409, {"detail": sentence, "field": ""})


def test_a_stranger_and_a_key_that_only_reads_send_no_file(ana, incident, path):
    hidden = IncidentFactory(level=incident.level, private_to=[])
    file = SimpleUploadedFile("graph.png", PNG)

    sent = [
        Machine(ana).send(f"/incidents/{hidden.reference}/checklist/3/evidence", file)[0],
        Machine(ana, "read").send(f"{path}/3/evidence", file)[0],
    ]

    assert (sent, Attachment.objects.count()) == ([404, 403], 0)
