"""A promise, with the verb of its kind: where it is kept, or the answers that one press gives."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from incidents.enums import DecisionOutcome, MitigationOutcome, PromiseKind
from incidents.models import Incident, Promise
from incidents.owed.facts import IncidentFacts, page_key
from incidents.owed.row import OwedRow, row_of

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

# {kind: the door behind it, and the answers that it takes}. The number is in the promise's key.
ANSWERS: dict[PromiseKind, tuple[str, list[tuple[str, Any]]]] = {
    PromiseKind.TASK: ("incidents:task-finish", []),
    PromiseKind.DECISION: ("incidents:decision-answer", DecisionOutcome.choices),
    PromiseKind.MITIGATION: ("incidents:mitigation-answer", MitigationOutcome.choices),
}


def is_shown(facts: IncidentFacts, promise: Promise) -> bool:
    """A promise that was done and only waits for its hand-over shows when it is late; a page has a row of its own."""
    if promise.kind == PromiseKind.ANSWER and any(promise.subject_key == page_key(page.ref) for page in facts.pages):
        return False
    return promise.done_at is None or promise.broken_at is not None


def promise_row(facts: IncidentFacts, promise: Promise, now: datetime) -> OwedRow:
    """Who owes what by when, and the press that keeps it."""
    verb, url = VERBS[PromiseKind(promise.kind)]
    answers = _answers(facts.incident, promise)
    is_watch, waits = promise.kind == PromiseKind.WATCH, promise.done_at is not None
    return row_of(
        now,
        key=f"promise:{promise.pk}",
        what=promise.subject,
        detail="written, but not every channel has taken it" if waits else "",
        due_at=promise.due_at,
        tone="" if is_watch else None,
        owner=f"@{promise.owner.handle}" if promise.owner else promise.owed_by,
        person=promise.owner,
        role=promise.owed_by,
        verb=answers[0][0] if answers else verb,
        url=answers[0][1] if answers else promise.link or facts.action_urls.get(url, url),
        posts=bool(answers),
        more=tuple(answers[1:]),
        is_watch=is_watch,
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
