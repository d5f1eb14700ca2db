"""What is owed is the same wherever somebody asks: in the room, on the board, on /me/, in a brief."""

from datetime import timedelta

import pytest

from accounts.models import User
from escalation.enums import PageStatus
from incidents.enums import FlagAsked, Gate, IncidentStatus, PromiseKind, RoleKind
from incidents.models import Incident
from incidents.owed import IncidentFacts, OwedRow, owed
from incidents.queries.board import board
from incidents.queries.handover import brief_of
from incidents.queries.me import owed_of
from incidents.queries.owed import facts_of_one
from incidents.queries.room import room
from incidents.views.owed import facts_of
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.checklist import ChecklistItemFactory
from tests.factories.escalation import PageFactory
from tests.factories.incidents import (
    IncidentFactory,
    PromiseFactory,
    RoleAssignmentFactory,
    level_of,
    make_ladder,
)
from tests.factories.ladder import FlagFactory, LevelRoleFactory, PhaseFactory, PhaseItemFactory
from tests.factories.people import HandoverFactory, ResponderFactory

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=20)


@pytest.fixture
def ana() -> User:
    return UserFactory(handle="ana")


@pytest.fixture
def incident(ana: User) -> Incident:
    """Ana commands, Jens is here, the scribe's seat is empty; something of every kind is owed."""
    ladder = make_ladder()
    level = level_of(ladder, "SEV1")
    LevelRoleFactory(level=level, role="scribe")
    FlagFactory(version=ladder, slug="breach", question="Is data at risk?")
    FlagFactory(version=ladder, slug="new", question="Was it new?", asked=FlagAsked.AFTER)
    triage = PhaseFactory(version=ladder, slug="triage", name="Triage", ends_after="5 min")
    check = PhaseItemFactory(phase=triage, text="Errors are back", holds=Gate.RESOLVE)
    incident: Incident = IncidentFactory(level=level, status=IncidentStatus.MONITORING, mitigated_at=NOW)
    ChecklistItemFactory(incident=incident, item=check)
    RoleAssignmentFactory(incident=incident, user=ana, role="commander", kind=RoleKind.COMMANDER)
    ResponderFactory(incident=incident, user=UserFactory(handle="jens"))
    PromiseFactory(incident=incident, subject="Status update", due_at=LATER)
    PromiseFactory(incident=incident, subject="Look again", kind=PromiseKind.TASK, subject_key="task:1", owner=ana)
    PageFactory(subject_key=incident.subject_key, group="primary", status=PageStatus.EXHAUSTED, wake_at=None)
    return incident


def told(rows: list[OwedRow]) -> list[tuple[str, str, object, str, str]]:
    return [(row.key, row.what, row.due_at, row.tone, row.owner) for row in rows]


def in_room(incident: Incident, ana: User) -> IncidentFacts:
    return facts_of(room(incident.reference, ana, LATER), may_act=True)


def test_the_same_is_owed_in_the_room_on_the_board_and_in_a_brief(ana: User, incident: Incident) -> None:
    shown = told(owed(in_room(incident, ana), LATER))

    assert {"Is data at risk?", "Triage: 1 of 1 open", "Scribe is empty"} <= {row[1] for row in shown}
    assert {"1 of 1 checks pending before it is resolved", "Nobody has answered primary"} <= {row[1] for row in shown}
    assert told(owed(facts_of_one(incident), LATER)) == shown
    assert told(owed(brief_of(incident).facts, LATER)) == shown
    assert told(board(ana, LATER).open[0].owed) == shown


def test_whoever_commands_finds_the_question_among_what_they_owe(ana: User, incident: Incident) -> None:
    mine = [one for one in owed_of(ana, LATER) if one.row.key.startswith("question:")]

    assert [(one.row.what, one.url) for one in mine] == [("Is data at risk?", incident.get_absolute_url())]
    assert board(ana, LATER).needs_you == 1


def test_an_offer_of_command_is_known_everywhere(ana: User, incident: Incident) -> None:
    much_later = NOW + timedelta(hours=5)
    assert [row.what for row in owed(facts_of_one(incident), much_later) if row.key == "hand-over"]

    HandoverFactory(incident=incident, role="commander", from_user=ana)

    for facts in (facts_of_one(incident), in_room(incident, ana), brief_of(incident).facts):
        assert [row.what for row in owed(facts, much_later) if row.key == "hand-over"] == []


def test_once_it_is_resolved_the_other_questions_are_asked(ana: User, incident: Incident) -> None:
    Incident.objects.update(status=IncidentStatus.RESOLVED, resolved_at=NOW, resolved_by=ana, mitigated_by=ana)

    for facts in (facts_of_one(incident), in_room(incident, ana)):
        asked = [row.what for row in owed(facts, LATER) if row.key.startswith("question:")]
        assert asked == ["Was it new?"]
