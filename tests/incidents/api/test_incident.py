"""Incidents by API: declared, looked at, and refused in sentences."""

from datetime import timedelta
from uuid import uuid4

import pytest

from incidents.models import Incident, Submission, TimelineEntry
from tests.api import Machine
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.factories.escalation import ServiceFactory
from tests.factories.incidents import IncidentFactory, level_of, make_entries
from tests.factories.ladder import FlagFactory, RunbookFactory

pytestmark = pytest.mark.django_db


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
