"""What is owed by API: in one incident as its room shows it, and by the owner of the key everywhere."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.enums import PromiseKind
from tests.api import Machine
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.escalation import PageAttemptFactory, PageFactory
from tests.factories.incidents import IncidentFactory, PromiseFactory, RoleAssignmentFactory

pytestmark = pytest.mark.django_db


def test_what_is_owed_in_an_incident_stands_worst_first_with_what_holds_the_closing(ana, incident, settings):
    RoleAssignmentFactory(incident=incident, user=ana)
    PromiseFactory(incident=incident, kind=PromiseKind.POSTMORTEM, subject="Postmortem", owner=ana)
    late = PromiseFactory(incident=incident, due_at=NOW - timedelta(minutes=1), made_at=NOW - timedelta(minutes=9))
    page = PageFactory(subject_key=incident.subject_key)

    status, rows = Machine(ana, "read").get(f"/incidents/{incident.reference}/owed")

    assert status == 200
    assert rows[0] == {
        "incident": incident.reference,
        "what": late.subject,
        "detail": "",
        "due_at": "2026-04-18T12:22:00Z",
        "tone": "late",
        "owner": late.owed_by,
        "page": None,
        "link": f"{settings.MUSTER_URL}{incident.get_absolute_url()}?panel=update#room-panel",
        "holds_closing": True,
    }
    assert {(row["what"], row["page"], row["holds_closing"]) for row in rows[1:]} == {
        (f"Acknowledge: {page.group}", page.ref, True),
        ("Postmortem", None, False),
    }
    assert next(row["owner"] for row in rows if row["what"] == "Postmortem") == "@ana"


def test_three_rows_take_no_more_queries_than_one(ana, incident):
    machine, path = Machine(ana, "read"), f"/incidents/{incident.reference}/owed"
    machine.get(path)
    counts = []
    for kind in (PromiseKind.STATUS_UPDATE, PromiseKind.POSTMORTEM, PromiseKind.CUSTOMER_EMAIL):
        PromiseFactory(incident=incident, kind=kind)
        with CaptureQueriesContext(connection) as asked:
            machine.get(path)
        counts.append(len(asked))

    assert counts == counts[:1] * 3


def test_what_i_owe_is_mine_over_all_incidents_and_nobody_elses(ana, incident):
    other = IncidentFactory(level=incident.level, summary="Disk full")
    RoleAssignmentFactory(incident=incident, user=ana)
    RoleAssignmentFactory(incident=other, user=UserFactory())
    PromiseFactory(incident=incident, subject="Status update")
    PromiseFactory(incident=other, subject="Status update of somebody else")
    PromiseFactory(incident=other, kind=PromiseKind.POSTMORTEM, subject="Write it", owner=ana)
    page = PageFactory(subject_key=other.subject_key)
    PageAttemptFactory(page=page, user=ana)

    status, answer = Machine(ana, "read").get("/me/owed")

    assert (status, answer["count"], answer["next_skip"]) == (200, 3, None)
    assert {(row["incident"], row["what"], row["page"]) for row in answer["owed"]} == {
        (incident.reference, "Status update", None),
        (other.reference, "Write it", None),
        (other.reference, f"Acknowledge: {page.group}", page.ref),
    }


def test_what_i_owe_leaves_out_what_i_may_not_see(ana, incident):
    hidden = IncidentFactory(level=incident.level, private_to=[])
    PromiseFactory(incident=hidden, owner=ana)

    assert Machine(ana, "read").get("/me/owed") == (200, {"owed": [], "count": 0, "next_skip": None})


def test_what_i_owe_is_read_in_parts_that_say_how_much_there_is(ana, incident):
    for number in range(3):
        due = NOW + timedelta(minutes=number + 1)
        PromiseFactory(incident=incident, kind=PromiseKind.TASK, subject_key=f"{number}", owner=ana, due_at=due)
    machine, skip, parts = Machine(ana, "read"), 0, []
    while skip is not None:
        status, answer = machine.get("/me/owed", skip=skip, limit=2)
        parts.append((status, [row["due_at"] for row in answer["owed"]], answer["count"], answer["next_skip"]))
        skip = answer["next_skip"]

    assert parts == [
        (200, ["2026-04-18T12:24:00Z", "2026-04-18T12:25:00Z"], 3, 2),
        (200, ["2026-04-18T12:26:00Z"], 3, None),
    ]
    assert machine.get("/me/owed", limit=101)[0] == 422
