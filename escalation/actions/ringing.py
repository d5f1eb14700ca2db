"""How a page takes its next step: what plan.py decides becomes attempts, messages and the page's next moment.

Called inside the transaction of an action that holds the page's row.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from django.urls import reverse

from accounts.actions.audience import admit
from accounts.actor import MUSTER
from accounts.models import User
from comms.actions.message import absolute, queue_message, withdraw_messages
from comms.enums import MessageKind, Urgency
from core.errors import WrongState
from core.moments import show_clock
from core.signals import announce
from core.states import check_may_follow
from escalation.enums import AttemptOutcome, PageStatus
from escalation.links import sign_answer
from escalation.models import Page, PageAnswer, PageAttempt
from escalation.plan import Decision, Hit, PolicySnapshot, next_step
from escalation.queries.answer import standing_answers
from escalation.queries.reach import People
from escalation.queries.state import people_of_page, state_of
from escalation.signals import page_exhausted, page_rang
from escalation.states import PAGE_TRANSITIONS


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


def message_key(page: Page) -> str:
    """With what the keys of this page's messages begin."""
    return f"page:{page.ref}:"


def take_steps(page: Page, *, now: datetime, at_once: bool = False) -> Page:
    """Take every step of `page` that is due at `now`; with `at_once` the next one whether due or not.

    Writes the attempts, queues the messages, moves the page on and announces page_rang (once for each step) and
    page_exhausted. A page that enough people have meanwhile reached, as they said they would, is acknowledged instead.
    """
    while at_once or (page.wake_at is not None and page.wake_at <= now):
        if not at_once and settle_arrivals(page, now=now):
            return page
        people = people_of_page(page, now)
        decision = next_step(state_of(page, people, due=at_once), now)
        by_hand, at_once = at_once, False
        attempts = _write_attempts(page, decision, now)
        page.run, page.step, page.wake_at = decision.run, decision.step, decision.wake_at
        if decision.exhausted:
            become(page, PageStatus.EXHAUSTED)
        elif decision.wake_at is None:
            acknowledge(page, standing_answers(page), now=now)
        page.save(update_fields=["run", "step", "wake_at", "status"])
        _queue_messages(page, decision.hits, people, now, by_hand=by_hand)
        _announce_rings(page, attempts, now)
        if decision.exhausted:
            announce(page_exhausted, Page, page=page, now=now)
    return page


def settle_arrivals(page: Page, *, now: datetime) -> bool:
    """Acknowledge `page` when enough of those who answered should be there by `now`; whether it did."""
    there = [one for one in standing_answers(page) if one.arrives_at is None or one.arrives_at <= now]
    if len(there) < page.answers_needed:
        return False
    acknowledge(page, there, now=now)
    return True


def acknowledge(page: Page, answers: Sequence[PageAnswer], *, now: datetime) -> None:
    """Write down that `page` has been answered: nothing is left to do for it. Says nothing and withdraws nothing."""
    become(page, PageStatus.ACKNOWLEDGED)
    page.wake_at = None
    page.acknowledged_at, page.acknowledged_by = now, answers[-1].user
    page.save(update_fields=["status", "wake_at", "acknowledged_at", "acknowledged_by"])


def ring_again(page: Page, *, now: datetime) -> Page:
    """Let `page` ring, whatever it had become, and take its next step now: from the top after the last resort."""
    if page.attempts.filter(run=page.run, step__gte=len(PolicySnapshot.from_json(page.snapshot).steps)).exists():
        page.run, page.step = page.run + 1, 0  # a key of this pass has been used, and would ring nobody twice
    become(page, PageStatus.RINGING)
    page.wake_at, page.acknowledged_at, page.acknowledged_by = now, None, None
    page.save()
    return take_steps(page, now=now, at_once=True)


def withdraw_rings(page: Page, reason: str, *, now: datetime, user: User | None) -> None:
    """Take back what this page still has waiting, for `user` or for everybody."""
    withdraw_messages(
        now=now,
        subject_key=page.subject_key,
        kinds=[MessageKind.PAGE],
        key_prefix=message_key(page),
        user=user,
        reason=reason,
    )


def _write_attempts(page: Page, decision: Decision, now: datetime) -> list[PageAttempt]:
    return PageAttempt.objects.bulk_create(
        PageAttempt(
            page=page,
            run=hit.run,
            step=hit.step,
            user_id=hit.person,
            outcome=hit.outcome,
            source=hit.source[:200],
            at=now,
        )
        for hit in decision.hits
    )


def _queue_messages(page: Page, hits: Iterable[Hit], people: People, now: datetime, *, by_hand: bool) -> None:
    """One urgent message for each person, one post for each webhook; the key makes a repeat write nothing.

    What somebody rings by hand is never held or bundled as a repeat of what rang before.
    """
    for number, hit in enumerate(hits):
        if hit.outcome != AttemptOutcome.RUNG:
            continue
        user = people.users[hit.person] if hit.person is not None else None
        target = str(user.pk) if user else f"webhook:{number}"
        if user and page.audience:
            admit(page.audience, user, by=MUSTER, now=now, reason=f"Page {page.ref} rang them")
        queue_message(
            now=now,
            kind=MessageKind.PAGE,
            urgency=Urgency.URGENT,
            subject=page.subject,
            body=_body(page, hit, user),
            link=reverse("escalation:answer-link", args=[sign_answer(page, user)]) if user else page.link,
            to=user or hit.url,
            dedup_key=f"{message_key(page)}{hit.run}:{hit.step}:{target}",
            series="" if by_hand else message_key(page),
            subject_key=page.subject_key,
            audience=page.audience,
            facts={
                "page": page.ref,
                "subject_key": page.subject_key,
                "link": absolute(page.link),
                "group": page.group,
                "level": page.level_name,
                # By what a person answers where there is no page to press on: the words of an SMS, the keys of a call.
                **({"code": page.code, "call": "call/"} if user else {}),
            },
        )


def _body(page: Page, hit: Hit, user: User | None) -> str:
    """Why they are rung, what happens if they do not answer, and where the room is."""
    lines = [f"You are rung for {page.group} ({hit.source})."] if user else []
    if page.wake_at is not None and user:
        lines.append(f"Without an answer by {show_clock(page.wake_at, user.zone)} it goes on to the next step.")
    lines += [f"The room: {absolute(page.link)}"]
    return "\n".join([*lines, "", page.body] if page.body else lines)


def _announce_rings(page: Page, attempts: Sequence[PageAttempt], now: datetime) -> None:
    for _, of_step in groupby(attempts, key=lambda attempt: (attempt.run, attempt.step)):
        announce(page_rang, Page, page=page, attempts=list(of_step), now=now)
