"""What is owed: pure, worst first, each with its verb."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import User
from incidents.enums import CommanderRule, FlagAsked, IncidentStatus, PhaseAnchor, PromiseKind, WatchOrder
from incidents.models import Incident, Level, Promise, RoleAssignment
from incidents.owed import (
    NEVER_HOLDS,
    VERBS,
    IncidentFacts,
    OwedRow,
    PhaseBox,
    Question,
    RingingPage,
    holds_close,
    owed,
)

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
    declared_at: datetime | None = None,
    trouble: str = "",
    **more: Any,
) -> IncidentFacts:
    """Rows in memory: owed() makes no query."""
    level = Level(name="SEV2", rank=2, commander_rule=rule, watch_order=watch)
    incident = Incident(reference="INC-20260418-0042", level=level, status=status, mitigated_at=mitigated_at)
    incident.declared_at, incident.commander_trouble = declared_at, trouble  # type: ignore[assignment]
    return IncidentFacts(
        incident=incident, promises=promises or [], pages=pages or [], commander=commander, action_urls={}, **more
    )


def promise(kind: PromiseKind, due_at: datetime, **fields: object) -> Promise:
    """An open promise in memory."""
    words = {"subject": PromiseKind(kind).label, "subject_key": f"{kind}:1", "owed_by": "commander"}
    return Promise(pk=1, kind=kind, due_at=due_at, **{**words, **fields})


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
        ({"status": IncidentStatus.RESOLVED}, [("There is no watch: close it", "soon", "Close")]),
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
    assert short(owed(before, now)) == [("There is no watch: resolve", "soon", "Resolve")]
    before.incident.level.watch_for = "30 min"
    assert short(owed(before, now + timedelta(minutes=29))) == []
    assert short(owed(before, now + timedelta(minutes=30))) == [("It stayed quiet: resolve", "soon", "Resolve")]
    running_out = facts(status=IncidentStatus.RESOLVED)
    running_out.incident.level.watch_for = "30 min"
    assert short(owed(running_out, now)) == [("It stayed quiet: close it", "soon", "Close")]


def test_words_that_wait_for_a_channel_show_only_when_they_are_late(now: datetime) -> None:
    waiting = promise(PromiseKind.STATUS_UPDATE, now + timedelta(minutes=1), done_at=now)
    late = promise(PromiseKind.STATUS_UPDATE, now, done_at=now, broken_at=now)

    assert owed(facts(promises=[waiting]), now) == []
    assert [row.detail for row in owed(facts(promises=[late]), now)] == ["written, but not every channel has taken it"]


def test_every_kind_of_promise_has_its_verb() -> None:
    assert set(VERBS) == set(PromiseKind)
    assert [kind for kind, (verb, _) in VERBS.items() if not verb] == []


@pytest.mark.parametrize("kind", VERBS)
def test_every_kind_of_promise_is_owed_until_it_is_done(now: datetime, kind: PromiseKind) -> None:
    made = promise(kind, now + timedelta(hours=1))
    assert [(row.what, row.verb) for row in owed(facts(promises=[made]), now)] == [(kind.label, VERBS[kind][0])]

    made.done_at = now
    assert owed(facts(promises=[made]), now) == []


@pytest.mark.parametrize("kind", VERBS)
def test_what_is_owed_after_the_fire_never_holds_the_closing(now: datetime, kind: PromiseKind) -> None:
    rows = holds_close(facts(status=IncidentStatus.RESOLVED, promises=[promise(kind, now)]), now)

    assert [row.what for row in rows] == ([] if kind in NEVER_HOLDS else [kind.label])


def test_an_open_page_holds_the_closing_and_an_empty_seat_does_not(now: datetime) -> None:
    rows = holds_close(facts(pages=[page(now)], empty_seats=["Scribe"], commander=None, declared_at=now), now)

    assert [row.what for row in rows] == ["Acknowledge: primary"]


@pytest.mark.parametrize(
    ("minutes", "people", "shown"),
    [(9, 1, []), (10, 1, ["Scribe and comms are empty"]), (1, 2, ["Scribe and comms are empty"])],
)
def test_empty_seats_are_one_row_after_minute_ten_or_the_second_responder(
    now: datetime, minutes: int, people: int, shown: list[str]
) -> None:
    rows = owed(
        facts(declared_at=now, empty_seats=["Scribe", "Comms"], people=people), now + timedelta(minutes=minutes)
    )

    assert [row.what for row in rows] == shown
    assert [row.verb for row in rows] == ["Assign"] * len(shown)


def test_why_a_rule_found_nobody_is_red_even_while_somebody_is_rung(now: datetime) -> None:
    rows = owed(facts(commander=None, pages=[page(now)], trouble="nobody is on call in Leads"), now)

    assert (rows[0].what, rows[0].detail, rows[0].tone) == (
        "Nobody commands yet",
        "nobody is on call in Leads",
        "late",
    )


def test_a_commander_who_is_silent_or_has_offered_it(now: datetime) -> None:
    command = RoleAssignment(user=ANA, began_at=now - timedelta(hours=5))

    silent = owed(facts(command=command, silent_since=now), now)
    offered = owed(facts(command=command, is_offered=True), now)

    assert (short(silent), offered) == ([("@ana commands and is silent", "late", "Hand over")], [])


def test_a_phase_whose_box_is_over_is_one_row_after_what_is_owed_to_others(now: datetime) -> None:
    boxes = [
        PhaseBox("triage", "Triage", 2, 4, now - timedelta(minutes=3), PhaseAnchor.DECLARED),
        PhaseBox("respond", "Respond", 1, 6, now - timedelta(minutes=1), PhaseAnchor.DECLARED),
        PhaseBox("done", "Done", 0, 6, now - timedelta(minutes=1), PhaseAnchor.DECLARED),
        PhaseBox("later", "Later", 6, 6, now + timedelta(minutes=1), PhaseAnchor.DECLARED),
    ]
    late = promise(PromiseKind.STATUS_UPDATE, now - timedelta(seconds=1))

    rows = owed(facts(promises=[late], boxes=boxes), now)

    assert short(rows) == [
        ("Status update", "late", "Write"),
        ("Triage: 2 of 4 open", "soon", "Tick"),
        ("Respond: 1 of 6 open", "soon", "Tick"),
    ]
    assert (rows[1].left, rows[1].url) == (timedelta(minutes=-3), "#checklist")


def test_once_it_is_resolved_only_what_counts_from_then_is_asked_for(now: datetime) -> None:
    boxes = [
        PhaseBox("triage", "Triage", 2, 4, now, PhaseAnchor.DECLARED),
        PhaseBox("review", "Review", 1, 1, now, PhaseAnchor.RESOLVED),
    ]
    keys = [
        [row.key for row in owed(facts(status=status, boxes=boxes), now) if row.key.startswith("phase:")]
        for status in (IncidentStatus.MONITORING, IncidentStatus.RESOLVED, IncidentStatus.CLOSED)
    ]

    assert keys == [["phase:review", "phase:triage"], ["phase:review"], []]


def test_checks_are_pending_from_when_the_bleeding_stopped_until_it_is_resolved(now: datetime) -> None:
    pending = {"checks": (3, 2)}
    whats = [
        [row.what for row in owed(facts(**fields), now) if row.key == "checks"]
        for fields in (
            pending,
            {**pending, "mitigated_at": now},
            {**pending, "status": IncidentStatus.MONITORING},
            {**pending, "status": IncidentStatus.RESOLVED, "mitigated_at": now},
            {"checks": (3, 0), "mitigated_at": now},
        )
    ]

    sentence = "2 of 3 checks pending before it is resolved"
    assert whats == [[], [sentence], [sentence], [], []]


QUESTIONS = [
    Question("breach", "Is data at risk?", FlagAsked.TRIAGE),
    Question("new", "Was it new?", FlagAsked.AFTER),
    Question("api", "Is an API concerned?", FlagAsked.TRIAGE),
    Question("undone", "Is nothing ever done?", FlagAsked.AFTER),
]


@pytest.mark.parametrize(
    ("status", "asked", "holding"),
    [
        (IncidentStatus.INVESTIGATING, ["Is data at risk?"], []),
        (IncidentStatus.MONITORING, ["Is data at risk?"], []),
        (IncidentStatus.RESOLVED, ["Was it new?", "Is nothing ever done?"], ["Was it new?", "Is nothing ever done?"]),
        (IncidentStatus.CLOSED, [], []),
    ],
)
def test_each_question_is_asked_in_its_time_and_those_for_afterwards_hold_the_closing(
    now: datetime, status: str, asked: list[str], holding: list[str]
) -> None:
    told = facts(status=status, questions=QUESTIONS)

    assert [row.what for row in owed(told, now) if row.key.startswith("question:")] == asked
    assert [row.what for row in holds_close(told, now)] == holding


def test_a_question_for_afterwards_is_owed_by_whoever_commands_and_answered_by_one_press(now: datetime) -> None:
    row = owed(facts(status=IncidentStatus.RESOLVED, questions=QUESTIONS[1:2], may_answer=True), now)[-1]
    read = owed(facts(status=IncidentStatus.RESOLVED, questions=QUESTIONS[1:2]), now)[-1]

    door = "/incidents/INC-20260418-0042/flags/new/"
    assert (row.verb, row.url, row.more, row.posts) == ("Yes", f"{door}raise", (("No", f"{door}lower"),), True)
    assert (read.what, read.verb, read.url) == ("Was it new?", "", "")
    assert [row.is_owed_by(ANA, roles) for roles in ({"commander"}, {"comms"})] == [True, False]
