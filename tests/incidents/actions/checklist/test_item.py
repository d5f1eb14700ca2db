"""Items appear with the level and with a runbook, and none ever goes away."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from incidents.actions import declare as declare_actions
from incidents.actions.checklist.check import tick_item
from incidents.actions.checklist.item import add_level_items, add_runbook_items
from incidents.actions.declare import declare_incident
from incidents.actions.severity import change_level, settle_due_changes, take_back_change
from incidents.enums import CheckOutcome
from incidents.models import ChecklistItem, Incident, IncidentFlag, LadderVersion
from tests.factories.checklist import ChecklistItemFactory
from tests.factories.incidents import level_of
from tests.factories.ladder import QuickActionFactory, RunbookFactory
from tests.incidents.actions.checklist.conftest import items, number_of

OF_SEV2 = [
    "Check recent deployments",
    "Tell API customers",
    "Errors are back",
    "Users are asked",
    "Everyone is told",
]
OF_SEV1 = ["Check recent deployments", "Call the executive", *OF_SEV2[1:]]


def asked(incident: Incident) -> list[str]:
    """What the room shows."""
    return [item.text for item in incident.checklist.asked().with_texts().in_order()]


def said(incident: Incident) -> list[str]:
    """What there is."""
    return [item.text for item in items(incident)]


def test_a_declaration_asks_what_its_level_asks(incident):
    assert said(incident) == OF_SEV2


def test_a_worse_level_adds_its_items_when_it_takes_effect(incident, ladder, ana, now):
    change_level(incident, by=ana, now=now, level=level_of(ladder, "SEV1"))
    assert said(incident) == OF_SEV2

    settle_due_changes(now=now + timedelta(seconds=10))

    assert said(incident) == OF_SEV1


def test_a_raise_that_was_taken_back_adds_nothing(incident, ladder, ana, now):
    change_level(incident, by=ana, now=now, level=level_of(ladder, "SEV1"))
    take_back_change(incident, by=ana, now=now + timedelta(seconds=5))
    settle_due_changes(now=now + timedelta(seconds=20))

    assert said(incident) == OF_SEV2


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(levels=st.lists(st.tuples(st.sampled_from(["SEV1", "SEV2", "SEV3"]), st.booleans()), max_size=6))
def test_raising_and_lowering_never_removes_an_item(
    incident: Incident, ladder: LadderVersion, ana: Actor, now: datetime, levels: list[tuple[str, bool]]
) -> None:
    with transaction.atomic():
        moment, seen = now, set(said(incident))
        for name, ticks in levels:
            moment += timedelta(minutes=1)
            incident.refresh_from_db()
            if incident.level.name != name:
                change_level(incident, by=ana, now=moment, level=level_of(ladder, name), reason="so it is")
                settle_due_changes(now=moment + timedelta(seconds=10))
            if ticks:
                tick_item(incident, by=ana, now=moment, number=number_of(incident, "Check recent deployments"))
            assert seen <= set(said(incident))
            seen = set(said(incident))
        worst = "SEV1" in {name for name, _ in levels}
        assert said(incident) == (OF_SEV1 if worst else OF_SEV2)
        assert len({item.number for item in items(incident)}) == len(items(incident))
        transaction.set_rollback(True)


def test_an_item_with_a_flag_is_asked_while_the_flag_is_up_and_stays_once_it_was_marked(incident, ana, now):
    text = "Tell API customers"
    assert text not in asked(incident)

    flag = IncidentFlag.objects.create(incident=incident, flag="api", name="API", raised_at=now)
    assert text in asked(incident)
    flag.lowered_at = now
    flag.save(update_fields=["lowered_at"])
    assert text not in asked(incident)

    ChecklistItem.objects.filter(number=number_of(incident, text)).update(
        outcome=CheckOutcome.PASSED, marked_at=now, marked_by=ana.user
    )
    assert text in asked(incident)


def test_a_runbook_adds_its_quick_actions_once(incident, ladder, now):
    runbook = RunbookFactory(version=ladder)
    QuickActionFactory(runbook=runbook, position=1, text="Fail over")
    QuickActionFactory(runbook=runbook, position=2, text="Look for long queries")

    assert [add_runbook_items(incident, runbook, now), add_runbook_items(incident, runbook, now)] == [2, 0]
    assert said(incident) == [*OF_SEV2, "Fail over", "Look for long queries"]
    assert sorted(item.number for item in items(incident)) == [1, 2, 3, 4, 5, 6, 7]


def test_a_level_that_asks_nothing_new_costs_one_query(incident, now):
    with CaptureQueriesContext(connection) as again:
        assert add_level_items(incident, now=now) == 0

    assert len([query for query in again if "SAVEPOINT" not in query["sql"]]) == 1


def test_the_database_lets_nobody_take_an_item_away(incident):
    with pytest.raises(DatabaseError), transaction.atomic():
        incident.checklist.all().delete()


def test_an_item_is_of_a_phase_or_of_a_runbook_and_never_of_both(incident):
    for fields in ({"item": None}, {"action": QuickActionFactory()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ChecklistItemFactory(incident=incident, number=99, **fields)


def test_the_database_keeps_no_pass_without_a_person(incident, now):
    with pytest.raises(IntegrityError), transaction.atomic():
        incident.checklist.filter(number=1).update(outcome=CheckOutcome.PASSED, marked_at=now)


def test_a_declaration_that_breaks_after_its_checklist_leaves_nothing(
    ladder: LadderVersion, ana: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IntegrityError("the disk is full")

    monkeypatch.setattr(declare_actions, "open_thread", fail)

    with pytest.raises(IntegrityError):
        declare_incident(by=ana, now=now, level=level_of(ladder, "SEV2"), summary="Odd")

    assert [Incident.objects.count(), ChecklistItem.objects.count()] == [0, 0]
