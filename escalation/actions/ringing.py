"""How a page takes its next step: what escalation.plan decides becomes attempts, messages and the page's next moment.

Called inside the transaction of an action that holds the page's row.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.urls import reverse

from accounts.actions.audience import admit_all
from accounts.models import Audience, User
from comms.actions.message import absolute, queue_new_messages, withdraw_messages
from comms.enums import MessageKind, Urgency
from core.errors import WrongState
from core.moments import show_clock
from core.prepared import insert_all
from core.signals import announce_all
from core.states import check_may_follow
from escalation.enums import AttemptOutcome, PageStatus
from escalation.links import sign_answer
from escalation.models import Page, PageAnswer, PageAttempt
from escalation.plan import Decision, Hit, PolicySnapshot, next_step
from escalation.queries.answer import standing, standing_answers
from escalation.queries.reach import People
from escalation.queries.state import answers_of, attempts_of, people_of_pages, state_from, state_of
from escalation.signals import page_exhausted, page_rang
from escalation.states import PAGE_TRANSITIONS

MOVED = ["round", "run", "step", "wake_at", "status", "answers_needed"]


@dataclass(frozen=True)
class Ring:
    """What one step tells people, with the round in which it was decided.

    With `all_at_once` it goes to all addresses of everybody, whatever their own rules say. Only an `is_repeat` may be
    held or bundled with what rang before: never what somebody rings by hand, and never what begins from the top
    because nobody has answered or was heard of.
    """

    page: Page
    round: int
    hits: Sequence[Hit]
    is_repeat: bool
    all_at_once: bool


def locked(page: Page, *, to_ring: bool = False) -> Page:
    """The page's own fresh row, locked. Raises WrongState when it was stopped, or `to_ring` what is over."""
    row = Page.objects.select_for_update(of=("self",)).get(pk=page.pk)
    if row.status == PageStatus.STOPPED or (to_ring and row.stopped_at is not None):
        raise WrongState(f"This page was stopped ({row.stop_reason}); nothing was changed.")
    return row


def become(page: Page, status: PageStatus) -> None:
    """Let `page`, which this transaction holds, become `status`; the caller saves. Raises WrongState out of order."""
    if page.status != status:
        sentence = f"A page that is {page.get_status_display().lower()} cannot become {status.label.lower()}."
        check_may_follow(PAGE_TRANSITIONS, page.status, status, sentence)
        page.status = status


def take_steps(page: Page, *, now: datetime, at_once: bool = False) -> Page:
    """Take every step of `page` that is due at `now`, as `take_steps_of` does; the page, moved on."""
    take_steps_of([page], now=now, at_once=at_once)
    return page


def take_steps_of(pages: Iterable[Page], *, now: datetime, at_once: bool = False, is_new: bool = False) -> None:
    """Take every step of each of `pages` that is due at `now`; `at_once` the next one, whatever it would wait for.

    Pages that `is_new` have neither attempts nor answers, and are written here, where their first step puts them.

    Writes the attempts, queues the messages, moves the pages on and announces page_rang (once for each step) and
    page_exhausted (once until it is answered). A page that enough people have meanwhile reached, as they said they
    would, is acknowledged instead. A fixed number of statements, however many pages; receivers have their own.
    """
    while due := [page for page in pages if at_once or (page.wake_at is not None and page.wake_at <= now)]:
        people = people_of_pages(due, now)
        attempts = {} if is_new else attempts_of(due)
        answers = {} if is_new else answers_of(due)
        decided = list[tuple[Page, Decision]]()
        for page in due:
            mine = answers.get(page.pk, [])
            if at_once or not settle_arrivals(page, standing(mine), now=now):
                of_page = state_from if is_new else state_of
                state = of_page(page, attempts.get(page.pk, []), mine, people, by_hand=at_once)
                decided.append((page, next_step(state, now)))
        _take(decided, people, now, by_hand=at_once)
        pages, at_once, is_new = [page for page, _ in decided], False, False


def _take(decided: Sequence[tuple[Page, Decision]], people: People, now: datetime, *, by_hand: bool) -> None:
    """Carry out what was decided for some pages: all rows first, then what is announced, page after page."""
    attempts = _attempts_of(decided, people, now)
    rings, gave_up = list[Ring](), list[Page]()
    for (page, decision), mine in zip(decided, attempts, strict=True):
        is_repeat = not by_hand and page.round == 0
        all_at_once = page.status == PageStatus.EXHAUSTED
        rings.append(Ring(page, page.round, decision.hits, is_repeat=is_repeat, all_at_once=all_at_once))
        gave_up += [page] if decision.exhausted and not all_at_once else []
        _move(page, decision, mine, now)
    _save([page for page, _ in decided])
    insert_all(attempt for mine in attempts for attempt in mine)
    _queue_messages(rings, people, now)
    announce_all(page_rang, Page, [told for mine in attempts for told in _rings_of(mine, now)])
    announce_all(page_exhausted, Page, [{"page": page, "now": now} for page in gave_up])


def _save(pages: Iterable[Page]) -> None:
    """Write those that are new; keep what was MOVED: one statement for all pages that came to stand alike."""
    pages = list(pages)
    new = insert_all(page for page in pages if page._state.adding)
    alike: dict[tuple[Any, ...], list[int]] = {}
    for page in (page for page in pages if page not in new):
        alike.setdefault(tuple(getattr(page, field) for field in MOVED), []).append(page.pk)
    for values, pks in alike.items():
        Page.objects.filter(pk__in=pks).update(**dict(zip(MOVED, values, strict=True)))


def _move(page: Page, decision: Decision, attempts: Sequence[PageAttempt], now: datetime) -> None:
    """Let `page` stand where the decision puts it; the caller saves what is MOVED."""
    page.round, page.run, page.step, page.wake_at = decision.round, decision.run, decision.step, decision.wake_at
    page.answers_needed = max(page.answers_needed, _answers_needed(page, attempts))
    if decision.exhausted:
        become(page, PageStatus.EXHAUSTED)
    elif decision.wake_at is None:
        acknowledge(page, standing_answers(page), now=now)


def _answers_needed(page: Page, attempts: Sequence[PageAttempt]) -> int:
    """How many answers the steps among `attempts` that rang somebody ask for themselves; 0 when none does."""
    steps = PolicySnapshot.from_json(page.snapshot).steps
    rung = {row.step for row in attempts if row.outcome == AttemptOutcome.RUNG and row.step < len(steps)}
    return max((steps[step].answers_needed for step in rung), default=0)


def settle_arrivals(page: Page, answers: Iterable[PageAnswer], *, now: datetime) -> bool:
    """Acknowledge `page` when enough of the standing `answers` should be there by `now`; whether it did."""
    there = [one for one in answers if one.arrives_at is None or one.arrives_at <= now]
    if len(there) < page.answers_needed:
        return False
    acknowledge(page, there, now=now)
    return True


def acknowledge(page: Page, answers: Sequence[PageAnswer], *, now: datetime) -> None:
    """Write down that `page` has been answered: what is left is to look whether whoever has it falls silent.

    Says nothing and withdraws nothing.
    """
    silent = PolicySnapshot.from_json(page.snapshot).silent_seconds
    alive_at = max([now, *(answer.arrives_at for answer in answers if answer.arrives_at)])
    become(page, PageStatus.ACKNOWLEDGED)
    page.wake_at = alive_at + timedelta(seconds=silent) if silent and page.stopped_at is None else None
    page.acknowledged_at, page.acknowledged_by = now, answers[-1].user
    page.save(update_fields=["status", "wake_at", "acknowledged_at", "acknowledged_by"])


def ring_again(page: Page, *, now: datetime) -> Page:
    """Let `page` ring, whatever it had become, and take its next step now: from the top after the last resort."""
    after_the_end = len(PolicySnapshot.from_json(page.snapshot).steps)
    if page.attempts.filter(round=page.round, run=page.run, step__gte=after_the_end).exists():
        begin_again(page)
    become(page, PageStatus.RINGING)
    page.wake_at, page.nudged_at, page.acknowledged_at, page.acknowledged_by = now, None, None, None
    page.save()
    return take_steps(page, now=now, at_once=True)


def begin_again(page: Page) -> None:
    """Put `page` at the top of a new round, in which its keys are new; the caller saves."""
    page.round, page.run, page.step = page.round + 1, 0, 0


def withdraw_rings(page: Page, reason: str, *, now: datetime, user: User | None) -> None:
    """Take back what this page still has waiting, for `user` or for everybody."""
    withdraw_messages(
        now=now,
        subject_key=page.subject_key,
        kinds=[MessageKind.PAGE],
        key_prefix=page.message_key,
        user=user,
        reason=reason,
    )


def _attempts_of(decided: Sequence[tuple[Page, Decision]], people: People, now: datetime) -> list[list[PageAttempt]]:
    """The attempts of each page, in the order of the hits, not written yet.

    A row for each target with all that says why: nobody can work that out afterwards, when schedules have moved.
    """
    targets = {hit.target for _, decision in decided for hit in decision.hits}
    origins = {target: people.origin(target, now) for target in targets}
    found = [
        [
            PageAttempt(
                page=page,
                round=page.round,
                run=hit.run,
                step=hit.step,
                user_id=hit.person,
                outcome=hit.outcome,
                source=hit.source[:200],
                layer=origins[hit.target].layer[:200],
                override_id=origins[hit.target].override,
                instead_of=list(origins[hit.target].instead_of),
                at=now,
            )
            for hit in decision.hits
        ]
        for page, decision in decided
    ]
    for row in (row for mine in found for row in mine):
        if row.user_id in people.users:  # fetched already: whoever hears of it asks for the names
            row.user = people.users[row.user_id]
    return found


def _queue_messages(rings: Sequence[Ring], people: People, now: datetime) -> None:
    """One urgent message for each person, one post for each webhook; their keys are new, as the attempts are."""
    hits = [(ring, number, hit) for ring in rings for number, hit in enumerate(ring.hits)]
    rung = [(ring, number, hit) for ring, number, hit in hits if hit.outcome == AttemptOutcome.RUNG]
    for ring in rings:
        if ring.page.audience:
            _let_in(ring.page.audience, ring, people, now)
    told = [
        _message(ring, number, hit, people.users[hit.person] if hit.person is not None else None)
        for ring, number, hit in rung
    ]
    queue_new_messages(told, now=now)


def _let_in(audience: Audience, ring: Ring, people: People, now: datetime) -> None:
    """Whoever the page rings may see what it is about."""
    rung = [hit.person for hit in ring.hits if hit.outcome == AttemptOutcome.RUNG]
    reached = [people.users[person] for person in rung if person is not None]
    admit_all(audience, dict.fromkeys(reached, f"Page {ring.page.ref} rang them"), now=now)


def _message(ring: Ring, number: int, hit: Hit, user: User | None) -> dict[str, Any]:
    """What one hit tells, as queue_new_messages wants it."""
    page = ring.page
    return {
        "kind": MessageKind.PAGE,
        "urgency": Urgency.URGENT,
        "subject": page.subject,
        "body": _body(page, hit, user),
        "link": reverse("escalation:answer-link", args=[sign_answer(page, user)]) if user else page.link,
        "to": user or hit.url,
        "dedup_key": page.ring_key(ring.round, hit.run, hit.step, str(user.pk) if user else f"webhook:{number}"),
        "series": page.message_key if ring.is_repeat else "",
        "everywhere_at_once": ring.all_at_once,
        "subject_key": page.subject_key,
        "audience": page.audience,
        "facts": {
            "page": page.ref,
            "subject_key": page.subject_key,
            "link": absolute(page.link),
            "group": page.group,
            "level": page.level_name,
            # By what a person answers where there is no page to press on: the words of an SMS, the keys of a call.
            **({"code": page.code, "call": "call/"} if user else {}),
        },
    }


def _body(page: Page, hit: Hit, user: User | None) -> str:
    """Why they are rung, what happens if they do not answer, and where the room is."""
    lines = [f"You are rung for {page.group} ({hit.source})."] if user else []
    if page.wake_at is not None and user:
        lines.append(f"Without an answer by {show_clock(page.wake_at, user.zone)} it goes on to the next step.")
    lines += [f"The room: {absolute(page.link)}"]
    return "\n".join([*lines, "", page.body] if page.body else lines)


def _rings_of(attempts: Sequence[PageAttempt], now: datetime) -> Iterator[dict[str, Any]]:
    """What page_rang says of each step of one page."""
    for _, of_step in groupby(attempts, key=lambda attempt: (attempt.run, attempt.step)):
        rung = list(of_step)
        yield {"page": rung[0].page, "attempts": rung, "now": now}
