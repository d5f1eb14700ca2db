"""What you owe: one list, worst first, from rows already fetched. Pure: no query, no clock of its own.

The same rows stand in the room and on the board, and hold the close gate. Each noun that can be owed has a module.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from incidents.enums import FlagAsked, PromiseKind
from incidents.owed.checklist import box_row, checks_pending, is_over
from incidents.owed.facts import IncidentFacts, PhaseBox, Question, RingingPage, page_key
from incidents.owed.page import page_row
from incidents.owed.promise import VERBS, is_shown, promise_row
from incidents.owed.question import asked_now, question_row
from incidents.owed.role import (
    BEFORE_SHIFT_END,
    HOLDING_BACK,
    LONG_COMMAND,
    command_to_hand_over,
    commander_missing,
    seats_empty,
)
from incidents.owed.row import TONES, OwedRow
from incidents.owed.watch import watch_over
from incidents.states import AFTER_THE_FIRE

__all__ = [
    "BEFORE_SHIFT_END",
    "HOLDING_BACK",
    "LONG_COMMAND",
    "NEVER_HOLDS",
    "TONES",
    "VERBS",
    "IncidentFacts",
    "OwedRow",
    "PhaseBox",
    "Question",
    "RingingPage",
    "holds_close",
    "owed",
    "page_key",
]


def owed(facts: IncidentFacts, now: datetime) -> list[OwedRow]:
    """Everything that is owed, worst first: late before soon before later, then by moment, then what has none."""
    rows = [
        *(page_row(page, now) for page in facts.pages),
        *(promise_row(facts, promise, now) for promise in facts.promises if is_shown(facts, promise)),
        *(box_row(box, now) for box in facts.boxes if is_over(facts, box, now)),
        *(question_row(facts, question, now) for question in asked_now(facts)),
        *(row for state in STATES if (row := state(facts, now))),
    ]
    return sorted(rows, key=lambda row: (TONES[row.tone], row.due_at is None, row.due_at or now, row.key))


def holds_close(facts: IncidentFacts, now: datetime) -> list[OwedRow]:
    """Those of owed() that hold the closing of an incident: open pages, undone promises of the response, questions.

    What is owed after the fire never does; the watch has a rule of its own, and an offer of a role ends with it.
    """
    promises = [row for row in facts.promises if row.kind not in NEVER_HOLDS and row.done_at is None]
    questions = [row for row in facts.questions if row.asked == FlagAsked.AFTER]
    held = replace(facts, promises=promises, questions=questions)
    urgent = {f"promise:{row.pk}" for row in promises} | {page_key(page.ref) for page in facts.pages}
    urgent |= {question.key for question in questions}
    return [row for row in owed(held, now) if row.key in urgent]


NEVER_HOLDS = frozenset({*AFTER_THE_FIRE, PromiseKind.WATCH, PromiseKind.HANDOVER})

STATES: tuple[Callable[[IncidentFacts, datetime], OwedRow | None], ...] = (
    commander_missing,
    command_to_hand_over,
    seats_empty,
    watch_over,
    checks_pending,
)
