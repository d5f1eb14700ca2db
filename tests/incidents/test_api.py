"""Incidents by API: declared, looked at, noted, told; and refused in sentences."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine as clock
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents.actions.composer import COMMANDS
from incidents.models import Attachment, Incident, StatusUpdate, Submission, TimelineEntry
from tests.api import Machine
from tests.factories import NOW
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.factories.comms import ContactPointFactory
from tests.factories.escalation import ServiceFactory
from tests.factories.incidents import IncidentFactory, TimelineEntryFactory, level_of, make_entries, make_ladder
from tests.factories.ladder import FlagFactory, RunbookFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def moment():
    with clock.travel(NOW, tick=False) as travelled:
        yield travelled


@pytest.fixture
def ladder():
    rung = UserFactory(handle="rung")
    ContactPointFactory(user=rung)
    return make_ladder(rung)


@pytest.fixture
def ana():
    return UserFactory(handle="ana", time_zone="Europe/Berlin")


@pytest.fixture
def incident(ladder):
    return IncidentFactory(level=level_of(ladder, "SEV2"), summary="Pipeline blocks spiking")


# --- declare ---


def test_a_machine_declares_and_is_shown_the_incident(ladder, ana):
    service = ServiceFactory(slug="api")
    asked = {"level": "sev2", "summary": "Pipeline blocks  spiking", "service": "api"}

    status, shown = Machine(ana).post("/incidents", asked)

    incident = Incident.objects.get()
    assert status == 201
    assert (incident.declared_by, incident.service, incident.level.name) == (ana, service, "SEV2")
    assert {name: shown[name] for name in ("reference", "summary", "level", "status", "service", "declared_by")} == {
        "reference": incident.reference,
        "summary": "Pipeline blocks spiking",
        "level": "SEV2",
        "status": "investigating",
        "service": "api",
        "declared_by": "ana",
    }
    assert shown["declared_at"] == "2026-04-18T12:23:00Z"
    assert shown["link"] == f"http://127.0.0.1:8000/incidents/{incident.reference}/"
    assert [entry["via"] for entry in shown["entries"] if entry["kind"] == "declared"] == ["api"]


def test_a_scenario_brings_its_level_and_its_privacy(ladder, ana):
    FlagFactory(version=ladder, slug="breach", makes_private=True)
    RunbookFactory(version=ladder, slug="breach", level="SEV1", flag="breach")

    status, shown = Machine(ana).post("/incidents", {"summary": "Logins from nowhere", "runbook": "breach"})

    assert (status, shown["level"], shown["is_private"], shown["is_drill"]) == (201, "SEV1", True, False)
    assert ana in Incident.objects.get().audience.members.all()
    assert Machine(UserFactory()).get(f"/incidents/{shown['reference']}")[0] == 404


def test_a_drill_stands_in_a_list_of_its_own(ladder, ana, incident):
    asked = {"level": "SEV2", "summary": "Fire", "is_drill": True, "is_private": True}

    shown = Machine(ana).post("/incidents", asked)[1]

    lists = [Machine(ana).get("/incidents", is_drill=flag)[1] for flag in ("false", "true")]
    assert (shown["is_drill"], shown["is_private"]) == (True, True)
    assert [[row["reference"] for row in rows] for rows in lists] == [[incident.reference], [shown["reference"]]]


def test_the_same_submission_key_declares_once(ladder, ana, moment):
    machine, asked = Machine(ana), {"level": "SEV2", "summary": "x", "submission_key": str(uuid4())}

    first = machine.post("/incidents", asked)
    moment.shift(timedelta(seconds=3))
    second = machine.post("/incidents", asked)

    assert [first[0], second[0]] == [201, 200]
    assert first[1]["reference"] == second[1]["reference"] == Incident.objects.get().reference


def test_a_viewer_declares_too(ladder):
    status, _ = Machine(UserFactory(viewer=True)).post("/incidents", {"level": "SEV2", "summary": "x"})

    assert (status, Incident.objects.count()) == (201, 1)


def test_a_key_that_reads_declares_nothing(ladder, ana):
    answer = Machine(ana, "read").post("/incidents", {"level": "SEV2", "summary": "x"})

    assert answer == (403, {"detail": "This token only reads; it cannot declare an incident.", "field": ""})
    assert Incident.objects.count() == 0


@pytest.mark.parametrize(
    ("asked", "detail", "field"),
    [
        ({"level": "SEV9"}, "“SEV9” is not a level of the ladder in force; there are SEV1, SEV2, SEV3.", "level"),
        ({"summary": " "}, "Say in one line what is wrong.", "summary"),
        (
            {"summary": "x" * 201},
            "The summary has 201 characters; one line holds 200. Put the rest in the room.",
            "summary",
        ),
        ({"summary": "a\0b"}, "“summary” holds a character that cannot be kept.", "summary"),
        ({"level": None}, "Say how bad it is: give a level, or a runbook that has one.", "level"),
        ({"runbook": "fire"}, "“fire” is no runbook of the ladder in force; there are none.", "runbook"),
        ({"service": "nope"}, "There is no service called “nope”.", "service"),
        ({"service": "a\0"}, "“service” holds a character that cannot be kept.", "service"),
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused_and_leaves_nothing(ladder, ana, asked, detail, field):
    answer = Machine(ana).post(
        "/incidents", {"level": "SEV2", "summary": "x", "submission_key": str(uuid4()), **asked}
    )

    assert answer == (422, {"detail": detail, "field": field})
    assert (Incident.objects.count(), Submission.objects.count()) == (0, 0)


def test_without_a_ladder_nothing_can_be_declared(ana):
    answer = Machine(ana).post("/incidents", {"level": "SEV2", "summary": "x"})

    assert answer == (409, {"detail": "There is no severity ladder yet; ask an admin to make one.", "field": ""})


# --- look ---


def test_the_list_is_newest_first_in_a_fixed_number_of_queries(ladder, ana, django_assert_max_num_queries):
    machine = Machine(ana, "read")
    incidents = [IncidentFactory(level=level_of(ladder, "SEV2")) for _ in range(3)]

    with django_assert_max_num_queries(5):
        status, shown = machine.get("/incidents")

    newest_first = sorted(incidents, key=lambda incident: -incident.number)
    assert (status, [each["reference"] for each in shown]) == (200, [each.reference for each in newest_first])
    assert "entries" not in shown[0]
    assert machine.get("/incidents", limit=1)[1] == shown[:1]
    assert machine.get("/incidents", before=newest_first[1].number)[1] == shown[2:]


def test_open_and_closed_can_be_asked_for_alone(ladder, ana, incident):
    closed = IncidentFactory(level=level_of(ladder, "SEV2"), closed=True)
    machine = Machine(ana, "read")

    asked = {flag: machine.get("/incidents", is_open=flag)[1] for flag in ("true", "false")}

    assert {flag: [each["reference"] for each in shown] for flag, shown in asked.items()} == {
        "true": [incident.reference],
        "false": [closed.reference],
    }


@pytest.mark.parametrize(
    ("query", "detail", "field"),
    [
        ({"limit": "0"}, "“limit”: Input should be greater than or equal to 1.", "limit"),
        ({"limit": "101"}, "“limit”: Input should be less than or equal to 100.", "limit"),
        ({"limit": "x"}, "“limit” is a whole number.", "limit"),
        ({"is_open": "perhaps"}, "“is_open” is true or false.", "is_open"),
        ({"before": str(10**20)}, "“before”: Input should be less than or equal to 2000000000.", "before"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_with_its_field(ana, query, detail, field):
    assert Machine(ana, "read").get("/incidents", **query) == (422, {"detail": detail, "field": field})


def test_one_incident_is_shown_with_its_window_of_entries(ana, incident):
    make_entries(incident, 60)

    status, shown = Machine(ana, "read").get(f"/incidents/{incident.reference}")
    _, older = Machine(ana, "read").get(f"/incidents/{incident.reference}", before=shown["older_than"])

    assert status == 200
    assert (len(shown["entries"]), len(older["entries"]), older["older_than"]) == (50, 10, None)
    numbers = [entry["number"] for entry in shown["entries"] + older["entries"]]
    assert sorted(numbers) == list(range(1, 61))


def test_a_private_incident_is_not_there_for_an_outsider_whatever_they_ask(ladder, ana):
    inside = UserFactory()
    hidden = IncidentFactory(
        level=level_of(ladder, "SEV2"), summary="Breach", audience=AudienceFactory(members=[inside])
    )
    outsider = Machine(ana)
    nothing = (404, {"detail": f"There is no incident {hidden.reference}.", "field": ""})

    assert outsider.get("/incidents") == (200, [])
    assert outsider.get(f"/incidents/{hidden.reference}") == nothing
    assert outsider.post(f"/incidents/{hidden.reference}/entries", {"text": "x"}) == nothing
    assert outsider.post(f"/incidents/{hidden.reference}/status-updates", {"text": "x"}) == nothing
    assert Machine(inside).get(f"/incidents/{hidden.reference}")[0] == 200
    assert TimelineEntry.objects.count() == 0


def test_entries_older_than_none_are_none(ana, incident):
    make_entries(incident, 2)

    shown = [Machine(ana, "read").get(f"/incidents/{incident.reference}", before=before) for before in (1, 10**20, -1)]

    assert [(status, each["entries"]) for status, each in shown] == [(200, [])] * 3


@pytest.mark.parametrize("reference", ["INC-1", "%00", "INC-1%00"])
def test_a_reference_that_is_none_is_not_found(ana, reference):
    status, answer = Machine(ana).get(f"/incidents/{reference}")

    assert (status, answer["field"]) == (404, "")


# --- note ---


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


@pytest.mark.parametrize("door", ["entries", "status-updates"])
@pytest.mark.parametrize(("person", "scope"), [({}, "read"), ({"viewer": True}, "respond")])
def test_whoever_may_not_act_is_told_so_and_leaves_nothing(incident, door, person, scope):
    machine = Machine(UserFactory(handle="jens", **person), scope)

    answer = machine.post(f"/incidents/{incident.reference}/{door}", {"text": "x"})

    key = "This token only reads; to act, make one with the scope “respond”."
    level = "@jens may read here but not act; ask an admin for the access level Responder."
    sentence = key if scope == "read" else level
    assert answer == (403, {"detail": sentence, "field": ""})
    assert (TimelineEntry.objects.count(), StatusUpdate.objects.count()) == (0, 0)


# --- tell ---


def test_a_status_update_is_posted_with_its_next_moment(ana, incident):
    asked = {"text": "Rolling out a fix.", "status": "identified", "next_by": "2026-04-18T12:40:00Z"}

    status, answer = Machine(ana).post(f"/incidents/{incident.reference}/status-updates", asked)

    update = StatusUpdate.objects.get()
    assert status == 201
    assert answer == {
        "reference": incident.reference,
        "status": "identified",
        "text": "Rolling out a fix.",
        "next_by": "2026-04-18T12:40:00Z",
        "posted_at": "2026-04-18T12:23:00Z",
        "told": update.told_where,
    }
    assert update.posted_by == ana


def test_the_same_submission_key_tells_once(ana, incident):
    machine, asked = Machine(ana), {"text": "Rolling out a fix.", "submission_key": str(uuid4())}

    answers = [machine.post(f"/incidents/{incident.reference}/status-updates", asked) for _ in range(2)]

    assert answers[0] == answers[1]
    assert StatusUpdate.objects.count() == 1


@pytest.mark.parametrize(
    ("asked", "detail", "field"),
    [
        ({"text": ""}, "There is nothing written yet.", "text"),
        ({}, "Give “text”.", "text"),
        (
            {"text": "x", "status": "fine"},
            "“fine” is no status; there are investigating, identified, monitoring.",
            "status",
        ),
        (
            {"text": "x", "next_by": "2026-04-18T12:00:00Z"},
            "12:00 UTC is past; promise the next update for later.",
            "next_by",
        ),
        (
            {"text": "x", "next_by": "2026-04-18T12:00:00"},
            "“next_by” needs its zone, like 2026-04-18T14:23:00+02:00.",
            "next_by",
        ),
        ({"text": "x", "next_by": "0001-01-01T00:00:00+14:00"}, "A moment lies between 2000 and 2100.", "next_by"),
        ({"text": "x", "next_by": "9999-12-31T23:59:59-12:00"}, "A moment lies between 2000 and 2100.", "next_by"),
    ],
)
def test_a_status_update_that_makes_no_sense_is_refused_and_leaves_nothing(ana, incident, asked, detail, field):
    asked = {**asked, "submission_key": str(uuid4())}

    answer = Machine(ana).post(f"/incidents/{incident.reference}/status-updates", asked)

    assert answer == (422, {"detail": detail, "field": field})
    assert (StatusUpdate.objects.count(), TimelineEntry.objects.count(), Submission.objects.count()) == (0, 0, 0)
    incident.refresh_from_db()
    assert incident.status == "investigating"


def test_once_it_is_resolved_nothing_more_is_told(ladder, ana):
    over = IncidentFactory(level=level_of(ladder, "SEV2"), resolved=True)

    status, answer = Machine(ana).post(f"/incidents/{over.reference}/status-updates", {"text": "x"})

    assert (status, answer["detail"]) == (
        409,
        f"{over.reference} is resolved; nothing more is owed to anybody waiting.",
    )


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
