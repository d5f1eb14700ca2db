"""Decisions: made in one line, looked at again."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError

from accounts.actor import Actor
from core.errors import InvalidInput, NotAllowed, WrongState
from incidents.actions import decision as actions
from incidents.actions.decision import answer_decision, make_decision
from incidents.actions.status import resolve_incident
from incidents.enums import PromiseKind
from incidents.models import Decision, Incident, Promise
from incidents.owed import IncidentFacts, owed
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.incidents import IncidentFactory
from tests.incidents.actions.conftest import texts

TEN = timedelta(minutes=10)


def open_promises(incident: Incident) -> list[Promise]:
    """What is owed about decisions."""
    return list(Promise.objects.open().filter(incident=incident, kind=PromiseKind.DECISION))


def test_a_decision_is_one_line(incident: Incident, ana: Actor, now: datetime) -> None:
    make_decision(incident, by=ana, now=now, text="fail over to the replica")

    assert texts(incident)[-1] == "Decided: fail over to the replica"
    assert open_promises(incident) == []


def test_a_decision_with_all_it_can_say_comes_back_when_it_is_time(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    more = {"risk": "no writes for 10 s", "way_back": "fail over again", "expected": "errors below 1 %"}
    make_decision(incident, by=ana, now=now, text="fail over", check_at=now + TEN, **more)

    promises = open_promises(incident)
    facts = IncidentFacts(incident=incident, promises=promises, pages=[], commander=ana.user, action_urls={})
    row = owed(facts, now + TEN)[0]
    base = f"/incidents/{incident.reference}/decisions/1"
    assert texts(incident)[-1] == (
        "Decided: fail over · Risk: no writes for 10 s · Way back: fail over again · Expected: errors below 1 %"
        " · looked at again at 12:33 UTC"
    )
    assert (row.what, row.tone, row.owner) == (
        "Did it work? fail over. Expected: errors below 1 %",
        "late",
        "@ana",
    )
    assert (row.verb, row.url, row.posts, row.more) == (
        "It worked",
        f"{base}/worked",
        True,
        (("It did not", f"{base}/failed"),),
    )


@pytest.mark.parametrize(
    ("outcome", "said"),
    [("worked", "It worked: fail over"), ("failed", "It did not: fail over · Way back: fail over again")],
)
def test_an_answer_keeps_the_promise(incident: Incident, ana: Actor, now: datetime, outcome: str, said: str) -> None:
    make_decision(incident, by=ana, now=now, text="fail over", check_at=now + TEN, way_back="fail over again")
    for minute in (1, 2):
        answer_decision(incident, by=ana, now=now + timedelta(minutes=minute), number=1, outcome=outcome)

    decision = incident.decisions.get()
    assert (decision.outcome, decision.outcome_at) == (outcome, now + timedelta(minutes=1))
    assert Promise.objects.get(kind=PromiseKind.DECISION).kept_at == now + timedelta(minutes=1)
    assert texts(incident).count(said) == 1


def test_resolved_asks_for_no_answer_any_more(incident: Incident, ana: Actor, now: datetime) -> None:
    make_decision(incident, by=ana, now=now, text="fail over", check_at=now + TEN)
    resolve_incident(incident, by=ana, now=now)

    assert open_promises(incident) == []


@pytest.mark.parametrize(
    ("words", "sentence", "field"),
    [
        ({"text": " "}, "Say in one line what was decided", "text"),
        ({"risk": "x" * 201}, "holds 200", "risk"),
        ({"check_at": datetime.fromisoformat("2026-04-18T12:00:00+00:00")}, "is over", "check_at"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(
    incident: Incident, ana: Actor, now: datetime, words: dict[str, object], sentence: str, field: str
) -> None:
    with pytest.raises(InvalidInput, match=sentence) as refusal:
        make_decision(incident, by=ana, now=now, **{"text": "x", **words})

    assert (refusal.value.field, Decision.objects.count()) == (field, 0)


def test_other_answers_and_others_are_refused(incident: Incident, ana: Actor, now: datetime) -> None:
    make_decision(incident, by=ana, now=now, text="fail over")
    with pytest.raises(InvalidInput, match="“maybe” is none of worked, failed"):
        answer_decision(incident, by=ana, now=now, number=1, outcome="maybe")
    with pytest.raises(InvalidInput, match="There is no decision 2 here"):
        answer_decision(incident, by=ana, now=now, number=2, outcome="worked")
    with pytest.raises(NotAllowed):
        make_decision(incident, by=ActorFactory(user=UserFactory(viewer=True)), now=now, text="x")
    with pytest.raises(WrongState):
        make_decision(IncidentFactory(number=77, closed=True), by=ana, now=now, text="x")

    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    "act",
    [
        lambda incident, now, by: make_decision(incident, text="y", check_at=now + TEN, by=by, now=now),
        lambda incident, now, by: answer_decision(incident, number=1, outcome="worked", by=by, now=now),
    ],
)
def test_what_breaks_half_way_leaves_nothing(
    incident: Incident, ana: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch, act: object
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IntegrityError("the disk is full")

    make_decision(incident, by=ana, now=now, text="x", check_at=now + TEN)
    before = [list(Decision.objects.values()), list(Promise.objects.order_by("pk").values()), texts(incident)]
    monkeypatch.setattr(actions, "write_entry", fail)
    with pytest.raises(IntegrityError):
        act(incident, now, ana)  # type: ignore[operator]

    assert [
        list(Decision.objects.values()),
        list(Promise.objects.order_by("pk").values()),
        texts(incident),
    ] == before
