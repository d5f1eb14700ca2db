"""How a page takes its next step: what escalation.plan decides becomes attempts, messages and the page's next moment.

Called inside the transaction of an action that holds the page's row.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.urls import reverse

from accounts.actions.audience import admit
from accounts.actor import MUSTER
from accounts.models import User
from comms.actions.message import absolute, queue_message, withdraw_messages
from comms.enums import MessageKind, Urgency
from comms.queries.reach import points_of
from core.errors import WrongState
from core.moments import show_clock
from core.signals import announce
from core.states import check_may_follow
from escalation.enums import AttemptOutcome, PageStatus
from escalation.links import sign_answer
from escalation.models import Page, PageAnswer, PageAttempt
from escalation.plan import Decision, Hit, PolicySnapshot, next_step
from escalation.queries.answer import standing, standing_answers
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


def take_steps(page: Page, *, now: datetime, at_once: bool = False, is_new: bool = False) -> Page:
    """Take every step of `page` that is due at `now`; with `at_once` the next one, whatever it would wait for.

    `is_new` spares the reads of a page that has neither attempts nor answers yet.

    Writes the attempts, queues the messages, moves the page on and announces page_rang (once for each step) and
    page_exhausted (once until it is answered). A page that enough people have meanwhile reached, as they said they
    would, is acknowledged instead.
    """
    while at_once or (page.wake_at is not None and page.wake_at <= now):
        answers = [] if is_new else list(page.answers.select_related("user"))
        if not at_once and settle_arrivals(page, standing(answers), now=now):
            return page
        attempts = [] if is_new else list(page.attempts.all())
        people = people_of_page(page, now)
        decision = next_step(state_of(page, attempts, answers, people, by_hand=at_once), now)
        _take(page, decision, people, now, by_hand=at_once)
        at_once, is_new = False, False
    return page


def _take(page: Page, decision: Decision, people: People, now: datetime, *, by_hand: bool) -> None:
    """Carry out one decision."""
    attempts = _write_attempts(page, decision, people, now)
    all_at_once = page.status == PageStatus.EXHAUSTED
    gives_up = decision.exhausted and page.status != PageStatus.EXHAUSTED
    rung_in = page.round
    page.round, page.run, page.step, page.wake_at = decision.round, decision.run, decision.step, decision.wake_at
    page.answers_needed = max(page.answers_needed, _answers_needed(page, attempts))
    if decision.exhausted:
        become(page, PageStatus.EXHAUSTED)
    elif decision.wake_at is None:
        acknowledge(page, standing_answers(page), now=now)
    page.save(update_fields=["round", "run", "step", "wake_at", "status", "answers_needed"])
    is_repeat = not by_hand and rung_in == 0
    _queue_messages(page, rung_in, decision.hits, people, now, is_repeat=is_repeat, all_at_once=all_at_once)
    _announce_rings(page, attempts, now)
    if gives_up:
        announce(page_exhausted, Page, page=page, now=now)


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


def _write_attempts(page: Page, decision: Decision, people: People, now: datetime) -> list[PageAttempt]:
    """A row for each target with all that says why: nobody can work that out afterwards, when schedules have moved."""
    origins = {hit.target: people.origin(hit.target, now) for hit in decision.hits}
    return PageAttempt.objects.bulk_create(
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
    )


def _queue_messages(
    page: Page, rung_in: int, hits: Iterable[Hit], people: People, now: datetime, *, is_repeat: bool, all_at_once: bool
) -> None:
    """One urgent message for each person, one post for each webhook; their keys are new, as the attempts are.

    With `all_at_once` they go to all addresses of everybody, whatever their own rules say. Only an `is_repeat` may be
    held or bundled with what rang before: never what somebody rings by hand, and never what begins from the top
    because nobody has answered or was heard of.
    """
    rung = [(number, hit) for number, hit in enumerate(hits) if hit.outcome == AttemptOutcome.RUNG]
    points = points_of(people.users[hit.person] for _, hit in rung if hit.person is not None)
    for number, hit in rung:
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
            dedup_key=page.ring_key(rung_in, hit.run, hit.step, target),
            series=page.message_key if is_repeat else "",
            points=points[user.pk] if user else None,
            everywhere_at_once=all_at_once,
            is_new=True,
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
