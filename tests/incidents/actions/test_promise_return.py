"""It is back: what the end withdrew undone is owed again, shows, is done by its own button and leaves."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError

from accounts.actor import Actor
from comms.models import Message
from core.errors import InvalidInput
from incidents.actions import promise_return, status
from incidents.actions.audience import make_private
from incidents.actions.decision import answer_decision, make_decision
from incidents.actions.declare import declare_incident
from incidents.actions.link import merge_incident
from incidents.actions.mitigation import answer_mitigation, start_mitigation
from incidents.actions.promise_sweep import sweep_promises
from incidents.actions.public_word import tell_public
from incidents.actions.reopen import reopen_incident
from incidents.actions.runbook import decide, take_up_runbook
from incidents.actions.status import close_as_no_incident, close_incident, fail_watch, resolve_incident
from incidents.actions.status_update import post_status_update
from incidents.enums import PromiseKind, PromiseStage
from incidents.models import Incident, LadderVersion, Promise
from incidents.owed import owed
from incidents.queries.owed import facts_of_one
from tests.factories.incidents import DutyFactory, LevelFactory
from tests.factories.ladder import CriticalDecisionFactory, RunbookFactory
from tests.incidents.actions.conftest import texts

MINUTE = timedelta(minutes=1)
EARLY, LATE = 8 * MINUTE, 60 * MINUTE
WORK = {PromiseKind.CRITICAL, PromiseKind.DECISION, PromiseKind.MITIGATION}
WORDS = {PromiseKind.FIRST_UPDATE, PromiseKind.PUBLIC_UPDATE}
# What every incident of the level owes once it is back, whatever was withdrawn.
ANEW = {PromiseKind.EXECUTIVE_BRIEF}


@pytest.fixture
def incident(ladder: LadderVersion, ana: Actor, now: datetime) -> Incident:
    """First words are owed inside and outside; a runbook, a decision and a mitigation wait for their answers."""
    level = LevelFactory(version=ladder, name="P0", rank=0, is_public=True)
    DutyFactory(level=level, kind=PromiseKind.FIRST_UPDATE, within="10 min", owed_by="comms", remind_before="2 min")
    DutyFactory(level=level, kind=PromiseKind.STATUS_UPDATE, within="30 min")
    DutyFactory(level=level, kind=PromiseKind.PUBLIC_UPDATE, within="15 min", owed_by="comms")
    DutyFactory(level=level, kind=PromiseKind.EXECUTIVE_BRIEF, within="1 h")
    runbook = RunbookFactory(version=ladder, slug="database", name="The database fails")
    CriticalDecisionFactory(runbook=runbook, text="Fail over, or not", within="10 min", escalate_policy="primary")
    incident = declare_incident(by=ana, now=now, level=level, summary="Everything is down")
    take_up_runbook(incident, by=ana, now=now, runbook="database")
    make_decision(incident, by=ana, now=now, text="drop the cache", check_at=now + 20 * MINUTE)
    start_mitigation(incident, by=ana, now=now, name="restart", check_at=now + 25 * MINUTE)
    return incident


def end_and_back(incident: Incident, ana: Actor, over: datetime, back: datetime) -> None:
    resolve_incident(incident, by=ana, now=over)
    fail_watch(incident, by=ana, now=back, reason="it is back")


def close_and_reopen(incident: Incident, ana: Actor, over: datetime, back: datetime) -> None:
    resolve_incident(incident, by=ana, now=over)
    close_incident(incident, by=ana, now=over, reason="quiet")
    reopen_incident(incident, by=ana, now=back, reason="it is back")


def no_incident_and_reopen(incident: Incident, ana: Actor, over: datetime, back: datetime) -> None:
    close_as_no_incident(incident, by=ana, now=over)
    reopen_incident(incident, by=ana, now=back, reason="it was one")


def merge_and_reopen(incident: Incident, ana: Actor, over: datetime, back: datetime) -> None:
    other = declare_incident(by=ana, now=over, level=incident.level, summary="The same")
    merge_incident(incident, by=ana, now=over, into=other)
    reopen_incident(incident, by=ana, now=back, reason="it was another")


BACK = [end_and_back, close_and_reopen, no_incident_and_reopen, merge_and_reopen]
Ending = Callable[[Incident, Actor, datetime, datetime], None]


def due(incident: Incident) -> dict[str, datetime]:
    """What is owed, and by when."""
    return {row.kind: row.due_at for row in incident.promises.undone()}


def shown(incident: Incident, now: datetime) -> set[str]:
    """The kinds of promises among the rows of owed()."""
    incident = Incident.objects.get(pk=incident.pk)
    keys = {row.key for row in owed(facts_of_one(incident), now)}
    return {row.kind for row in incident.promises.all() if f"promise:{row.pk}" in keys}


@pytest.mark.parametrize("ending", BACK)
def test_a_moment_to_come_is_kept(incident: Incident, ana: Actor, now: datetime, ending: Ending) -> None:
    before = {kind: at for kind, at in due(incident).items() if kind in WORK | WORDS}
    ending(incident, ana, now + 5 * MINUTE, now + EARLY)

    assert due(incident) == {**before, PromiseKind.EXECUTIVE_BRIEF: now + EARLY + 60 * MINUTE}
    assert shown(incident, now + EARLY) == WORK | WORDS | ANEW


@pytest.mark.parametrize("ending", BACK)
def test_what_is_past_is_given_its_first_length_again(
    incident: Incident, ana: Actor, now: datetime, ending: Ending
) -> None:
    ending(incident, ana, now + 5 * MINUTE, now + LATE)

    back = now + LATE
    assert due(incident) == {
        PromiseKind.FIRST_UPDATE: back + 10 * MINUTE,
        PromiseKind.PUBLIC_UPDATE: back + 15 * MINUTE,
        PromiseKind.EXECUTIVE_BRIEF: back + 60 * MINUTE,
        PromiseKind.CRITICAL: back + 10 * MINUTE,
        PromiseKind.DECISION: back + 20 * MINUTE,
        PromiseKind.MITIGATION: back + 25 * MINUTE,
    }
    assert shown(incident, back) == WORK | WORDS | ANEW


def test_a_moment_that_was_kept_keeps_its_length_too(incident: Incident, ana: Actor, now: datetime) -> None:
    end_and_back(incident, ana, now + 5 * MINUTE, now + EARLY)
    end_and_back(incident, ana, now + 9 * MINUTE, now + LATE)

    assert due(incident)[PromiseKind.CRITICAL] == now + LATE + 10 * MINUTE
    assert len(incident.promises.undone().filter(kind=PromiseKind.CRITICAL)) == 1


def test_what_was_late_before_is_in_time_again_and_escalates_anew(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    for _ in range(3):
        sweep_promises(now=now + 11 * MINUTE)
    rang = "Rang Primary: decide: fail over, or not is late: @jens"
    assert texts(incident).count(rang) == 1
    end_and_back(incident, ana, now + 12 * MINUTE, now + LATE)
    promise = incident.promises.undone().get(kind=PromiseKind.CRITICAL)
    assert (promise.stage, promise.broken_at, promise.escalate_policy) == (PromiseStage.MADE, None, "primary")

    for _ in range(3):
        sweep_promises(now=now + LATE + 10 * MINUTE)
    promise.refresh_from_db()
    assert promise.stage == PromiseStage.ESCALATED
    assert texts(incident).count(rang) == 2


def test_a_reminder_comes_again(incident: Incident, ana: Actor, now: datetime) -> None:
    end_and_back(incident, ana, now + 5 * MINUTE, now + LATE)
    sweep_promises(now=now + LATE + 8 * MINUTE)

    first = incident.promises.undone().get(kind=PromiseKind.FIRST_UPDATE)
    assert first.stage == PromiseStage.REMINDED
    said = Message.objects.filter(facts__promise=PromiseKind.FIRST_UPDATE, facts__stage="reminded")
    assert [message.user for message in said] == [ana.user]


def test_each_is_done_by_its_own_button_and_leaves(incident: Incident, ana: Actor, now: datetime) -> None:
    end_and_back(incident, ana, now + 5 * MINUTE, now + LATE)
    at = now + LATE + MINUTE
    key = incident.promises.undone().get(kind=PromiseKind.CRITICAL).subject_key

    decide(incident, by=ana, now=at, decision=key, text="we fail over")
    assert shown(incident, at) == (WORK | WORDS | ANEW) - {PromiseKind.CRITICAL}
    answer_decision(incident, by=ana, now=at, number=1, outcome="worked")
    answer_mitigation(incident, by=ana, now=at, number=1, outcome="effective")
    assert shown(incident, at) == WORDS | ANEW
    tell_public(incident, by=ana, now=at, text="We are on it.")
    assert due(incident)[PromiseKind.PUBLIC_UPDATE] == at + 30 * MINUTE
    post_status_update(incident, by=ana, now=at, text="Failing over.")
    assert shown(incident, at) == {PromiseKind.STATUS_UPDATE, PromiseKind.PUBLIC_UPDATE} | ANEW
    with pytest.raises(InvalidInput, match="decided already"):
        decide(incident, by=ana, now=at, decision=key, text="again")


@pytest.mark.parametrize("ending", BACK)
def test_what_was_done_does_not_come_back(incident: Incident, ana: Actor, now: datetime, ending: Ending) -> None:
    key = incident.promises.undone().get(kind=PromiseKind.CRITICAL).subject_key
    decide(incident, by=ana, now=now, decision=key, text="we stay")
    answer_decision(incident, by=ana, now=now, number=1, outcome="failed")
    answer_mitigation(incident, by=ana, now=now, number=1, outcome="none")
    post_status_update(incident, by=ana, now=now, text="We look.", tell_public=True, public_text="We look.")

    ending(incident, ana, now + 5 * MINUTE, now + LATE)
    assert due(incident) == {
        PromiseKind.STATUS_UPDATE: now + LATE + 30 * MINUTE,
        PromiseKind.PUBLIC_UPDATE: now + LATE + 30 * MINUTE,
        PromiseKind.EXECUTIVE_BRIEF: now + LATE + 60 * MINUTE,
    }


def test_what_was_answered_while_it_was_resolved_does_not_come_back(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    resolve_incident(incident, by=ana, now=now)
    answer_decision(incident, by=ana, now=now, number=1, outcome="worked")
    answer_mitigation(incident, by=ana, now=now, number=1, outcome="effective")
    tell_public(incident, by=ana, now=now, text="It is over.")
    fail_watch(incident, by=ana, now=now + EARLY, reason="it is back")

    assert set(due(incident)) == WORDS | {PromiseKind.CRITICAL} | ANEW


def test_the_public_is_owed_nothing_of_what_became_private(incident: Incident, ana: Actor, now: datetime) -> None:
    resolve_incident(incident, by=ana, now=now)
    make_private(incident, by=ana, now=now, reason="a person is concerned")
    fail_watch(incident, by=ana, now=now + EARLY, reason="it is back")

    assert set(due(incident)) == {PromiseKind.FIRST_UPDATE} | WORK | ANEW


def test_what_was_let_go_to_close_it_does_not_come_back(incident: Incident, ana: Actor, now: datetime) -> None:
    resolve_incident(incident, by=ana, now=now)
    make_decision(incident, by=ana, now=now, text="leave it off", check_at=now + LATE)
    close_incident(incident, by=ana, now=now, reason="nobody needs it")
    reopen_incident(incident, by=ana, now=now + EARLY, reason="it is back")

    back = incident.promises.undone().filter(kind=PromiseKind.DECISION)
    assert [row.subject_key for row in back] == ["decision:1"]


def test_a_watch_that_fails_before_resolved_brings_nothing_back(incident: Incident, ana: Actor, now: datetime) -> None:
    status.stop_bleeding(incident, by=ana, now=now)
    before = due(incident)
    fail_watch(incident, by=ana, now=now + EARLY, reason="it is back")

    assert due(incident) == before


def test_half_a_return_leaves_it_resolved(
    incident: Incident, ana: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_incident(incident, by=ana, now=now)
    rows = Promise.objects.count()

    def broken(*_: object, **__: object) -> None:
        raise IntegrityError("the disk is full")

    monkeypatch.setattr(promise_return, "make_promise_of_duty", broken)
    with pytest.raises(IntegrityError):
        fail_watch(incident, by=ana, now=now + EARLY, reason="it is back")

    incident.refresh_from_db()
    assert (incident.status, Promise.objects.count()) == ("resolved", rows)
