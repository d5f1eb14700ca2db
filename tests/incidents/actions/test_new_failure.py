"""The failure was new: other words in the runbook that was taken up, or a runbook where there was none."""

from datetime import datetime, timedelta

import pytest

from accounts.actor import Actor
from core.errors import InvalidInput, NotAllowed, WrongState
from incidents.actions.flag import raise_flag
from incidents.actions.new_failure import finish_runbook_update, note_new_failure
from incidents.actions.runbook import take_up_runbook
from incidents.actions.status import close_incident, resolve_incident
from incidents.enums import PromiseKind
from incidents.models import Incident, LadderVersion, Runbook
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.ladder import FlagFactory, RunbookFactory
from tests.incidents.actions.conftest import texts

TEN = timedelta(minutes=10)


@pytest.fixture
def database(ladder: LadderVersion) -> Runbook:
    """What to do when the database fails."""
    return RunbookFactory(version=ladder, slug="database", name="The database fails")


def owed(incident: Incident) -> list[str]:
    """What is owed about runbooks."""
    rows = incident.promises.undone().filter(kind=PromiseKind.ACTION_ITEM)
    return list(rows.order_by("pk").values_list("subject", flat=True))


def test_the_failure_was_new_and_the_update_is_owed_after_the_fire(
    incident: Incident, database: Runbook, ana: Actor, now: datetime
) -> None:
    take_up_runbook(incident, by=ana, now=now, runbook="database")
    first = note_new_failure(incident, by=ana, now=now, runbook="database")
    assert note_new_failure(incident, by=ana, now=now, runbook="database") == first
    assert (first.subject, first.owner) == ("Update the runbook: The database fails", ana.user)
    assert first.due_at == now + timedelta(hours=48)  # as the postmortem

    resolve_incident(incident, by=ana, now=now)
    close_incident(incident, by=ana, now=now, reason="enough")
    finish_runbook_update(incident, by=ana, now=now + TEN, runbook="database")

    first.refresh_from_db()
    assert (first.kept_at, first.withdrawn_at) == (now + TEN, None)
    assert texts(incident)[-1] == "The runbook **The database fails** was updated"
    with pytest.raises(WrongState, match="Nothing is owed"):
        finish_runbook_update(incident, by=ana, now=now, runbook="database")


def test_where_no_runbook_was_taken_up_one_is_to_be_written(
    incident: Incident, database: Runbook, ana: Actor, now: datetime
) -> None:
    first = note_new_failure(incident, by=ana, now=now)
    assert note_new_failure(incident, by=ana, now=now) == first
    assert (owed(incident), first.owner) == (["Write a runbook for: Pipeline blocks spiking"], ana.user)
    assert first.due_at == now + timedelta(hours=48)
    assert texts(incident)[-1] == "The failure was new: a runbook is to be written"

    finish_runbook_update(incident, by=ana, now=now + TEN)
    first.refresh_from_db()
    assert first.kept_at == now + TEN
    assert texts(incident)[-1] == "A runbook for this was written"
    assert note_new_failure(incident, by=ana, now=now + TEN) == first
    assert owed(incident) == []


def test_a_flag_that_says_so_owes_words_in_all_that_were_taken_up(
    incident: Incident, ladder: LadderVersion, database: Runbook, ana: Actor, now: datetime
) -> None:
    FlagFactory(version=ladder, slug="new", name="New", is_new_failure=True)
    RunbookFactory(version=ladder, slug="cache", name="The cache is cold")
    for runbook in ("database", "cache"):
        take_up_runbook(incident, by=ana, now=now, runbook=runbook)

    raise_flag(incident, by=ana, now=now, flag="new")

    assert owed(incident) == ["Update the runbook: The database fails", "Update the runbook: The cache is cold"]
    assert [row.was_new_at for row in incident.runbooks.all()] == [now, now]


def test_a_flag_that_says_so_owes_a_runbook_where_none_was_taken_up(
    incident: Incident, ladder: LadderVersion, ana: Actor, now: datetime
) -> None:
    FlagFactory(version=ladder, slug="new", name="New", is_new_failure=True)
    FlagFactory(version=ladder, slug="api", name="The API is concerned")

    raise_flag(incident, by=ana, now=now, flag="api")
    assert owed(incident) == []
    raise_flag(incident, by=ana, now=now, flag="new")
    assert owed(incident) == ["Write a runbook for: Pipeline blocks spiking"]


def test_refusals_change_nothing(incident: Incident, database: Runbook, ana: Actor, now: datetime) -> None:
    with pytest.raises(InvalidInput, match="Nobody took up"):
        note_new_failure(incident, by=ana, now=now, runbook="database")
    with pytest.raises(NotAllowed):
        note_new_failure(incident, by=ActorFactory(user=UserFactory(viewer=True)), now=now)
    with pytest.raises(WrongState, match="Nothing is owed about a runbook to be written"):
        finish_runbook_update(incident, by=ana, now=now)
    take_up_runbook(incident, by=ana, now=now, runbook="database")
    with pytest.raises(InvalidInput, match="say which one did not know"):
        note_new_failure(incident, by=ana, now=now)
    assert owed(incident) == []
