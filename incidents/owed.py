"""What you owe: one list, worst first, from rows already fetched. Pure: no query, no clock of its own.

The same rows stand in the room and on the board, and hold the close gate.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from incidents.enums import CommanderRule, IncidentStatus, PromiseKind, WatchOrder
from incidents.models import Incident, Promise

SOON = timedelta(minutes=5)


@dataclass(frozen=True)
class OwedRow:
    """One thing owed. `due_at` is None for what has no moment; `tone` is late, soon or empty.

    `verb` is the button's word and `url` where it leads (a path, or `#part` of the room); `posts` says whether the
    button acts at once (POST) or leads to a form.
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
class IncidentFacts:
    """All that owed() looks at. `promises` are the open ones; `answers` says whether the viewer may answer a page."""

    incident: Incident
    promises: Sequence[Promise]
    pages: Sequence[RingingPage]
    commander: User | None
    action_urls: dict[str, str]


def owed(facts: IncidentFacts, now: datetime) -> list[OwedRow]:
    """Everything that is owed, worst first: late before soon before later, then by moment, then what has none."""
    rows = [
        *(_page_row(page, now) for page in facts.pages),
        *(_promise_row(facts, promise, now) for promise in facts.promises if _is_shown(facts, promise)),
        *(row for state in STATES if (row := state(facts, now))),
    ]
    return sorted(rows, key=lambda row: (_TONES[row.tone], row.due_at is None, row.due_at or now, row.key))


_TONES = {"late": 0, "soon": 1, "": 2}


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
            verb="I'm on it" if page.answer_url else "Page someone",
            url=page.answer_url or "#page",
            posts=bool(page.answer_url),
        )
    mine = bool(page.answer_url)
    verb, url = ("I'm on it", page.answer_url) if mine else (f"Ring {page.next_name} now", page.ring_next_url)
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
    waits = promise.done_at is not None
    return _row(
        now,
        key=f"promise:{promise.pk}",
        what=promise.subject,
        detail="written, but not every channel has taken it" if waits else "",
        due_at=promise.due_at,
        tone="" if promise.kind == PromiseKind.WATCH else None,
        owner=f"@{promise.owner.handle}" if promise.owner else promise.owed_by,
        verb=verb,
        url=promise.link or facts.action_urls.get(url, url),
    )


# A kind that is not registered here fails the house.
VERBS: dict[PromiseKind, tuple[str, str]] = {
    PromiseKind.RESPOND: ("Begin", "#composer"),
    PromiseKind.ANSWER: ("Page someone", "#page"),
    PromiseKind.FIRST_UPDATE: ("Write", "#update"),
    PromiseKind.STATUS_UPDATE: ("Write", "#update"),
    PromiseKind.WATCH: ("It is back", "#watch"),
    PromiseKind.CRITICAL: ("Decide", "#decide"),
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
        detail="whoever answers first will" if waits else "",
        tone="" if waits else "late",
        verb="Take command",
        url=facts.action_urls.get("take_command", "#roles"),
        posts="take_command" in facts.action_urls,
    )


def _watch_over(facts: IncidentFacts, now: datetime) -> OwedRow | None:
    """The watch is over: what follows is a press."""
    incident = facts.incident
    if any(promise.kind == PromiseKind.WATCH for promise in facts.promises):
        return None
    if incident.status == IncidentStatus.RESOLVED:
        return _row(now, key="close", what="It stayed quiet: close it", verb="Close", url="#close", tone="soon")
    before = incident.level.watch_order == WatchOrder.BEFORE_RESOLVED
    if before and incident.status == IncidentStatus.MONITORING and incident.mitigated_at:
        return _row(now, key="resolve", what="It stayed quiet: resolve", verb="Resolve", url="#resolve", tone="soon")
    return None


STATES: tuple[Callable[[IncidentFacts, datetime], OwedRow | None], ...] = (_commander_missing, _watch_over)
