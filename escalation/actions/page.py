"""Ring somebody until they answer: start a page, answer it, move it on, stop it; and the sweep that does so by itself.

Locks: a page's row first, then whatever the receivers of its signals lock; the sweep holds one page at a time.
"""

import logging
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.actor import Actor
from accounts.models import Audience, User
from comms.actions.engine import record_tick
from comms.actions.message import withdraw_messages
from comms.enums import MessageKind
from core.errors import InvalidInput, NotAllowed, WrongState
from core.moments import check_moment
from core.signals import announce
from escalation.actions.ringing import acknowledge, message_key, take_steps
from escalation.enums import AnswerKind, AttemptOutcome, PageStatus
from escalation.models import Page, PageAnswer, Policy, Service
from escalation.permissions import check_can_acknowledge, check_can_decline, check_can_ring_next
from escalation.plan import PolicySnapshot
from escalation.queries.answer import standing_answers
from escalation.queries.policy import snapshot_of, snapshot_of_people
from escalation.signals import page_acknowledged, page_declined, page_stopped

logger = logging.getLogger(__name__)

SWEEP = "escalation.advance_due_pages"
UNAMBIGUOUS = "abcdefghjkmnpqrstuvwxyz23456789"  # no i, l, o, 0, 1: a ref is read aloud and typed from paper
AFTER_A_FAILURE = timedelta(seconds=10)


@transaction.atomic
def start_page(
    *,
    by: Actor,
    now: datetime,
    group: str,
    policy: Policy | None = None,
    people: Sequence[User] = (),
    subject_key: str,
    subject: str,
    link: str,
    level_name: str,
    level_rank: int,
    acknowledge_within: timedelta | None = None,
    service: Service | None = None,
    roles: dict[str, list[int]] | None = None,
    audience: Audience | None = None,
    makes_commander: bool = False,
    answers_needed: int = 1,
    body: str = "",
) -> Page:
    """Begin a page of `policy`, or of `people` by hand, and ring its first step in this transaction.

    Keeps the policy as it is now. Writes the page, an attempt for every target and the messages; announces page_rang
    for each step, and page_exhausted when nobody at all could be rung: a page is never silently nothing. Guards
    nothing: the caller knows who may. Raises InvalidInput unless exactly one of `policy` and `people` is given.
    """
    page = Page.objects.create(
        ref="".join(secrets.choice(UNAMBIGUOUS) for _ in range(8)),
        group=group[:120],
        **_kept(policy, people, acknowledge_within),
        subject_key=subject_key,
        subject=subject[:200],
        body=body,
        link=link,
        level_name=level_name,
        level_rank=level_rank,
        service=service,
        roles=roles or {},
        audience=audience,
        makes_commander=makes_commander,
        answers_needed=answers_needed,
        wake_at=now,
        started_at=now,
        started_by=by.user,
    )
    return take_steps(page, now=now)


@transaction.atomic
def acknowledge_page(page: Page, *, by: Actor, now: datetime, arrives_at: datetime | None = None) -> Page:
    """Keep that `by` has it, or will be there at `arrives_at`; with enough answers `page` stops ringing.

    A second acknowledgement changes nothing and is no error; both are kept. The same person may only come sooner.
    Takes back the waiting messages of this page, to this person or, when it stops, to everybody; other pages of the
    same subject ring on. Whoever arrives later than the next step does not stop it: the next person is rung now.
    Announces page_acknowledged. Raises NotAllowed, WrongState when it was stopped, InvalidInput for a past arrival.
    """
    check_can_acknowledge(page, by)
    if arrives_at is not None and check_moment(arrives_at, field="arrives_at") <= now:
        raise InvalidInput("An arrival lies in the future.", field="arrives_at")
    page = _locked(page)
    answer = _keep_answer(page, AnswerKind.ACKNOWLEDGED, by=by, now=now, arrives_at=arrives_at)
    if answer is None:
        return page
    in_time = [one for one in standing_answers(page) if _is_in_time(one, page)]
    if page.status != PageStatus.ACKNOWLEDGED and len(in_time) >= page.answers_needed:
        acknowledge(page, in_time, now=now)
    _withdraw(page, f"{by} has answered.", now=now, user=None if page.wake_at is None else by.user)
    announce(page_acknowledged, Page, page=page, answer=answer, now=now)
    if page.status == PageStatus.RINGING and not _is_in_time(answer, page):
        take_steps(page, now=now, at_once=True)
    return page


@transaction.atomic
def decline_page(page: Page, *, by: Actor, now: datetime) -> Page:
    """Keep that `by` cannot come, and ring the next step now.

    Who was rung by an earlier step only leaves the answer: the next person has been told. Taking back one's own
    acknowledgement makes an answered page ring again. A second press changes nothing. Takes back the waiting messages
    of this page to this person. Announces page_declined, then page_rang. Raises NotAllowed, and WrongState when it
    was stopped or its subject is over.
    """
    check_can_decline(page, by)
    page = _locked(page, to_ring=True)
    took_back = any(one.user == by.user for one in standing_answers(page))
    answer = _keep_answer(page, AnswerKind.DECLINED, by=by, now=now)
    if answer is None:
        return page
    _withdraw(page, f"{by} cannot come.", now=now, user=by.user)
    announce(page_declined, Page, page=page, answer=answer, now=now)
    if page.status == PageStatus.ACKNOWLEDGED and len(standing_answers(page)) < page.answers_needed:
        _ring_again(page, now=now)
    elif page.status == PageStatus.RINGING and (took_back or _is_in_newest_step(page, answer)):
        take_steps(page, now=now, at_once=True)
    return page


@transaction.atomic
def ring_next_now(page: Page, *, by: Actor, now: datetime, expected: tuple[int, int] | None = None) -> Page:
    """Ring the next step of `page` now, also when it was answered: then it rings again until one more person answers.

    `expected` is the (run, step) that the presser saw next; when that has been rung meanwhile nothing happens, so two
    presses ring one step. A page that has gone through all passes begins at the top. Announces page_rang. Raises
    NotAllowed, WrongState when it was stopped or its subject is over.
    """
    check_can_ring_next(page, by)
    page = _locked(page, to_ring=True)
    if expected is not None and expected != (page.run, page.step):
        return page
    if page.status == PageStatus.ACKNOWLEDGED:
        page.answers_needed = len(standing_answers(page)) + 1
    return _ring_again(page, now=now)


@transaction.atomic
def stop_pages(
    subject_key: str, *, by: Actor, now: datetime, reason: str, policies: Collection[Policy] | None = None
) -> int:
    """The subject is over: stop every page of it that still looks for somebody; how many those were.

    What was answered stays answered, but never rings again. Takes back all waiting pages to anybody about it. With
    `policies` it goes on, and only ringing pages of those are stopped, because others take their place. Announces
    page_stopped for each that rang. Guards nothing: the caller's noun is what is over.
    """
    rows = Page.objects.select_for_update().filter(subject_key=subject_key, stopped_at__isnull=True).order_by("pk")
    pages = list(rows if policies is None else rows.ringing().filter(policy__in=policies))
    stopped = [page for page in pages if page.status != PageStatus.ACKNOWLEDGED]
    for page in pages:
        page.stopped_at, page.stop_reason = now, reason[:200]
        if page in stopped:
            page.status, page.wake_at = PageStatus.STOPPED, None
        page.save(update_fields=["status", "wake_at", "stopped_at", "stop_reason"])
        _withdraw(page, f"The page was stopped: {reason}", now=now, user=None)
    for page in stopped:
        announce(page_stopped, Page, page=page, by=by, reason=reason, now=now)
    return len(stopped)


def advance_due_pages(*, now: datetime, batch: int = 50) -> int:
    """The sweep: take the due steps of up to `batch` pages, the longest due first; how many were advanced.

    One transaction a page, its row claimed with skip_locked, so two sweeps never ring twice. A page that fails is
    logged, looked at again in 10 s and stops no other.
    """
    record_tick(SWEEP, now=now)
    due = Page.objects.filter(wake_at__lte=now).order_by("wake_at", "pk").values_list("pk", flat=True)
    advanced = 0
    for pk in list(due[:batch]):
        try:
            advanced += _advance(pk, now)
        except Exception:  # the row loop of a sweep: one page's failure never stops the others
            logger.exception("The page with id %s could not be advanced.", pk)
            Page.objects.filter(pk=pk, wake_at__lte=now).update(wake_at=now + AFTER_A_FAILURE)
    return advanced


@transaction.atomic
def _advance(pk: int, now: datetime) -> bool:
    page = Page.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk, wake_at__lte=now).first()
    if page is None:
        return False
    take_steps(page, now=now)
    return True


def _kept(policy: Policy | None, people: Sequence[User], within: timedelta | None) -> dict[str, Any]:
    """What the page keeps of whom it rings: the policy, if there is one, and the snapshot."""
    if policy is not None and not people:
        return {"policy": policy, "snapshot": snapshot_of(policy, within).to_json()}
    if policy is None and people:
        return {"snapshot": snapshot_of_people(people, within).to_json()}
    raise InvalidInput("A page rings either an escalation policy or people by name.")


def _locked(page: Page, *, to_ring: bool = False) -> Page:
    """The page's own fresh row, locked. Raises WrongState when it was stopped, or `to_ring` what is over."""
    locked = Page.objects.select_for_update(of=("self",)).get(pk=page.pk)
    if locked.status == PageStatus.STOPPED or (to_ring and locked.stopped_at is not None):
        raise WrongState(f"This page was stopped ({locked.stop_reason}); nothing was changed.")
    return locked


def _keep_answer(
    page: Page, kind: AnswerKind, *, by: Actor, now: datetime, arrives_at: datetime | None = None
) -> PageAnswer | None:
    """The row of this answer, or None when it says nothing new: the same again, or an arrival that is no sooner."""
    if by.user is None:
        raise NotAllowed("A page is answered by a person.")
    answers = {one.kind: one for one in page.answers.filter(user=by.user)}
    mine = answers.get(kind)
    if mine is None:
        return PageAnswer.objects.create(page=page, user=by.user, kind=kind, via=by.via, at=now, arrives_at=arrives_at)
    newest = max(answers.values(), key=lambda one: (one.at, one.pk))
    sooner = mine.arrives_at is not None and (arrives_at is None or arrives_at < mine.arrives_at)
    if newest == mine and not sooner:
        return None
    mine.via, mine.at, mine.arrives_at = by.via, now, arrives_at
    mine.save(update_fields=["via", "at", "arrives_at"])
    return mine


def _ring_again(page: Page, *, now: datetime) -> Page:
    """Let `page` ring, whatever it had become, and take its next step now: from the top after the last resort."""
    if page.attempts.filter(run=page.run, step__gte=len(PolicySnapshot.from_json(page.snapshot).steps)).exists():
        page.run, page.step = page.run + 1, 0  # a key of this pass has been used, and would ring nobody twice
    page.status, page.wake_at, page.acknowledged_at, page.acknowledged_by = PageStatus.RINGING, now, None, None
    page.save()
    return take_steps(page, now=now, at_once=True)


def _is_in_time(answer: PageAnswer, page: Page) -> bool:
    return answer.arrives_at is None or page.wake_at is None or answer.arrives_at <= page.wake_at


def _is_in_newest_step(page: Page, answer: PageAnswer) -> bool:
    """Whether this person was rung by the step that rang last."""
    rung = list(page.attempts.filter(outcome=AttemptOutcome.RUNG).values_list("run", "step", "user_id"))
    newest = max((run, step) for run, step, _ in rung)
    return any((run, step) == newest and user == answer.user_id for run, step, user in rung)


def _withdraw(page: Page, reason: str, *, now: datetime, user: User | None) -> None:
    """Take back what this page still has waiting, for `user` or for everybody."""
    withdraw_messages(
        now=now,
        subject_key=page.subject_key,
        kinds=[MessageKind.PAGE],
        key_prefix=message_key(page),
        user=user,
        reason=reason,
    )
