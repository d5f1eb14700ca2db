"""The response by API: stepped, mitigated, resolved, watched, closed and reopened."""

from datetime import timedelta

import pytest

from incidents.actions.promise_sweep import sweep_promises
from incidents.enums import PromiseKind
from incidents.models import Incident
from tests.api import Machine
from tests.factories import NOW
from tests.factories.incidents import IncidentFactory, PromiseFactory, level_of

pytestmark = pytest.mark.django_db


def said(incident: Incident) -> list[tuple[str, str | None, str]]:
    """(text, author, way) of every entry, oldest first."""
    rows = incident.entries.order_by("number")
    return list(rows.values_list("text", "author__handle", "via"))


def test_a_status_is_stepped_to_and_back_and_each_step_names_its_key(incident, press):
    words = ("identified", "identified", "monitoring", "investigating")

    answers = [press("status", {"status": word}) for word in words]

    assert [(status, shown["status"]) for status, shown in answers] == [(200, word) for word in words]
    assert said(incident) == [
        (f"Status: {word}", "ana", "api") for word in ("identified", "monitoring", "investigating")
    ]


@pytest.mark.parametrize("word", ["resolved", "fine", ""])
def test_what_is_no_step_is_refused(incident, press, word):
    sentence = f"“{word}” is no status to step to; there are investigating, identified, monitoring, and /resolve."

    assert press("status", {"status": word}) == (422, {"detail": sentence, "field": "status"})
    assert said(incident) == []


def test_the_bleeding_is_stopped_once(incident, press):
    status, shown = press("bleeding-stopped", "")

    assert (status, shown["status"], shown["mitigated_at"]) == (200, "monitoring", "2026-04-18T12:23:00Z")
    assert ("Bleeding stopped", "ana", "api") in said(incident)
    sentence = "The bleeding was stopped at 14:23 CEST already."
    assert press("bleeding-stopped", {}) == (409, {"detail": sentence, "field": ""})


def test_it_is_resolved_without_a_body_and_what_is_owed_then_stands_in_the_answer(incident, press):
    status, shown = press("resolve", "")

    incident.refresh_from_db()
    assert (status, shown["status"], incident.resolved_at) == (200, "resolved", NOW)
    assert said(incident)[-1] == ("Resolved", "ana", "api")
    assert [(row["what"], row["holds_closing"]) for row in shown["owed"]] == [
        ("Watch for 30 min", False),
        ("Postmortem", False),
    ]
    sentence = f"{incident.reference} is resolved already."
    assert press("resolve", {}) == (409, {"detail": sentence, "field": ""})


def test_a_reason_stands_in_the_record_and_is_no_longer_than_the_form_takes(incident, press):
    too_long = press("resolve", {"reason": "x" * 301})
    press("resolve", {"reason": "rolled back"})

    sentence = "“reason”: String should have at most 300 characters."
    assert too_long == (422, {"detail": sentence, "field": "reason"})
    assert said(incident)[-1][0] == "Resolved: rolled back"


def test_what_was_resolved_comes_back_with_a_reason(incident, press):
    press("resolve", {})

    refused = press("watch-failed", {"reason": " "})
    status, shown = press("watch-failed", {"reason": "403 again"})

    assert refused == (422, {"detail": "Say in a few words what came back.", "field": "reason"})
    assert (status, shown["status"], shown["resolved_at"]) == (200, "investigating", None)
    assert said(incident)[-1] == ("The watch failed: 403 again", "ana", "api")


def test_closing_is_refused_with_every_row_that_holds_it_and_done_with_a_reason(incident, press, moment):
    too_early = press("close", {})
    press("resolve", {})
    watched = press("close", {})
    moment.shift(timedelta(minutes=30))
    sweep_promises(now=NOW + timedelta(minutes=30))
    due_at = NOW + timedelta(minutes=40)
    promise = PromiseFactory(incident=incident, kind=PromiseKind.CRITICAL, subject="Fail over, or not", due_at=due_at)

    held = press("close", {})
    status, shown = press("close", {"reason": "not needed any more"})

    assert too_early == (409, {"detail": "Resolve it first; or say that it was not an incident.", "field": ""})
    sentence = "The watch lasts until 14:53 CEST. To close it all the same, give a reason."
    assert watched == (422, {"detail": sentence, "field": "reason", "owed": []})
    assert (held[0], held[1]["detail"], held[1]["field"]) == (
        422,
        "Still owed: Fail over, or not. To close it all the same, give a reason.",
        "reason",
    )
    assert [(row["what"], row["due_at"], row["holds_closing"]) for row in held[1]["owed"]] == [
        ("Fail over, or not", "2026-04-18T13:03:00Z", True)
    ]
    promise.refresh_from_db()
    assert (status, shown["status"], promise.withdrawn_reason) == (200, "closed", "closed: not needed any more")
    assert [row["what"] for row in shown["owed"]] == ["Postmortem"]
    assert said(incident)[-1] == ("Closed: not needed any more", "ana", "api")


def test_what_was_no_incident_owes_nothing(incident, press):
    status, shown = press("not-an-incident", {"reason": "a test host"})

    assert (status, shown["status"], shown["owed"]) == (200, "closed", [])
    text = "Closed: not an incident. Declaring it was right: a test host"
    assert said(incident)[-1] == (text, "ana", "api")


def test_what_is_closed_is_reopened_for_a_week(ladder, ana, moment):
    closed, older = (
        IncidentFactory(level=level_of(ladder, "SEV2"), closed=True, declared_at=NOW - timedelta(days=days))
        for days in (1, 9)
    )
    machine = Machine(ana)

    refused = machine.post(f"/incidents/{closed.reference}/reopen", {})
    status, shown = machine.post(f"/incidents/{closed.reference}/reopen", {"reason": "403 again"})
    late = machine.post(f"/incidents/{older.reference}/reopen", {"reason": "403 again"})

    assert refused == (422, {"detail": "Say in a few words what came back.", "field": "reason"})
    assert (status, shown["status"], shown["closed_at"]) == (200, "investigating", None)
    assert said(closed)[0] == ("Reopened: 403 again", "ana", "api")
    sentence = f"{older.reference} was closed more than seven days ago; declare a new one, and link it."
    assert late == (409, {"detail": sentence, "field": ""})
