"""The checklist of a room: grouped by phase, with its box, in the incident's own query however much is asked."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.enums import CheckOutcome, Gate, ItemKind, PhaseAnchor
from incidents.models import Incident, Phase
from incidents.queries.checklist import checklist, checks, open_holding, with_checklist
from incidents.queries.policy import policy_of
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.checklist import AttachmentFactory, ChecklistItemFactory
from tests.factories.escalation import ServiceFactory
from tests.factories.incidents import IncidentFactory
from tests.factories.ladder import PhaseFactory, PhaseTroubleFactory, QuickActionFactory, RunbookFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident() -> Incident:
    return IncidentFactory(service=ServiceFactory(slug="chat-gateway"), summary="it's $(down)")


@pytest.fixture
def triage(incident) -> Phase:
    return PhaseFactory(
        version=incident.level.version, position=1, slug="triage", name="Triage", ends_after="5 min", output="A level"
    )


def fresh(incident: Incident) -> Incident:
    """As the room fetches it."""
    rows = with_checklist(Incident.objects.select_related("level__version", "service"))
    return rows.get(pk=incident.pk)


def test_parts_come_in_the_order_of_the_policy_and_runbooks_last(incident, triage):
    verify = PhaseFactory(version=incident.level.version, position=2, name="Verify", anchor=PhaseAnchor.MITIGATED)
    PhaseTroubleFactory(phase=triage, issue="Ten alerts", cause="A cascade", remedy="Treat them as one")
    ChecklistItemFactory(incident=incident, number=1, item__phase=verify, item__text="Errors are back")
    second = ChecklistItemFactory(incident=incident, number=2, item__phase=triage, item__position=2)
    first = ChecklistItemFactory(incident=incident, number=3, item__phase=triage, item__position=1)
    runbook = RunbookFactory(version=incident.level.version, name="The database fails", slug="database")
    action = QuickActionFactory(runbook=runbook)
    ChecklistItemFactory(incident=incident, number=4, item=None, action=action)

    parts = checklist(fresh(incident))

    assert [(part.key, part.name, len(part.items)) for part in parts] == [
        ("triage", "Triage", 2),
        (verify.slug, "Verify", 1),
        ("runbook-database", "The database fails", 1),
    ]
    assert [item.number for item in parts[0].items] == [first.number, second.number]
    assert (parts[0].begins_at, parts[0].ends_at) == (NOW, NOW + timedelta(minutes=5))
    assert (parts[1].begins_at, parts[1].ends_at) == (None, None)
    assert [(row.issue, row.cause, row.remedy) for row in parts[0].troubles] == [
        ("Ten alerts", "A cascade", "Treat them as one")
    ]


def test_a_part_is_current_while_its_box_runs_or_something_is_left(incident, triage):
    item = ChecklistItemFactory(incident=incident, item__phase=triage)
    part = checklist(fresh(incident))[0]
    assert [part.is_current(NOW + timedelta(minutes=minutes)) for minutes in (-1, 0, 9)] == [False, True, True]

    item.outcome, item.marked_at, item.marked_by = CheckOutcome.PASSED, NOW, UserFactory()
    item.save()

    part = checklist(fresh(incident))[0]
    assert [part.is_current(NOW + timedelta(minutes=minutes)) for minutes in (0, 4, 5)] == [True, True, False]
    assert (part.done, part.to_do) == (1, [])


def test_a_step_has_a_box_of_its_own_from_the_beginning_of_its_phase(incident):
    later = PhaseFactory(version=incident.level.version, begins_after="10 min", ends_after="20 min")
    ChecklistItemFactory(incident=incident, item__phase=later, item__within="2 min")

    assert checklist(fresh(incident))[0].items[0].due_at == NOW + timedelta(minutes=12)


def test_commands_and_links_are_filled_in_so_that_no_value_gets_out(incident, triage):
    ChecklistItemFactory(
        incident=incident,
        item__phase=triage,
        item__command="logs {service} --grep={summary} {release}",
        item__link="https://logs.example.com/?q={summary}",
    )
    ChecklistItemFactory(incident=incident, item__phase=triage, item__link="javascript:alert(1)")

    first, second = checklist(fresh(incident))[0].items

    assert first.filled_command == "logs chat-gateway --grep='it'\"'\"'s $(down)' {release}"
    assert first.filled_link == "https://logs.example.com/?q=it%27s%20%24%28down%29"
    assert second.filled_link == ""


def test_it_comes_with_the_incident_however_much_is_asked(incident, triage):
    for number in range(1, 21):
        passed = {"outcome": CheckOutcome.PASSED, "marked_at": NOW, "marked_by": UserFactory()}
        file = AttachmentFactory(incident=incident)
        ChecklistItemFactory(incident=incident, number=number, item__phase=triage, attachment=file, **passed)
    policy_of(incident)

    with CaptureQueriesContext(connection) as statements:
        parts = checklist(fresh(incident))
        shown = [
            (item.text, str(item.marked_by), str(item.attachment), item.filled_command, item.due_at)
            for part in parts
            for item in part.items
        ]

    assert (len(shown), len(statements)) == (20, 1)
    assert '"content"' not in statements[0]["sql"]


def test_an_incident_that_is_asked_nothing_has_no_part(incident):
    assert checklist(fresh(incident)) == []


def test_gates_ask_only_for_what_concerns_them(incident, triage):
    passed = {"outcome": CheckOutcome.PASSED, "marked_at": NOW, "marked_by": UserFactory()}
    failed = {**passed, "outcome": CheckOutcome.FAILED}
    holds = {"item__phase": triage, "item__holds": Gate.RESOLVE, "item__kind": ItemKind.CHECK}
    ChecklistItemFactory(incident=incident, **holds, **passed)
    bad = ChecklistItemFactory(incident=incident, **holds, **failed)
    todo = ChecklistItemFactory(incident=incident, **holds)
    ChecklistItemFactory(incident=incident, **holds, item__flag="api")
    ChecklistItemFactory(incident=incident, item__phase=triage, item__holds=Gate.CLOSE)
    ChecklistItemFactory(incident=incident, item__phase=triage, **passed)
    ChecklistItemFactory(**holds)

    assert open_holding(incident, Gate.RESOLVE) == [bad, todo]
    assert checks(checklist(fresh(incident))) == (3, 2)
