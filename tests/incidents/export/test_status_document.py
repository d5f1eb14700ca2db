"""The status document has the shape of document 000, in the organisation's zone."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from accounts.models import User
from incidents.enums import CheckOutcome, DataIntegrity, EntryKind, IncidentStatus, ItemKind, RevenueImpact
from incidents.export import status_document
from incidents.models import Incident, TimelineEntry
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.checklist import AttachmentFactory, ChecklistItemFactory
from tests.factories.escalation import ServiceFactory
from tests.factories.incidents import (
    IncidentFactory,
    LevelFactory,
    RoleAssignmentFactory,
    StatusUpdateFactory,
    TimelineEntryFactory,
)
from tests.factories.ladder import PhaseFactory

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
WHOLE = """\
# [SEV2] Pipeline blocks spiking — 2026-04-18 14:23 CEST
## What's happening
Pipeline block rate on prod jumped from ~0.2% baseline to 18% at 14:15.
Affects all agents using the OpenAI provider.
## Impact
- Affected customers: ~12 active (filtering audit trail)
- User-visible: chat completions returning 403
- Data integrity: none
- Revenue impact: estimated about 200 €
- Service: Policy pipeline
## Current status
IDENTIFIED — @jens rolling out hotfix

Commander: @jens

Next update by 15:04 CEST
## Timeline (newest first)
- 14:34 — @jens hotfix merged deploy in flight
- 14:23 — Rang primary: @jens
- 14:15 — @ana block rate spike begins
- 2026-04-17 23:50 — @ana old build shipped
"""


@pytest.fixture
def jens() -> User:
    return UserFactory(handle="jens")


@pytest.fixture
def incident(jens) -> Incident:
    incident = IncidentFactory(
        level=LevelFactory(name="SEV2", rank=2),
        service=ServiceFactory(name="Policy pipeline"),
        status=IncidentStatus.IDENTIFIED,
        impact_began_at=NOW - timedelta(minutes=8),
        what_happens="Pipeline block rate on prod jumped from ~0.2% baseline to 18% at 14:15.\n"
        "Affects all agents using the OpenAI provider.\n",
        customers="~12 active (filtering audit trail)",
        customers_count=12,
        symptom="chat completions\nreturning 403",
        data_integrity=DataIntegrity.NONE,
        revenue=RevenueImpact.ESTIMATED,
        revenue_note="about 200 €",
    )
    RoleAssignmentFactory(incident=incident, user=jens)
    return incident


def entries(incident: Incident, jens: User) -> list[TimelineEntry]:
    ana = UserFactory(handle="ana")
    rows = [
        (jens, EntryKind.NOTE, 11, "hotfix merged\ndeploy in flight"),
        (None, EntryKind.PAGE, 0, "Rang primary: @jens"),
        (ana, EntryKind.NOTE, -8, "block rate spike begins"),
        (ana, EntryKind.NOTE, -873, "old build shipped"),
    ]
    return [
        TimelineEntryFactory(
            incident=incident,
            author=who,
            kind=kind,
            text=text,
            happened_at=NOW + timedelta(minutes=at),
            recorded_at=later,
        )
        for who, kind, at, text in rows
        for later in [NOW + timedelta(minutes=20)]
    ]


def test_a_whole_document_in_the_shape_that_people_know(incident, jens):
    update = StatusUpdateFactory(
        incident=incident, text="@jens rolling out hotfix", posted_at=NOW, next_by=NOW + timedelta(minutes=41)
    )
    text = status_document(incident, entries(incident, jens), update, commander="@jens", zone=BERLIN)
    assert text == WHOLE


def test_what_is_not_known_is_said_so():
    incident = IncidentFactory(level=LevelFactory(name="SEV2", rank=2))
    assert status_document(incident, [], None, commander="", zone=BERLIN) == (
        "# [SEV2] Pipeline blocks spiking — 2026-04-18 14:23 CEST\n"
        "## What's happening\nUnknown yet.\n"
        "## Impact\n- Affected customers: unknown yet\n- User-visible: unknown yet\n- Data integrity: unknown yet\n"
        "## Current status\nINVESTIGATING\n"
        "## Timeline (newest first)\n"
    )


def test_nothing_is_promised_once_it_is_over(incident, jens):
    update = StatusUpdateFactory(incident=incident, text="All is well.", next_by=NOW + timedelta(minutes=41))
    incident.status = IncidentStatus.RESOLVED
    text = status_document(incident, [], update, commander="", zone=BERLIN)
    assert "## Current status\nRESOLVED — All is well.\n## Timeline" in text


def test_words_from_before_it_was_over_are_not_how_it_stands_now(incident, jens):
    update = StatusUpdateFactory(incident=incident, text="We are looking for the cause.", posted_at=NOW)
    incident.status, incident.resolved_at = IncidentStatus.CLOSED, NOW + timedelta(minutes=5)
    text = status_document(incident, [], update, commander="", zone=BERLIN)
    assert "## Current status\nCLOSED — it was over at 14:28 CEST\n## Timeline" in text


def test_its_address_serves_markdown(client: Client, incident, jens):
    client.force_login(jens)
    rows = entries(incident, jens)
    answer = client.get(f"/incidents/{incident.reference}/status.md")
    lines = answer.content.decode().splitlines()
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/markdown; charset=utf-8")
    assert lines[0] == "# [SEV2] Pipeline blocks spiking — 2026-04-18 12:23 UTC"
    assert len(lines) - lines.index("## Timeline (newest first)") - 1 == len(rows)


def test_checks_that_were_passed_stand_in_it_with_who_saw_them_and_ticks_do_not(client: Client, incident, jens):
    phase = PhaseFactory(version=incident.level.version)
    passed = {"outcome": CheckOutcome.PASSED, "marked_at": NOW, "marked_by": jens}
    check = {"incident": incident, "item__phase": phase, "item__kind": ItemKind.CHECK}
    file = AttachmentFactory(incident=incident, name="graph.png")
    ChecklistItemFactory(number=1, item__text="Errors are back", **check, **passed, note="0.2 %", attachment=file)
    ChecklistItemFactory(number=2, item__text="Users are asked", **check)
    ChecklistItemFactory(number=3, incident=incident, item__phase=phase, item__text="Step", **passed)
    for outcome, text in ((CheckOutcome.PASSED, "✓ Step"), (CheckOutcome.FAILED, "✗ Failed: Users are asked")):
        facts = {"outcome": outcome}
        TimelineEntryFactory(incident=incident, author=jens, kind=EntryKind.CHECK, text=text, facts=facts)
    client.force_login(jens)

    text = client.get(f"/incidents/{incident.reference}/status.md").content.decode()

    assert text.split("### Checks passed\n")[1] == (
        "- Errors are back: 12:23 UTC · @jens · 0.2 % · evidence: graph.png\n"
        "## Timeline (newest first)\n- 12:23 — ✗ Failed: Users are asked\n"
    )
