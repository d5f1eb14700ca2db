"""Hypotheses: put forward, tested, ruled out, confirmed."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError

from accounts.actor import Actor
from core.errors import InvalidInput, NotAllowed, WrongState
from incidents.actions import hypothesis as actions
from incidents.actions.hypothesis import add_hypothesis, add_line, change_hypothesis, tick_line
from incidents.enums import HypothesisStatus, IncidentStatus, LineKind
from incidents.models import Hypothesis, HypothesisLine, Incident
from tests.factories.accounts import ActorFactory, UserFactory
from tests.factories.incidents import IncidentFactory
from tests.incidents.actions.conftest import texts


def test_a_hypothesis_has_its_history_in_the_timeline(incident: Incident, ana: Actor, now: datetime) -> None:
    add_hypothesis(incident, by=ana, now=now, text="the new detector", confidence=40)
    add_line(incident, by=ana, now=now, number=1, kind=LineKind.EVIDENCE, text="began at 14:10", confidence=70)
    add_line(incident, by=ana, now=now, number=1, kind=LineKind.STEP, text="switch it off for one customer")
    change_hypothesis(incident, by=ana, now=now, number=1, status="testing")
    tick_line(incident, by=ana, now=now + timedelta(minutes=1), number=1, line=2)
    change_hypothesis(incident, by=ana, now=now + timedelta(minutes=2), number=1, status="confirmed")

    row = incident.hypotheses.get()
    assert (row.status, row.confidence, row.changed_at) == ("confirmed", 70, now + timedelta(minutes=2))
    assert list(row.lines.values_list("number", "kind", "done_at")) == [
        (1, "evidence", None),
        (2, "step", now + timedelta(minutes=1)),
    ]
    assert texts(incident)[-6:] == [
        "Hypothesis: the new detector (40 %)",
        "Evidence: began at 14:10 (70 %) · the new detector",
        "To find out: switch it off for one customer · the new detector",
        "Hypothesis testing: the new detector",
        "Step taken: switch it off for one customer · the new detector",
        "Hypothesis confirmed: the new detector",
    ]


def test_confirming_a_cause_leaves_the_status_of_the_incident_to_a_person(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    add_hypothesis(incident, by=ana, now=now, text="the new detector")
    change_hypothesis(incident, by=ana, now=now, number=1, status=HypothesisStatus.CONFIRMED)

    incident.refresh_from_db()
    assert incident.status == IncidentStatus.INVESTIGATING


def test_the_same_again_says_nothing(incident: Incident, ana: Actor, now: datetime) -> None:
    add_hypothesis(incident, by=ana, now=now, text="the new detector")
    add_line(incident, by=ana, now=now, number=1, kind=LineKind.STEP, text="look")
    change_hypothesis(incident, by=ana, now=now, number=1, status="ruled_out")
    tick_line(incident, by=ana, now=now, number=1, line=1)
    said = texts(incident)
    change_hypothesis(incident, by=ana, now=now + timedelta(minutes=1), number=1, status="ruled_out")
    tick_line(incident, by=ana, now=now + timedelta(minutes=1), number=1, line=1)

    assert texts(incident) == said
    assert HypothesisLine.objects.get().done_at == now


@pytest.mark.parametrize(
    ("words", "sentence", "field"),
    [
        ({"text": ""}, "Say in one line what may be behind it", "text"),
        ({"text": "x" * 301}, "holds 300", "text"),
        ({"confidence": 101}, "0 to 100", "confidence"),
        ({"confidence": -1}, "0 to 100", "confidence"),
    ],
)
def test_a_hypothesis_that_makes_no_sense_is_refused(
    incident: Incident, ana: Actor, now: datetime, words: dict[str, object], sentence: str, field: str
) -> None:
    with pytest.raises(InvalidInput, match=sentence) as refusal:
        add_hypothesis(incident, by=ana, now=now, **{"text": "x", **words})

    assert (refusal.value.field, Hypothesis.objects.count()) == (field, 0)


def test_other_words_and_numbers_are_refused(incident: Incident, ana: Actor, now: datetime) -> None:
    add_hypothesis(incident, by=ana, now=now, text="x")
    add_line(incident, by=ana, now=now, number=1, kind=LineKind.EVIDENCE, text="seen")
    said = texts(incident)
    with pytest.raises(InvalidInput, match="“maybe” is none of open, testing, ruled_out, confirmed"):
        change_hypothesis(incident, by=ana, now=now, number=1, status="maybe")
    with pytest.raises(InvalidInput, match="There is no hypothesis 2 here"):
        change_hypothesis(incident, by=ana, now=now, number=2, status="testing")
    with pytest.raises(InvalidInput, match="“guess” is none of evidence, step"):
        add_line(incident, by=ana, now=now, number=1, kind="guess", text="x")
    with pytest.raises(InvalidInput, match="Evidence is not ticked"):
        tick_line(incident, by=ana, now=now, number=1, line=1)
    with pytest.raises(InvalidInput, match="There is no step 9 here"):
        tick_line(incident, by=ana, now=now, number=1, line=9)

    assert texts(incident) == said


def test_a_viewer_puts_none_forward_and_a_closed_record_takes_none(
    incident: Incident, ana: Actor, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        add_hypothesis(incident, by=ActorFactory(user=UserFactory(viewer=True)), now=now, text="x")
    with pytest.raises(WrongState):
        add_hypothesis(IncidentFactory(number=77, closed=True), by=ana, now=now, text="x")

    assert Hypothesis.objects.count() == 0


@pytest.mark.parametrize(
    "act",
    [
        lambda incident, **by: add_hypothesis(incident, text="y", **by),
        lambda incident, **by: change_hypothesis(incident, number=1, status="testing", **by),
        lambda incident, **by: add_line(incident, number=1, kind="step", text="z", **by),
        lambda incident, **by: tick_line(incident, number=1, line=1, **by),
    ],
)
def test_what_breaks_half_way_leaves_nothing(
    incident: Incident, ana: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch, act: object
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IntegrityError("the disk is full")

    add_hypothesis(incident, by=ana, now=now, text="x")
    add_line(incident, by=ana, now=now, number=1, kind=LineKind.STEP, text="look")
    before = [list(Hypothesis.objects.values()), list(HypothesisLine.objects.values()), texts(incident)]
    monkeypatch.setattr(actions, "write_entry", fail)
    with pytest.raises(IntegrityError):
        act(incident, by=ana, now=now)  # type: ignore[operator]

    assert [list(Hypothesis.objects.values()), list(HypothesisLine.objects.values()), texts(incident)] == before
