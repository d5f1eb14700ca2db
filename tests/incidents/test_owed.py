"""What is owed: pure, worst first, each with its verb."""

from datetime import datetime, timedelta

import pytest

from accounts.models import User
from incidents.enums import CommanderRule, IncidentStatus, PromiseKind, WatchOrder
from incidents.models import Incident, Level, Promise
from incidents.owed import VERBS, IncidentFacts, OwedRow, RingingPage, owed

ANA = User(handle="ana")


def facts(
    *,
    status: str = IncidentStatus.INVESTIGATING,
    rule: str = CommanderRule.FIRST_ANSWER,
    watch: str = WatchOrder.AFTER_RESOLVED,
    mitigated_at: datetime | None = None,
    promises: list[Promise] | None = None,
    pages: list[RingingPage] | None = None,
    commander: User | None = ANA,
) -> IncidentFacts:
    """Rows in memory: owed() makes no query."""
    level = Level(name="SEV2", rank=2, commander_rule=rule, watch_order=watch)
    incident = Incident(reference="INC-20260418-0042", level=level, status=status, mitigated_at=mitigated_at)
    return IncidentFacts(
        incident=incident, promises=promises or [], pages=pages or [], commander=commander, action_urls={}
    )


def promise(kind: PromiseKind, due_at: datetime, **fields: object) -> Promise:
    """An open promise in memory."""
    return Promise(pk=1, kind=kind, subject=PromiseKind(kind).label, due_at=due_at, owed_by="commander", **fields)


def page(now: datetime, **fields: object) -> RingingPage:
    """A page that rings, Tomas next in four minutes."""
    plain = {"ref": "abc", "group": "primary", "next_at": now + timedelta(minutes=4), "next_name": "@tomas"}
    return RingingPage(**{"is_exhausted": False, **plain, **fields})


def short(rows: list[OwedRow]) -> list[tuple[str, str, str]]:
    """What, tone, verb."""
    return [(row.what, row.tone, row.verb) for row in rows]


def test_late_comes_before_soon_before_later(now: datetime) -> None:
    rows = owed(
        facts(
            promises=[
                promise(PromiseKind.POSTMORTEM, now + timedelta(hours=48)),
                promise(PromiseKind.STATUS_UPDATE, now - timedelta(minutes=2)),
                promise(PromiseKind.RESPOND, now + timedelta(minutes=5)),
            ]
        ),
        now,
    )

    assert short(rows) == [
        ("Status update", "late", "Write"),
        ("Respond", "soon", "Begin"),
        ("Postmortem", "", "Open"),
    ]
    assert [row.left for row in rows] == [timedelta(minutes=-2), timedelta(minutes=5), timedelta(hours=48)]


def test_nothing_owed_is_an_empty_list(now: datetime) -> None:
    assert owed(facts(), now) == []


def test_a_page_that_rings_me_offers_my_answer_and_another_the_next_ring(now: datetime) -> None:
    mine = owed(facts(pages=[page(now, answer_url="/pages/abc/acknowledge/")]), now)[0]
    theirs = owed(facts(pages=[page(now, ring_next_url="/pages/abc/ring-next/")]), now)[0]

    assert (mine.what, mine.detail, mine.verb, mine.posts) == (
        "Acknowledge: primary",
        "then @tomas is rung",
        "I'm on it",
        True,
    )
    assert (theirs.verb, theirs.url) == ("Ring @tomas now", "/pages/abc/ring-next/")


def test_a_page_that_nobody_answered_is_the_worst(now: datetime) -> None:
    rows = owed(
        facts(
            promises=[promise(PromiseKind.STATUS_UPDATE, now + timedelta(minutes=1))],
            pages=[page(now, is_exhausted=True, next_at=None)],
        ),
        now,
    )

    assert short(rows)[0] == ("Nobody has answered primary", "late", "Page someone")


@pytest.mark.parametrize(
    ("fields", "row"),
    [
        ({"commander": None}, [("Nobody commands yet", "late", "Take command")]),
        ({"commander": None, "rule": CommanderRule.NOBODY}, []),
        ({"commander": None, "status": IncidentStatus.CLOSED}, []),
        ({"status": IncidentStatus.RESOLVED}, [("It stayed quiet: close it", "soon", "Close")]),
    ],
)
def test_a_state_that_owes_something_has_a_row(
    now: datetime, fields: dict[str, object], row: list[tuple[str, str, str]]
) -> None:
    assert short(owed(facts(**fields), now)) == row


def test_while_somebody_is_rung_a_missing_commander_is_no_fault(now: datetime) -> None:
    rows = owed(facts(commander=None, pages=[page(now)]), now)

    assert [(row.what, row.tone) for row in rows] == [
        ("Acknowledge: primary", "soon"),
        ("Nobody commands yet", ""),
    ]


def test_a_watch_that_runs_is_no_fault_and_its_end_is_a_press(now: datetime) -> None:
    watch = promise(PromiseKind.WATCH, now + timedelta(minutes=1))
    running = owed(facts(status=IncidentStatus.RESOLVED, promises=[watch]), now)
    before = facts(status=IncidentStatus.MONITORING, watch=WatchOrder.BEFORE_RESOLVED, mitigated_at=now)

    assert short(running) == [("Watch", "", "It is back")]
    assert short(owed(before, now)) == [("It stayed quiet: resolve", "soon", "Resolve")]


def test_words_that_wait_for_a_channel_show_only_when_they_are_late(now: datetime) -> None:
    waiting = promise(PromiseKind.STATUS_UPDATE, now + timedelta(minutes=1), done_at=now)
    late = promise(PromiseKind.STATUS_UPDATE, now, done_at=now, broken_at=now)

    assert owed(facts(promises=[waiting]), now) == []
    assert [row.detail for row in owed(facts(promises=[late]), now)] == ["written, but not every channel has taken it"]


def test_every_kind_of_promise_has_its_verb() -> None:
    assert set(VERBS) == set(PromiseKind)
