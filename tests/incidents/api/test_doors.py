"""What holds at every door of an incident: strangers find nothing, who may only read changes nothing."""

from datetime import timedelta
from typing import Any

import pytest

from config.api import api
from incidents.models import Incident, TimelineEntry
from tests.api import ROOT, Machine
from tests.factories import NOW
from tests.factories.accounts import AudienceFactory, UserFactory
from tests.factories.checklist import ChecklistItemFactory
from tests.factories.incidents import IncidentFactory, RoleAssignmentFactory, level_of
from tests.factories.ladder import FlagFactory
from tests.factories.people import HandoverFactory
from tests.factories.working import (
    DecisionFactory,
    HypothesisFactory,
    HypothesisLineFactory,
    MitigationFactory,
    TaskFactory,
)

pytestmark = pytest.mark.django_db
# Every press about an incident that is there, with a body that makes sense: {door: body}.
PRESSES = {
    "entries": {"text": "x"},
    "status-updates": {"text": "x"},
    "status-updates/no-change": {},
    "status": {"status": "identified"},
    "bleeding-stopped": {},
    "resolve": {"reason": "x"},
    "watch-failed": {"reason": "x"},
    "close": {"reason": "x"},
    "not-an-incident": {},
    "reopen": {"reason": "x"},
    "severity": {"level": "SEV1"},
    "severity/take-back": {},
    "roles/scribe/take": {},
    "roles/scribe/give": {"user": "rung"},
    "roles/commander/leave": {},
    "join": {},
    "leave": {},
    "handovers": {"role": "commander", "to": "rung"},
    "handovers/1/accept": {},
    "handovers/1/decline": {},
    "handovers/1/take-back": {},
    "flags/breach/raise": {},
    "flags/breach/lower": {},
    "checklist/1": {"outcome": "passed"},
    "tasks": {"text": "x", "owner": "rung"},
    "tasks/1/understood": {},
    "tasks/1/done": {},
    "tasks/1/drop": {"reason": "x"},
    "tasks/1/change": {"owner": "rung"},
    "hypotheses": {"text": "x"},
    "hypotheses/1/status": {"status": "testing"},
    "hypotheses/1/lines": {"text": "x"},
    "hypotheses/1/lines/1/done": {},
    "decisions": {"text": "x"},
    "decisions/1/outcome": {"outcome": "worked"},
    "mitigations": {"name": "x"},
    "mitigations/1/outcome": {"outcome": "none"},
    "mitigations/1/remaining": {"text": "x"},
    "mitigations/1/roll-back": {},
    "runbooks/database/take-up": {},
    "critical-decisions/1": {"text": "x"},
    "entries/1/correction": {"line": "x"},
    "links": {"other": "another"},
    "merge": {"into": "another"},
    "audience": {"user": "rung", "reason": "x"},
    "make-private": {"reason": "x"},
    "make-public": {"reason": "x"},
}
# They take a form with a file; tests/incidents/api holds them to account beside their nouns.
FORMS = {"entries/1/files", "checklist/1/evidence"}
LISTS = (
    *("owed", "roles", "flags", "checklist", "tasks", "hypotheses", "decisions", "status-updates", "handovers/1"),
    *("mitigations", "mitigation-options", "runbooks", "critical-decisions", "links", "audience"),
)
READS = ("", *(f"/{noun}" for noun in LISTS))


@pytest.fixture
def incident(ladder):
    """A SEV2 with one of everything."""
    FlagFactory(version=ladder, slug="breach")
    return full(IncidentFactory(level=level_of(ladder, "SEV2"), summary="Pipeline blocks spiking"))


def full(incident: Incident) -> Incident:
    TaskFactory(incident=incident, number=1)
    HypothesisLineFactory(hypothesis=HypothesisFactory(incident=incident, number=1), number=1, kind="step")
    DecisionFactory(incident=incident, number=1)
    MitigationFactory(incident=incident, number=1)
    IncidentFactory(level=incident.level, reference="ANOTHER")
    ChecklistItemFactory(incident=incident, number=1, item__phase__version=incident.level.version)
    commander = RoleAssignmentFactory(incident=incident).user
    HandoverFactory(incident=incident, number=1, from_user=commander)
    return incident


def doors(method: str) -> set[str]:
    """What follows `/incidents/<reference>` in the address of every door with `method`, in the table's names."""
    begin = f"{ROOT}/incidents/{{reference}}"
    names = {"number": 1, "line": 1, "flag": "breach", "runbook": "database", "reference": "{reference}"}
    paths = [path for path, operations in api.get_openapi_schema()["paths"].items() if method in operations]
    found = {path.removeprefix(begin) for path in paths if path.startswith(begin)}
    roles = {"take": "scribe", "give": "scribe", "leave": "commander"}
    return {path.format(**names, role=roles.get(path.rpartition("/")[2], "")) for path in found}


def test_the_table_knows_every_door():
    assert doors("post") == {f"/{door}" for door in (*PRESSES, *FORMS)}
    assert doors("get") == set(READS)


def press(machine: Machine, reference: str) -> dict[str, tuple[int, Any]]:
    """{door: what it answers}, of every press."""
    return {door: machine.post(f"/incidents/{reference}/{door}", body) for door, body in PRESSES.items()}


def everywhere(status: int, detail: str) -> dict[str, tuple[int, Any]]:
    """The same refusal at every door."""
    return {door: (status, {"detail": detail, "field": ""}) for door in PRESSES}


def test_an_outsider_of_a_private_incident_gets_what_one_gets_that_is_not_there(ladder, ana):
    hidden = full(IncidentFactory(level=level_of(ladder, "SEV2"), summary="Leak", audience=AudienceFactory()))
    machine, nowhere = Machine(ana), "INC-20260418-9999"

    assert press(machine, hidden.reference) == everywhere(404, f"There is no incident {hidden.reference}.")
    assert press(machine, nowhere) == everywhere(404, f"There is no incident {nowhere}.")
    hidden.refresh_from_db()
    assert (hidden.status, TimelineEntry.objects.count()) == ("investigating", 0)


def test_an_outsider_reads_nothing_of_a_private_incident_and_who_is_in_does(ladder, ana):
    inside = UserFactory()
    audience = AudienceFactory(members=[inside])
    hidden = full(IncidentFactory(level=level_of(ladder, "SEV2"), summary="Leak", audience=audience))
    nothing = {"detail": f"There is no incident {hidden.reference}.", "field": ""}

    outside, within = (
        {path: machine.get(f"/incidents/{hidden.reference}{path}") for path in READS}
        for machine in (Machine(ana, "read"), Machine(inside, "read"))
    )

    assert outside == dict.fromkeys(READS, (404, nothing))
    assert {path: status for path, (status, _) in within.items()} == dict.fromkeys(READS, 200)


@pytest.mark.parametrize(("person", "scope"), [({}, "read"), ({"viewer": True}, "respond")])
def test_whoever_may_not_act_is_told_so_and_changes_nothing(incident, person, scope):
    machine = Machine(UserFactory(handle="jens", **person), scope)

    answers = press(machine, incident.reference)

    key = "This token only reads; to act, make one with the scope “respond”."
    level = "@jens may read here but not act; ask an admin for the access level Responder."
    assert answers == everywhere(403, key if scope == "read" else level)
    incident.refresh_from_db()
    assert (incident.status, incident.level.name, TimelineEntry.objects.count()) == ("investigating", "SEV2", 0)


def test_nothing_changes_in_what_is_closed_until_it_is_reopened(ladder, ana):
    FlagFactory(version=ladder, slug="breach")
    long_ago = NOW - timedelta(days=9)
    over = full(IncidentFactory(level=level_of(ladder, "SEV2"), closed=True, declared_at=long_ago))

    answers = press(Machine(ana), over.reference)

    late = f"{over.reference} was closed more than seven days ago; declare a new one, and link it."
    closed = everywhere(409, f"{over.reference} is closed; nothing was changed.")
    assert answers == {**closed, "reopen": (409, {"detail": late, "field": ""})}
    assert TimelineEntry.objects.count() == 0


@pytest.mark.parametrize("number", [9, -1, 10**20])
def test_a_number_that_is_none_is_refused_in_a_sentence(incident, ana, number):
    machine, wrong = Machine(ana), {}
    for door in (door for door in PRESSES if "/1" in door):
        path = door.replace("/1", f"/{number}", 1)
        status, answer = machine.post(f"/incidents/{incident.reference}/{path}", PRESSES[door])
        if (status, answer["detail"][-1]) != (404 if door.startswith("handovers") else 422, "."):
            wrong[door] = (status, answer)

    assert (wrong, TimelineEntry.objects.count()) == ({}, 0)
