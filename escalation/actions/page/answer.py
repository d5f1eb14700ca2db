"""Answer a page: on it, there by then, or cannot; and ring the next step by hand."""

from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from core.errors import InvalidInput, NotAllowed, WrongState
from core.moments import check_moment, show_near
from core.signals import announce
from escalation.actions.page.silence import note_sign_of_life
from escalation.actions.ringing import acknowledge, locked, ring_again, take_steps, withdraw_rings
from escalation.enums import AnswerKind, AttemptOutcome, PageStatus
from escalation.models import Page, PageAnswer
from escalation.permissions import check_can_acknowledge, check_can_decline, check_can_ring_next
from escalation.queries.answer import standing_answers
from escalation.signals import answer_repeated, page_acknowledged, page_declined
from escalation.states import LOUD


@transaction.atomic
def acknowledge_page(page: Page, *, by: Actor, now: datetime, arrives_at: datetime | None = None) -> Page:
    """Keep that `by` has it, or will be there at `arrives_at`; with enough answers `page` stops ringing.

    A second acknowledgement is no error and only a sign of life; both are kept. The same person may only come sooner.
    Takes back the waiting messages of this page, to this person or, when it stops, to everybody; other pages of the
    same subject ring on. Whoever arrives later than the next step does not stop it: the next person is rung now.
    Announces page_acknowledged, or answer_repeated. Raises NotAllowed, WrongState when it was stopped, InvalidInput
    for a past arrival.
    """
    check_can_acknowledge(page, by)
    if arrives_at is not None and check_moment(arrives_at, field="arrives_at") <= now:
        raise InvalidInput("An arrival lies in the future.", field="arrives_at")
    page = locked(page)
    answer = _keep_answer(page, AnswerKind.ACKNOWLEDGED, by=by, now=now, arrives_at=arrives_at)
    if answer is None:
        note_sign_of_life(page.subject_key, by=by, now=now)
        announce(answer_repeated, Page, page=page, by=by, now=now)
        return page
    in_time = [one for one in standing_answers(page) if _is_in_time(one, page)]
    if page.status != PageStatus.ACKNOWLEDGED and len(in_time) >= page.answers_needed:
        acknowledge(page, in_time, now=now)
    is_over = page.status == PageStatus.ACKNOWLEDGED
    withdraw_rings(page, f"{by} has answered.", now=now, user=None if is_over else by.user)
    announce(page_acknowledged, Page, page=page, answer=answer, now=now)
    if page.status in LOUD and not _is_in_time(answer, page):
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
    page = locked(page, to_ring=True)
    took_back = any(one.user == by.user for one in standing_answers(page))
    answer = _keep_answer(page, AnswerKind.DECLINED, by=by, now=now)
    if answer is None:
        return page
    withdraw_rings(page, f"{by} cannot come.", now=now, user=by.user)
    announce(page_declined, Page, page=page, answer=answer, now=now)
    if page.status == PageStatus.ACKNOWLEDGED and len(standing_answers(page)) < page.answers_needed:
        ring_again(page, now=now)
    elif _is_on_its_way(page) and (took_back or _is_in_newest_step(page, answer)):
        take_steps(page, now=now, at_once=True)
    return page


@transaction.atomic
def ring_next_now(page: Page, *, by: Actor, now: datetime, expected: tuple[int, int, int] | None = None) -> Page:
    """Ring the next step of `page` now, also when it was answered: then it rings again until one more person answers.

    `expected` is the (round, run, step) that the presser saw next; when that has been rung meanwhile nothing happens,
    so two presses ring one step. A page that has gone through all passes begins at the top. Announces page_rang.
    Raises NotAllowed, WrongState when it was stopped, its subject is over or maintenance holds it.
    """
    check_can_ring_next(page, by)
    page = locked(page, to_ring=True)
    if page.status == PageStatus.HELD and page.wake_at is not None:
        until = show_near(page.wake_at, now)
        raise WrongState(f"Maintenance holds this page until {until}. Page somebody by name: that rings at once.")
    if expected is not None and expected != (page.round, page.run, page.step):
        return page
    if page.status == PageStatus.ACKNOWLEDGED:
        page.answers_needed = len(standing_answers(page)) + 1
    return ring_again(page, now=now)


def _keep_answer(
    page: Page, kind: AnswerKind, *, by: Actor, now: datetime, arrives_at: datetime | None = None
) -> PageAnswer | None:
    """The row of this answer, or None when it says nothing new: the same again, or an arrival that is no sooner."""
    if by.user is None:
        raise NotAllowed("A page is answered by a person.")
    answers = {one.kind: one for one in page.answers.filter(user=by.user, lapsed_at__isnull=True)}
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


def _is_on_its_way(page: Page) -> bool:
    """Whether it rings, and somebody comes next."""
    return page.status in LOUD and page.wake_at is not None


def _is_in_time(answer: PageAnswer, page: Page) -> bool:
    return answer.arrives_at is None or page.wake_at is None or answer.arrives_at <= page.wake_at


def _is_in_newest_step(page: Page, answer: PageAnswer) -> bool:
    """Whether this person was rung by the step that rang last."""
    attempts = page.attempts.filter(outcome=AttemptOutcome.RUNG)
    rung = list(attempts.values_list("round", "run", "step", "user_id"))
    newest = max(place for *place, _ in rung)
    return any(place == newest and user == answer.user_id for *place, user in rung)
