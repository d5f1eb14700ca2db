"""Status updates by API: posted, read, and refused in sentences."""

from datetime import timedelta
from uuid import uuid4

import pytest

from incidents.models import StatusUpdate, Submission, TimelineEntry
from tests.api import Machine
from tests.factories import NOW
from tests.factories.incidents import IncidentFactory, level_of

pytestmark = pytest.mark.django_db


def test_a_status_update_is_posted_with_its_next_moment(ana, incident):
    asked = {"text": "Rolling out a fix.", "status": "identified", "next_by": "2026-04-18T12:40:00Z"}

    status, answer = Machine(ana).post(f"/incidents/{incident.reference}/status-updates", asked)

    update = StatusUpdate.objects.get()
    assert status == 201
    assert answer == {
        "reference": incident.reference,
        "status": "identified",
        "text": "Rolling out a fix.",
        "public_text": "",
        "is_no_change": False,
        "posted_by": "ana",
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
        ({}, "There is nothing written yet.", "text"),
        (
            {"text": "x", "status": "fine"},
            "“fine” is no status; there are investigating, identified, monitoring.",
            "status",
        ),
        (
            {"text": "x", "next_by": "2026-04-18T12:00:00Z"},
            "14:00 CEST is past; promise the next update for later.",
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


def test_what_was_said_in_fields_and_to_the_public_is_read_again(ladder, ana):
    incident = IncidentFactory(level=level_of(ladder, "SEV1"))
    machine, path = Machine(ana), f"/incidents/{incident.reference}/status-updates"
    asked = {"impact": "Chats fail.", "action": "We roll back.", "tell_public": True, "public_text": "We are on it."}

    status, posted = machine.post(path, asked)
    told = machine.get(path)

    update = StatusUpdate.objects.get()
    assert (status, told) == (201, (200, [posted]))
    assert (posted["text"], posted["public_text"], posted["posted_by"]) == (update.text, "We are on it.", "ana")
    assert (update.impact, update.action, update.told_public_at) == ("Chats fail.", "We roll back.", NOW)


def test_nothing_has_changed_is_one_press_and_the_newest_comes_first(ana, incident, moment):
    machine, path = Machine(ana), f"/incidents/{incident.reference}/status-updates"
    assert machine.post(f"{path}/no-change", {}) == (
        422,
        {"detail": "Nothing has been said yet; write the first status update.", "field": "text"},
    )
    machine.post(path, {"text": "Rolling out a fix."})
    moment.shift(timedelta(minutes=10))
    key = {"submission_key": str(uuid4())}

    first, again = (machine.post(f"{path}/no-change", key) for _ in range(2))

    assert (first[0], first) == (201, again)
    assert [row["is_no_change"] for row in machine.get(path)[1]] == [True, False]
    assert StatusUpdate.objects.count() == 2
