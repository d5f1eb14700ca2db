"""Mitigations: taken from the catalogue or by hand, watched, answered, rolled back."""

import shlex
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError

from accounts.actor import Actor
from core.errors import InvalidInput, NotAllowed, WrongState
from incidents.actions import mitigation as actions
from incidents.actions.mitigation import (
    answer_mitigation,
    note_remaining,
    roll_back_mitigation,
    start_mitigation,
)
from incidents.actions.status import resolve_incident
from incidents.enums import PromiseKind
from incidents.models import Incident, LadderVersion, Mitigation, MitigationOption, Promise
from incidents.owed import IncidentFacts, owed
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.incidents import IncidentFactory
from tests.factories.ladder import MitigationOptionFactory
from tests.incidents.actions.conftest import texts

FIVE = timedelta(minutes=5)
VALUES = {"release": "api", "revision": "4"}


@pytest.fixture
def option(ladder: LadderVersion) -> MitigationOption:
    """Roll back, looked at again after five minutes."""
    return MitigationOptionFactory(
        version=ladder,
        slug="rollback",
        name="Roll back",
        command="helm rollback {release} {revision}",
        way_back="helm rollback {release}",
        target="Errors below 1 %",
        watch_for="5 min",
    )


def open_promises(incident: Incident) -> list[Promise]:
    """What is owed about mitigations."""
    return list(Promise.objects.open().filter(incident=incident, kind=PromiseKind.MITIGATION))


def test_one_of_the_catalogue_is_filled_in_and_looked_at_again(
    incident: Incident, ana: Actor, option: MitigationOption, now: datetime
) -> None:
    row = start_mitigation(incident, by=ana, now=now, option="rollback", values=VALUES)

    assert row is not None
    assert (row.option, row.command, row.way_back, row.target, row.check_at, row.started_by) == (
        option,
        "helm rollback api 4",
        "helm rollback api",
        "Errors below 1 %",
        now + FIVE,
        ana.user,
    )
    assert texts(incident)[-1] == "Mitigation: Roll back, looked at again at 12:28 UTC"


def test_what_is_owed_then_is_its_answer_by_one_press(
    incident: Incident, ana: Actor, option: MitigationOption, now: datetime
) -> None:
    start_mitigation(incident, by=ana, now=now, option="rollback", values=VALUES)
    facts = IncidentFacts(
        incident=incident, promises=open_promises(incident), pages=[], commander=ana.user, action_urls={}
    )
    row = owed(facts, now + FIVE)[0]
    base = f"/incidents/{incident.reference}/mitigations/1"

    assert (row.what, row.tone, row.owner) == ("Did it work? Roll back. Target: Errors below 1 %", "late", "@ana")
    assert [(row.verb, row.url), *row.more] == [
        ("It worked", f"{base}/effective"),
        ("Partly", f"{base}/partial"),
        ("No effect", f"{base}/none"),
        ("It got worse", f"{base}/worse"),
    ]


def test_hostile_values_stay_in_their_words(
    incident: Incident, ana: Actor, option: MitigationOption, now: datetime
) -> None:
    evil = {"release": 'api\'; rm -rf "$HOME" $(id) `id` \\', "revision": "-4 --force"}
    row = start_mitigation(incident, by=ana, now=now, option="rollback", values=evil)

    assert row is not None
    assert shlex.split(row.command) == ["helm", "rollback", evil["release"], evil["revision"]]


def test_one_by_hand_stands_as_it_was_typed(incident: Incident, ana: Actor, now: datetime) -> None:
    row = start_mitigation(
        incident, by=ana, now=now, name="restart it", command=" kubectl rollout restart {x}\n", check_at=now + FIVE
    )

    assert row is not None
    assert (row.name, row.command, row.option) == ("restart it", "kubectl rollout restart {x}", None)
    assert [promise.due_at for promise in open_promises(incident)] == [now + FIVE]


@pytest.mark.parametrize(
    ("words", "sentence", "field"),
    [
        ({"option": "reboot"}, "There is no mitigation “reboot” here; there are: rollback", "option"),
        ({"option": "rollback"}, "Say what release is", "release"),
        ({"option": "rollback", "values": {**VALUES, "revision": "4\n5"}}, "revision holds a line break", "revision"),
        ({"name": " "}, "Say in one line what is done", "name"),
        ({"name": "x", "command": "x" * 2001}, "it holds 2000", "command"),
        ({"name": "x", "command": "a\0"}, "cannot be kept", "command"),
        ({"name": "x", "check_at": datetime.fromisoformat("2026-04-18T12:00:00+00:00")}, "is over", "check_at"),
    ],
)
def test_a_mitigation_that_makes_no_sense_is_refused_and_leaves_nothing(
    incident: Incident,
    ana: Actor,
    option: MitigationOption,
    now: datetime,
    words: dict[str, object],
    sentence: str,
    field: str,
) -> None:
    said = texts(incident)
    with pytest.raises(InvalidInput, match=sentence) as refusal:
        start_mitigation(incident, by=ana, now=now, **words)

    assert (refusal.value.field, Mitigation.objects.count(), texts(incident)) == (field, 0, said)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("effective", "It worked: Roll back"),
        ("partial", "Partly: Roll back"),
        ("none", "No effect: Roll back"),
        ("worse", "It got worse: Roll back"),
    ],
)
def test_an_answer_keeps_the_promise_and_does_nothing_else(
    incident: Incident, ana: Actor, option: MitigationOption, now: datetime, outcome: str, said: str
) -> None:
    start_mitigation(incident, by=ana, now=now, option="rollback", values=VALUES)
    for minute in (1, 2):
        answer_mitigation(incident, by=ana, now=now + timedelta(minutes=minute), number=1, outcome=outcome)

    row = incident.mitigations.get()
    incident.refresh_from_db()
    assert (row.outcome, row.outcome_at) == (outcome, now + timedelta(minutes=1))
    assert Promise.objects.get(kind=PromiseKind.MITIGATION).kept_at == now + timedelta(minutes=1)
    assert texts(incident)[-1] == said
    assert incident.mitigated_at is None


def test_what_is_left_is_said_of_what_helped_in_part_alone(
    incident: Incident, ana: Actor, option: MitigationOption, now: datetime
) -> None:
    start_mitigation(incident, by=ana, now=now, option="rollback", values=VALUES)
    with pytest.raises(WrongState, match="did not help in part"):
        note_remaining(incident, by=ana, now=now, number=1, text="the queue")
    answer_mitigation(incident, by=ana, now=now, number=1, outcome="partial")
    note_remaining(incident, by=ana, now=now, number=1, text="the queue is still full")
    assert texts(incident)[-1] == "Still there after Roll back: the queue is still full"

    answer_mitigation(incident, by=ana, now=now, number=1, outcome="worse")
    assert incident.mitigations.get().remaining == ""


def test_what_made_it_worse_is_rolled_back_once_by_a_mitigation_of_its_own(
    incident: Incident, ana: Actor, option: MitigationOption, now: datetime
) -> None:
    first = start_mitigation(incident, by=ana, now=now, option="rollback", values=VALUES)
    answer_mitigation(incident, by=ana, now=now + FIVE, number=1, outcome="worse")
    undoing = roll_back_mitigation(incident, by=ana, now=now + FIVE, number=1)

    assert (undoing.number, undoing.name, undoing.command, undoing.undoes, undoing.check_at) == (
        2,
        "Roll back: Roll back",
        "helm rollback api",
        first,
        now + 2 * FIVE,
    )
    assert texts(incident)[-1] == "Roll back: Roll back, looked at again at 12:33 UTC"
    with pytest.raises(WrongState, match="“Roll back” is being rolled back already"):
        roll_back_mitigation(incident, by=ana, now=now + FIVE, number=1)


def test_resolved_asks_for_no_answer_any_more(
    incident: Incident, ana: Actor, option: MitigationOption, now: datetime
) -> None:
    start_mitigation(incident, by=ana, now=now, option="rollback", values=VALUES)
    resolve_incident(incident, by=ana, now=now)

    assert open_promises(incident) == []


def test_other_answers_and_others_are_refused(incident: Incident, ana: Actor, now: datetime) -> None:
    start_mitigation(incident, by=ana, now=now, name="restart")
    with pytest.raises(InvalidInput, match="“maybe” is none of effective, partial, none, worse"):
        answer_mitigation(incident, by=ana, now=now, number=1, outcome="maybe")
    with pytest.raises(InvalidInput, match="There is no mitigation 2 here"):
        roll_back_mitigation(incident, by=ana, now=now, number=2)
    with pytest.raises(NotAllowed):
        start_mitigation(incident, by=ActorFactory(user=UserFactory(viewer=True)), now=now, name="x")
    with pytest.raises(WrongState):
        start_mitigation(IncidentFactory(number=77, closed=True), by=ana, now=now, name="x")

    assert Mitigation.objects.count() == 1


@pytest.mark.parametrize(
    "act",
    [
        lambda incident, now, by: start_mitigation(incident, name="y", check_at=now + FIVE, by=by, now=now),
        lambda incident, now, by: answer_mitigation(incident, number=1, outcome="none", by=by, now=now),
        lambda incident, now, by: note_remaining(incident, number=2, text="z", by=by, now=now),
        lambda incident, now, by: roll_back_mitigation(incident, number=1, by=by, now=now),
    ],
)
def test_what_breaks_half_way_leaves_nothing(
    incident: Incident, ana: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch, act: object
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IntegrityError("the disk is full")

    for name in ("one", "two"):
        start_mitigation(incident, by=ana, now=now, name=name, check_at=now + FIVE)
    answer_mitigation(incident, by=ana, now=now, number=2, outcome="partial")
    before = [list(Mitigation.objects.values()), list(Promise.objects.order_by("pk").values()), texts(incident)]
    monkeypatch.setattr(actions, "write_entry", fail)
    with pytest.raises(IntegrityError):
        act(incident, now, ana)  # type: ignore[operator]

    assert [
        list(Mitigation.objects.values()),
        list(Promise.objects.order_by("pk").values()),
        texts(incident),
    ] == before
