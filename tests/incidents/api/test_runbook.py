"""Runbooks by API: taken up once, and their decisions."""

import pytest

from tests.api import Machine
from tests.factories.ladder import CriticalDecisionFactory, QuickActionFactory, RunbookFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def decision(ladder):
    runbook = RunbookFactory(version=ladder, slug="database", name="The database fails")
    QuickActionFactory(runbook=runbook, text="Look for long queries")
    return CriticalDecisionFactory(runbook=runbook, text="Fail over, or not", within="10 min")


def test_a_runbook_is_taken_up_once_acted_on_and_decided(ana, incident, press, decision):
    machine, path = Machine(ana, "read"), f"/incidents/{incident.reference}"
    [listed] = machine.get(f"{path}/runbooks")[1]
    assert (listed["slug"], listed["taken_up_at"], listed["taken_up_by"]) == ("database", None, None)

    first, again = (press("runbooks/database/take-up", {}) for _ in range(2))
    assert first == again == (200, [{**listed, "taken_up_at": "2026-04-18T12:23:00Z", "taken_up_by": "ana"}])
    [action] = [item for part in machine.get(f"{path}/checklist")[1] for item in part["items"]]
    assert action["text"] == "Look for long queries"
    assert press(f"checklist/{action['number']}", {"outcome": "passed"})[0] == 200

    [asked] = machine.get(f"{path}/critical-decisions")[1]
    assert asked == {
        "number": decision.pk,
        "text": "Fail over, or not",
        "due_at": "2026-04-18T12:33:00Z",
        "broken_at": None,
        "kept_at": None,
    }
    decided = press(f"critical-decisions/{asked['number']}", {"text": "we fail over"})
    assert decided == (200, {**asked, "kept_at": "2026-04-18T12:23:00Z"})
    assert incident.entries.filter(text="**Decided:** we fail over (Fail over, or not)").exists()


def test_what_is_not_there_is_named(press, decision):
    assert press("runbooks/fire/take-up", {}) == (
        422,
        {"detail": "There is no runbook “fire” here; this ladder has: database.", "field": "runbook"},
    )
    status, answer = press(f"critical-decisions/{decision.pk}", {"text": "x"})
    assert (status, answer["field"]) == (422, "decision")
