"""What does not fit is said, and what fits is not: each rule once where it holds and once where it must not."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from incidents.contradictions import Facts, contradictions
from incidents.enums import CommanderRule, PromiseKind, WatchOrder
from incidents.models import Incident, Level, Promise, StatusUpdate
from tests.factories import NOW

LATER = NOW + timedelta(minutes=30)


def facts(level: dict[str, Any] | None = None, incident: dict[str, Any] | None = None, **fields: Any) -> Facts:
    """A SEV1 of half an hour ago in which everything fits."""
    made = Level(name="SEV1", rank=1, is_public=True, watch_order=WatchOrder.BEFORE_RESOLVED, **(level or {}))
    state = {"public_state": "investigating", "public_told_at": NOW, "status": "identified", **(incident or {})}
    whole = {
        "incident": Incident(reference="INC-1", level=made, declared_at=NOW, **state),
        "promises": [],
        "last_update": None,
        "has_commander": True,
        "has_impact": True,
        "unanswered": 0,
        "place": 0,
        "cadence": timedelta(minutes=15),
        "zone": ZoneInfo("Europe/Berlin"),
    }
    return Facts(**{**whole, **fields})


def owed(kind: PromiseKind, minutes: int, **fields: Any) -> Promise:
    return Promise(kind=kind, due_at=LATER + timedelta(minutes=minutes), **fields)


def update(next_in: int) -> StatusUpdate:
    return StatusUpdate(posted_at=LATER - timedelta(minutes=5), next_by=LATER + timedelta(minutes=next_in))


def shown(asked: Facts, minutes: float = 30) -> list[str]:
    return [hint.says for hint in contradictions(asked, NOW + timedelta(minutes=minutes))]


NOT_TOLD: dict[str, Any] = {"public_state": "", "public_told_at": None}
FITS_NOT: list[tuple[str, Facts]] = [
    (
        "SEV1 for 30 minutes, and the public was told nothing.",
        facts(incident=NOT_TOLD),
    ),
    (
        "The public reads “resolved”, and it is not: SEV1 is watched until 15:03 CEST.",
        facts(incident={"public_state": "resolved"}, promises=[owed(PromiseKind.WATCH, 10)]),
    ),
    (
        "It is resolved, and the public still reads “identified”.",
        facts(incident={"status": "resolved", "public_state": "identified"}),
    ),
    ("The commander's shift ends at 15:13 CEST.", facts(shift_ends_at=LATER + timedelta(minutes=20))),
    ("SEV1, and nobody has said what it does to whom.", facts(has_impact=False, place=1)),
    ("SEV1 has a commander, and nobody commands.", facts(has_commander=False)),
    ("It is being monitored, and nothing says what stopped it.", facts(incident={"status": "monitoring"})),
    (
        "People were promised words by 15:13 CEST; SEV1 owes them by 14:58 CEST.",
        facts(last_update=update(20), promises=[owed(PromiseKind.STATUS_UPDATE, 5)]),
    ),
    ("A page has reached its end and nobody has answered.", facts(unanswered=1)),
    ("2 pages have reached their end and nobody has answered.", facts(unanswered=2)),
    ("This is a drill, and the public was told of it.", facts(incident={"is_drill": True})),
    ("This is private, and the public was told of it.", facts(incident={"audience_id": 7})),
]
FITS: list[Facts] = [
    facts(),
    facts(level={"commander_rule": CommanderRule.NOBODY}, has_commander=False),
    facts(incident={**NOT_TOLD, "audience_id": 7}),
    facts(incident={**NOT_TOLD, "is_drill": True}),
    facts(incident={"status": "resolved", "public_state": "resolved"}),
    facts(incident={**NOT_TOLD, "status": "resolved"}, has_commander=False, has_impact=False),
    facts(shift_ends_at=LATER + timedelta(minutes=21)),
    facts(shift_ends_at=LATER),
    facts(
        shift_ends_at=LATER + timedelta(minutes=10),
        has_commander=False,
        level={"commander_rule": CommanderRule.NOBODY},
    ),
    facts(has_impact=False, place=2),
    facts(incident={"status": "monitoring", "mitigated_at": NOW}),
    facts(incident={"status": "monitoring"}, mitigations=1),
    facts(last_update=update(10), promises=[owed(PromiseKind.STATUS_UPDATE, 10)]),
    facts(last_update=update(9), promises=[owed(PromiseKind.STATUS_UPDATE, 5)]),
    facts(last_update=update(20), promises=[owed(PromiseKind.STATUS_UPDATE, 5)], cadence=None),
    facts(last_update=update(20)),
    facts(incident={"status": "closed", "is_drill": True}, has_commander=False, unanswered=1),
    facts(incident={"status": "resolved", "public_state": "resolved"}, unanswered=1),
]


@pytest.mark.parametrize(("says", "asked"), FITS_NOT, ids=[says[:40] for says, _ in FITS_NOT])
def test_what_does_not_fit_is_said_alone(says, asked):
    assert shown(asked) == [says]


@pytest.mark.parametrize("asked", FITS)
def test_what_fits_is_not(asked):
    assert shown(asked) == []


@pytest.mark.parametrize(
    ("minutes", "count"), [(11.9, 0), (12, 1)], ids=["before twelve minutes", "from twelve minutes on"]
)
def test_the_public_has_twelve_minutes(minutes, count):
    assert len(shown(facts(incident=NOT_TOLD), minutes)) == count


@pytest.mark.parametrize(("minutes", "count"), [(9.9, 0), (10, 1)])
def test_a_level_is_without_a_commander_from_the_tenth_minute_on(minutes, count):
    assert len(shown(facts(has_commander=False), minutes)) == count


@pytest.mark.parametrize(("minutes", "count"), [(14.9, 0), (15, 1)])
def test_the_impact_has_fifteen_minutes(minutes, count):
    assert len(shown(facts(has_impact=False), minutes)) == count


def test_the_first_five_minutes_hear_only_of_leaks_and_unanswered_pages():
    whole = facts(incident={"is_drill": True, "status": "monitoring"}, unanswered=1)

    assert shown(whole, 4.9) == [
        "This is a drill, and the public was told of it.",
        "A page has reached its end and nobody has answered.",
    ]
    assert len(shown(whole, 5)) == 3


def test_a_hint_that_was_sent_away_does_not_come_back_and_the_next_one_does():
    whole = facts(has_commander=False, has_impact=False)
    found = [hint.key for hint in contradictions(whole, LATER)]

    assert found == ["nobody_commands", "impact_unknown"]
    assert [hint.key for hint in contradictions(whole, LATER, {"nobody_commands"})] == ["impact_unknown"]
