"""The timeline by API: noted, with files beside it; and shown as the exported one."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.actor import Actor
from incidents.actions.composer import COMMANDS
from incidents.actions.correction import correct_entry
from incidents.models import Attachment, Submission, TimelineEntry
from tests.api import Machine
from tests.factories import NOW
from tests.factories.accounts import AudienceFactory
from tests.factories.incidents import IncidentFactory, TimelineEntryFactory

pytestmark = pytest.mark.django_db


def test_a_text_is_noted_as_it_stands_at_its_own_time(ana, incident):
    asked = {"text": "/sev SEV1 is what we typed", "happened_at": "2026-04-18T14:15:00+02:00"}

    status, answer = Machine(ana).post(f"/incidents/{incident.reference}/entries", asked)

    entry = TimelineEntry.objects.get()
    assert (status, answer["said"], answer["entry"]["number"]) == (201, "Noted.", entry.number)
    assert (entry.text, entry.author, entry.via) == ("/sev SEV1 is what we typed", ana, "api")
    assert (entry.happened_at, entry.recorded_at) == (NOW - timedelta(minutes=8), NOW)


def test_a_line_is_read_as_in_the_room(ana, incident):
    machine = Machine(ana)

    noted = machine.post(f"/incidents/{incident.reference}/entries", {"line": "14:15 block rate spike begins"})
    ran = machine.post(f"/incidents/{incident.reference}/entries", {"line": "/status identified"})

    incident.refresh_from_db()
    assert (noted[0], noted[1]["entry"]["happened_at"]) == (201, "2026-04-18T12:15:00Z")
    assert ran == (200, {"said": "Status: identified.", "entry": None})
    assert incident.status == "identified"


@pytest.mark.parametrize("asked", [{"text": "once"}, {"line": "once"}])
def test_the_same_submission_key_notes_once(ana, incident, asked):
    machine, asked = Machine(ana), {**asked, "submission_key": str(uuid4())}

    first = machine.post(f"/incidents/{incident.reference}/entries", asked)
    second = machine.post(f"/incidents/{incident.reference}/entries", asked)

    assert (first[0], second) == (201, (200, {"said": "Posted already.", "entry": None}))
    assert [entry.text for entry in TimelineEntry.objects.all()] == ["once"]


@pytest.mark.parametrize(
    ("asked", "status", "detail", "field"),
    [
        ({}, 422, "Give either a line, as in the room, or a text.", "text"),
        ({"line": "a", "text": "b"}, 422, "Give either a line, as in the room, or a text.", "text"),
        (
            {"line": "a", "happened_at": "2026-04-18T14:15:00Z"},
            422,
            "A line says its own time; give happened_at with a text.",
            "happened_at",
        ),
        (
            {"text": "a", "happened_at": "2026-04-18T12:15:00"},
            422,
            "“happened_at” needs its zone, like 2026-04-18T14:23:00+02:00.",
            "happened_at",
        ),
        (
            {"text": "a", "happened_at": "soon"},
            422,
            "“happened_at” is a moment, like 2026-04-18T14:23:00+02:00.",
            "happened_at",
        ),
        (
            {"text": "a", "happened_at": "2026-04-18T12:24:00Z"},
            422,
            "2026-04-18 12:24 UTC has not come yet; the timeline holds what happened.",
            "",
        ),
        (
            {"text": "a", "happened_at": "0001-01-01T00:00:00+14:00"},
            422,
            "A moment lies between 2000 and 2100.",
            "happened_at",
        ),
        (
            {"text": "a", "happened_at": "9999-12-31T23:59:59-12:00"},
            422,
            "A moment lies between 2000 and 2100.",
            "happened_at",
        ),
        ({"text": " "}, 422, "There is nothing written yet.", "text"),
        ({"text": "a\0"}, 422, "“text” holds a character that cannot be kept.", "text"),
        ({"line": "/page @a\0"}, 422, "“line” holds a character that cannot be kept.", "line"),
        (
            {"line": "/dance"},
            422,
            f"There is no command /dance; there are {' '.join(f'/{name}' for name in COMMANDS)}. "
            "For a note, write //dance.",
            "line",
        ),
    ],
)
def test_a_note_that_makes_no_sense_is_refused_and_leaves_nothing(ana, incident, asked, status, detail, field):
    asked = {**asked, "submission_key": str(uuid4())}

    answer = Machine(ana).post(f"/incidents/{incident.reference}/entries", asked)

    assert answer == (status, {"detail": detail, "field": field})
    assert (TimelineEntry.objects.count(), Submission.objects.count()) == (0, 0)


def test_a_machine_puts_a_file_beside_an_entry_and_reads_where_it_is(incident, ana, settings):
    machine, path = Machine(ana), f"/incidents/{incident.reference}"
    machine.post(f"{path}/entries", {"text": "errors rise"})

    status, shown = machine.send(f"{path}/entries/1/files", SimpleUploadedFile("trace.log", b"it broke"))

    file = Attachment.objects.get()
    link = settings.MUSTER_URL + file.get_absolute_url()
    assert status == 201
    assert shown["files"] == [{"name": "trace.log", "size": 8, "sha256": file.sha256, "link": link}]
    _, whole = machine.get(path)
    assert [(entry["number"], len(entry["files"])) for entry in whole["entries"]] == [(2, 0), (1, 1)]


@pytest.mark.parametrize(
    ("number", "name", "status"), [(9, "trace.log", 422), (1, "run.svg", 422), (1, "graph.png", 422)]
)
def test_a_file_that_cannot_be_kept_is_refused_in_a_sentence(incident, ana, number, name, status):
    machine, path = Machine(ana), f"/incidents/{incident.reference}"
    machine.post(f"{path}/entries", {"text": "errors rise"})

    answered, problem = machine.send(f"{path}/entries/{number}/files", SimpleUploadedFile(name, b"it broke"))

    assert (answered, problem["detail"][-1], Attachment.objects.count()) == (status, ".", 0)


def test_a_stranger_and_a_key_that_only_reads_put_no_file_there(incident, ana):
    hidden = TimelineEntryFactory(incident=IncidentFactory(audience=AudienceFactory(), number=77))
    entry = TimelineEntryFactory(incident=incident)
    file = SimpleUploadedFile("trace.log", b"it broke")
    sent = [
        Machine(ana).send(f"/incidents/{hidden.incident.reference}/entries/{hidden.number}/files", file)[0],
        Machine(ana, "read").send(f"/incidents/{incident.reference}/entries/{entry.number}/files", file)[0],
    ]
    assert (sent, Attachment.objects.count()) == ([404, 403], 0)


def test_without_a_file_the_door_for_files_says_what_it_wants(incident, ana):
    entry = TimelineEntryFactory(incident=incident)

    answered = Machine(ana).post(f"/incidents/{incident.reference}/entries/{entry.number}/files", {"file": "x"})

    assert answered == (422, {"detail": "Give “file”.", "field": "file"})


def test_an_entry_is_shown_as_the_exported_one_but_for_where_its_files_are(incident, ana, client):
    machine, path = Machine(ana), f"/incidents/{incident.reference}"
    machine.post(f"{path}/entries", {"line": "~14:10 errors rise"})
    machine.send(f"{path}/entries/1/files", SimpleUploadedFile("trace.log", b"it broke"))
    correct_entry(incident, by=Actor(ana), now=NOW, number=1, line="14:12 errors rise")
    machine.post(f"{path}/entries", {"line": "/status identified"})
    client.force_login(ana)

    shown = machine.get(path)[1]["entries"]
    exported = client.get(f"{incident.get_absolute_url()}timeline.json").json()["entries"]

    by_number = {entry["number"]: entry for entry in shown}
    first, corrected, step = by_number[1], by_number[3], by_number[4]
    assert (first["is_about"], first["is_corrected"], first["corrects"]) == (True, True, None)
    assert (corrected["is_about"], corrected["is_corrected"], corrected["corrects"]) == (False, False, 1)
    assert step["facts"] == {"before": "investigating", "after": "identified"}
    for entry in shown:
        for file in entry["files"]:
            file.pop("link")
    assert shown == exported


def test_a_note_is_corrected_once_and_the_new_entry_names_it(ana, incident):
    machine, path = Machine(ana), f"/incidents/{incident.reference}/entries"
    number = machine.post(path, {"text": "restartet the api"})[1]["entry"]["number"]

    status, entry = machine.post(f"{path}/{number}/correction", {"line": "~14:20 restarted the api"})
    again, refusal = machine.post(f"{path}/{number}/correction", {"line": "x"})

    said = (status, entry["text"], entry["corrects"], entry["happened_at"], entry["is_about"])
    assert said == (201, "restarted the api", number, "2026-04-18T12:20:00Z", True)
    assert (again, "@ana corrected it at" in refusal["detail"]) == (409, True)
