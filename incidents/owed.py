"""What you owe: one list, worst first, from rows already fetched. Pure: no query, no clock of its own.

The same rows stand in the room and on the board, and hold the close gate.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from accounts.models import User
from incidents.enums import (
    CommanderRule,
    DecisionOutcome,
    FlagAsked,
    IncidentStatus,
    MitigationOutcome,
    PhaseAnchor,
    PromiseKind,
    RoleKind,
    WatchOrder,
)
from incidents.models import Incident, Promise, RoleAssignment
from incidents.states import AFTER_THE_FIRE

SOON = timedelta(minutes=5)
HOLDING_BACK = timedelta(minutes=10)  # until then, or the second responder, the commander holds the empty roles
BEFORE_SHIFT_END = timedelta(minutes=20)  # so early whoever commands is asked to hand over
LONG_COMMAND = timedelta(hours=4)  # after so long too


@dataclass(frozen=True)
class OwedRow:
    """One thing owed. `due_at` is None for what has no moment; `tone` is late, soon or empty.

    `verb` is the button's word and `url` where it leads (a path, or `#part` of the room); `posts` says whether the
    button acts at once (POST) or leads to a form. `more` are further answers beside it, word and path, which post too.
    """

    key: str
    what: str
    detail: str
    due_at: datetime | None
    left: timedelta | None
    tone: str
    owner: str
    verb: str
    url: str
    posts: bool = False
    person: User | None = None
    role: str = ""
    more: tuple[tuple[str, str], ...] = ()

    @property
    def is_watch(self) -> bool:
        """Whether it is the end of the watch, with which nobody can be late."""
        return self.key.startswith("promise:") and self.url == VERBS[PromiseKind.WATCH][1]

    @property
    def is_page(self) -> bool:
        """Whether it is a page, which whoever it rings may answer."""
        return self.key.startswith(page_key(""))

    def is_owed_by(self, user: User, roles: Collection[str]) -> bool:
        """Whether `user` owes it, who holds `roles` (slugs and kinds): by name, by role, else by commanding.

        A page is owed by whom it rings.
        """
        if self.is_page:
            return self.verb == MINE
        if self.person:
            return self.person == user
        return (self.role or RoleKind.COMMANDER) in roles


@dataclass(frozen=True)
class RingingPage:
    """A page that nobody has answered: what owed() must know of it."""

    ref: str
    group: str
    next_at: datetime | None
    next_name: str
    is_exhausted: bool
    answer_url: str = ""
    ring_next_url: str = ""


@dataclass(frozen=True)
class PhaseBox:
    """A phase whose time box ends at `ends_at`, with `left` of its `total` items to do; counted from `anchor`."""

    key: str
    name: str
    left: int
    total: int
    ends_at: datetime
    anchor: str


@dataclass(frozen=True)
class Question:
    """The question of the flag `slug` in `words`; `asked` says when, by the names of FlagAsked."""

    slug: str
    words: str
    asked: str

    @property
    def key(self) -> str:
        """What its row is called."""
        return f"question:{self.slug}"


@dataclass(frozen=True)
class IncidentFacts:
    """All that owed() looks at. `promises` are the open ones; `questions` those of flags that nobody has answered.

    `command` is who commands and since when, `silent_since` when they were asked for a sign of life, `is_offered`
    whether they wait for somebody to accept command; `empty_seats` names the roles of the level's team that nobody
    holds, `people` says how many respond.

    `checks` is how many items hold back resolving, and how many of them are still to do. `may_answer` says whether
    whoever looks may answer the questions where they stand.
    """

    incident: Incident
    promises: Sequence[Promise]
    pages: Sequence[RingingPage]
    commander: User | None
    action_urls: dict[str, str]
    command: RoleAssignment | None = None
    silent_since: datetime | None = None
    is_offered: bool = False
    empty_seats: Sequence[str] = ()
    people: int = 0
    boxes: Sequence[PhaseBox] = ()
    checks: tuple[int, int] = (0, 0)
    questions: Sequence[Question] = ()
    may_answer: bool = False


def owed(facts: IncidentFacts, now: datetime) -> list[OwedRow]:
    """Everything that is owed, worst first: late before soon before later, then by moment, then what has none."""
    rows = [
        *(_page_row(page, now) for page in facts.pages),
        *(_promise_row(facts, promise, now) for promise in facts.promises if _is_shown(facts, promise)),
        *(_box_row(box, now) for box in facts.boxes if _is_over(facts, box, now)),
        *(_question_row(facts, question, now) for question in _asked_now(facts)),
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
MINE = "I'm on it"
TONES = {"late": 0, "soon": 1, "": 2}


def tone_of(due_at: datetime | None, now: datetime) -> str:
    """late once its moment has come, soon in the five minutes before."""
    if due_at is None:
        return ""
    if due_at <= now:
        return "late"
    return "soon" if due_at - now <= SOON else ""


EMPTY = {"owner": "", "detail": "", "posts": False}


def _row(now: datetime, *, due_at: datetime | None = None, tone: str | None = None, **fields: Any) -> OwedRow:
    left = due_at - now if due_at else None
    shade = tone_of(due_at, now) if tone is None else tone
    return OwedRow(due_at=due_at, left=left, tone=shade, **{**EMPTY, **fields})


def page_key(ref: str) -> str:
    """What a page's row is called, and the promise that somebody answers it."""
    return f"page:{ref}"


def _page_row(page: RingingPage, now: datetime) -> OwedRow:
    if page.is_exhausted:
        return _row(
            now,
            key=page_key(page.ref),
            what=f"Nobody has answered {page.group}",
            detail="every step was rung",
            due_at=page.next_at if page.next_at and page.next_at <= now else None,
            tone="late",
            verb=MINE if page.answer_url else "Page someone",
            url=page.answer_url or "#page",
            posts=bool(page.answer_url),
        )
    mine = bool(page.answer_url)
    verb, url = (MINE, page.answer_url) if mine else (f"Ring {page.next_name} now", page.ring_next_url)
    return _row(
        now,
        key=page_key(page.ref),
        what=f"Acknowledge: {page.group}",
        detail=f"then {page.next_name} is rung" if page.next_name else "",
        due_at=page.next_at,
        verb=verb if mine or page.next_name else "",
        url=url if mine or page.next_name else "",
        posts=True,
    )


def _is_shown(facts: IncidentFacts, promise: Promise) -> bool:
    """A promise that was done and only waits for its hand-over shows when it is late; a page has a row of its own."""
    if promise.kind == PromiseKind.ANSWER and any(promise.subject_key == page_key(page.ref) for page in facts.pages):
        return False
    return promise.done_at is None or promise.broken_at is not None


def _promise_row(facts: IncidentFacts, promise: Promise, now: datetime) -> OwedRow:
    verb, url = VERBS[PromiseKind(promise.kind)]
    answers = _answers(facts.incident, promise)
    waits = promise.done_at is not None
    return _row(
        now,
        key=f"promise:{promise.pk}",
        what=promise.subject,
        detail="written, but not every channel has taken it" if waits else "",
        due_at=promise.due_at,
        tone="" if promise.kind == PromiseKind.WATCH else None,
        owner=f"@{promise.owner.handle}" if promise.owner else promise.owed_by,
        person=promise.owner,
        role=promise.owed_by,
        verb=answers[0][0] if answers else verb,
        url=answers[0][1] if answers else promise.link or facts.action_urls.get(url, url),
        posts=bool(answers),
        more=tuple(answers[1:]),
    )


def _answers(incident: Incident, promise: Promise) -> list[tuple[str, str]]:
    """The answers that one press gives to a promise about something numbered: “It worked”, “It did not”."""
    if promise.kind not in ANSWERS:
        return []
    door, words = ANSWERS[PromiseKind(promise.kind)]
    args = [incident.reference, int(promise.subject_key.rpartition(":")[2])]
    if not words:
        return [(VERBS[PromiseKind(promise.kind)][0], reverse(door, args=args))]
    return [(str(label), reverse(door, args=[*args, word])) for word, label in words]


# {kind: the door behind it, and the answers that it takes}. The number is in the promise's key.
ANSWERS: dict[PromiseKind, tuple[str, list[tuple[str, Any]]]] = {
    PromiseKind.TASK: ("incidents:task-finish", []),
    PromiseKind.DECISION: ("incidents:decision-answer", DecisionOutcome.choices),
    PromiseKind.MITIGATION: ("incidents:mitigation-answer", MitigationOutcome.choices),
}


def _is_over(facts: IncidentFacts, box: PhaseBox, now: datetime) -> bool:
    """Whether the box is over with something left. Once it is resolved only those counted from then are asked for."""
    asked = facts.incident.is_open or (
        facts.incident.status == IncidentStatus.RESOLVED and box.anchor == PhaseAnchor.RESOLVED
    )
    return asked and box.left > 0 and box.ends_at <= now


def _box_row(box: PhaseBox, now: datetime) -> OwedRow:
    """One row for a phase, never one for an item; a word that is owed to others goes before it."""
    return _row(
        now,
        key=f"phase:{box.key}",
        what=f"{box.name}: {box.left} of {box.total} open",
        detail="its box is over",
        due_at=box.ends_at,
        tone="soon",
        verb="Tick",
        url="#checklist",
    )


# A kind that is not registered here fails the house.
VERBS: dict[PromiseKind, tuple[str, str]] = {
    PromiseKind.RESPOND: ("Begin", "#composer"),
    PromiseKind.ANSWER: ("Page someone", "#page"),
    PromiseKind.FIRST_UPDATE: ("Write", "#update"),
    PromiseKind.STATUS_UPDATE: ("Write", "#update"),
    PromiseKind.PUBLIC_UPDATE: ("Tell the public", "#public"),
    PromiseKind.EXECUTIVE_BRIEF: ("Write", "#update"),
    PromiseKind.MEETING: ("Schedule", ""),
    PromiseKind.WATCH: ("It is back", "#watch"),
    PromiseKind.CRITICAL: ("Decide", "#decide"),
    PromiseKind.TASK: ("Done", ""),
    PromiseKind.DECISION: ("It worked", ""),
    PromiseKind.MITIGATION: ("It worked", ""),
    PromiseKind.HANDOVER: ("Answer", ""),
    PromiseKind.CUSTOMER_EMAIL: ("Open", ""),
    PromiseKind.POSTMORTEM: ("Open", "postmortem"),
    PromiseKind.ACTION_ITEM: ("Open", "postmortem"),
}


def _commander_missing(facts: IncidentFacts, now: datetime) -> OwedRow | None:
    """Nobody commands, at a level that has a commander, and it is still going on."""
    incident = facts.incident
    if facts.commander or not incident.is_open or incident.level.commander_rule == CommanderRule.NOBODY:
        return None
    waits = any(not page.is_exhausted for page in facts.pages)
    return _row(
        now,
        key="commander",
        what="Nobody commands yet",
        detail=incident.commander_trouble or ("whoever answers first will" if waits else ""),
        tone="" if waits and not incident.commander_trouble else "late",
        verb="Take command",
        url=facts.action_urls.get("take_command", "#roles"),
        posts="take_command" in facts.action_urls,
    )


def _watch_over(facts: IncidentFacts, now: datetime) -> OwedRow | None:
    """The watch is over, also by a level whose raise has yet to take effect: what follows is a press."""
    incident = facts.incident
    if any(promise.kind == PromiseKind.WATCH for promise in facts.promises):
        return None
    if incident.status == IncidentStatus.RESOLVED:
        return _row(now, key="close", what="It stayed quiet: close it", verb="Close", url="#close", tone="soon")
    before = incident.level.watch_order == WatchOrder.BEFORE_RESOLVED
    quiet_at = incident.mitigated_at and incident.mitigated_at + (incident.level.watch_length or timedelta(0))
    if before and incident.status == IncidentStatus.MONITORING and quiet_at and quiet_at <= now:
        return _row(now, key="resolve", what="It stayed quiet: resolve", verb="Resolve", url="#resolve", tone="soon")
    return None


def _command_to_hand_over(facts: IncidentFacts, now: datetime) -> OwedRow | None:
    """Whoever commands is silent, goes home soon, or has commanded for long; and has offered it to nobody."""
    command = facts.command
    if command is None or facts.is_offered or not facts.incident.is_open:
        return None
    who, ends_at = f"@{command.user.handle}", command.shift_ends_at
    ask: dict[str, Any] = {
        "key": "hand-over",
        "verb": "Hand over",
        "url": facts.action_urls.get("hand_over", "#takeover"),
    }
    if facts.silent_since:
        return _row(now, what=f"{who} commands and is silent", tone="late", **ask)
    if ends_at and ends_at - BEFORE_SHIFT_END <= now:
        return _row(now, what=f"Hand over command: the shift of {who} ends", due_at=ends_at, **ask)
    if now - command.began_at >= LONG_COMMAND:
        return _row(now, what=f"Hand over command: {who} has commanded for 4 h", tone="soon", **ask)
    return None


def _seats_empty(facts: IncidentFacts, now: datetime) -> OwedRow | None:
    """Roles that the level wants and nobody holds; until minute ten or the second responder, the commander does."""
    incident = facts.incident
    if not facts.empty_seats or not incident.is_open:
        return None
    if now - incident.declared_at < HOLDING_BACK and facts.people < 2:
        return None
    *others, last = facts.empty_seats
    names = f"{', '.join(others)} and {last}" if others else last
    what = f"{names[:1].upper()}{names[1:].lower()} {'are' if others else 'is'} empty"
    return _row(now, key="seats", what=what, verb="Assign", url="#roles")


def _checks_pending(facts: IncidentFacts, now: datetime) -> OwedRow | None:
    """The bleeding has stopped, and what must be seen before “resolved” was not."""
    total, left = facts.checks
    incident = facts.incident
    calm = incident.mitigated_at is not None or incident.status == IncidentStatus.MONITORING
    if not left or not calm or not incident.is_open:
        return None
    what = f"{left} of {total} checks pending before it is resolved"
    return _row(now, key="checks", what=what, verb="Tick", url="#checklist")


def _asked_now(facts: IncidentFacts) -> list[Question]:
    """While it goes on, those for the first minutes, one after the other; once it is resolved, all the others."""
    if facts.incident.is_open:
        return [row for row in facts.questions if row.asked == FlagAsked.TRIAGE][:1]
    is_resolved = facts.incident.status == IncidentStatus.RESOLVED
    return [row for row in facts.questions if row.asked == FlagAsked.AFTER and is_resolved]


def _question_row(facts: IncidentFacts, question: Question, now: datetime) -> OwedRow:
    """A flag's question, like “Is data at risk?”: yes raises the flag, no is on record."""
    args = [facts.incident.reference, question.slug]
    yes, no = (reverse(f"incidents:flag-{verb}", args=args) for verb in ("raise", "lower"))
    verbs = {"verb": "Yes", "url": yes, "posts": True, "more": (("No", no),)}
    is_after = question.asked == FlagAsked.AFTER
    return _row(
        now,
        key=question.key,
        what=question.words,
        detail="asked before it is closed" if is_after else "asked at triage",
        tone="soon",
        owner=RoleKind.COMMANDER.value if is_after else "",
        **(verbs if facts.may_answer else {"verb": "", "url": ""}),
    )


STATES: tuple[Callable[[IncidentFacts, datetime], OwedRow | None], ...] = (
    _commander_missing,
    _command_to_hand_over,
    _seats_empty,
    _watch_over,
    _checks_pending,
)
