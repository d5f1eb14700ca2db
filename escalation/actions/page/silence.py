"""Whoever acknowledged and then falls silent in every way is asked once, and then the page rings anew."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import User
from comms.actions.message import queue_message
from comms.enums import MessageKind
from core.moments import show_clock
from core.signals import announce
from escalation.actions.ringing import become, begin_again, take_steps
from escalation.enums import PageStatus
from escalation.links import sign_answer
from escalation.models import Page, PageAnswer, SignOfLife
from escalation.plan import PolicySnapshot, watch
from escalation.queries.answer import standing_answers
from escalation.queries.silence import in_charge_of, last_life
from escalation.signals import page_lapsed, page_nudged


@transaction.atomic
def note_sign_of_life(subject_key: str, *, by: Actor, now: datetime) -> None:
    """A person did something about `subject_key`, in whatever way: nobody who answered its pages counts as silent.

    Called by the app above for every act; one write, of a row of its own, so it takes the lock of no page. What
    Muster does by itself is no sign of life.
    """
    if by.user is not None:
        row = SignOfLife(subject_key=subject_key, at=now)
        SignOfLife.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["subject_key"], update_fields=["at"]
        )


@transaction.atomic
def name_in_charge(subject_key: str, user: User | None, *, now: datetime) -> None:
    """`user` has the subject from now on, whoever answered its pages: they are asked when nothing is heard.

    None: those who answered are. One write, which takes the lock of no page. The caller knows who may.
    """
    row = SignOfLife(subject_key=subject_key, at=now, in_charge=user)
    SignOfLife.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["subject_key"], update_fields=["in_charge"]
    )


def watch_answered(page: Page, *, now: datetime) -> None:
    """Look at an answered page that this transaction holds: ask for a sign of life, let it ring anew, or wait.

    Queues a normal message to each who has it, by their answer or since it was passed on, and announces page_nudged;
    or announces page_lapsed, then page_rang.
    """
    answers = standing_answers(page)
    silent = timedelta(seconds=PolicySnapshot.from_json(page.snapshot).silent_seconds or 0)
    alive_at = last_life(page, answers)
    decision = watch(silent, alive_at=alive_at, nudged_at=page.nudged_at, now=now)
    if decision.lapses:
        _lapse(page, answers, now=now)
        return
    page.wake_at = decision.wake_at
    if decision.nudges:
        page.nudged_at = now
        in_charge = in_charge_of(page.subject_key)
        people = [in_charge] if in_charge else [answer.user for answer in answers]
        _ask(page, people, answers, alive_at=alive_at, now=now)
    page.save(update_fields=["wake_at", "nudged_at"])
    if decision.nudges:
        announce(page_nudged, Page, page=page, people=people, now=now)


def _ask(
    page: Page, people: Sequence[User], answers: Sequence[PageAnswer], *, alive_at: datetime, now: datetime
) -> None:
    """One question a person and silence, also when they answered several pages of the subject."""
    answered_at = {answer.user: answer.at for answer in answers}
    for user in people:
        by_then, at = show_clock(page.wake_at or now, user.zone), answered_at.get(user)
        why = f"You answered {page.group} at {show_clock(at, user.zone)}" if at else f"It is yours ({page.group})"
        queue_message(
            now=now,
            kind=MessageKind.NUDGE,
            subject=page.subject,
            body=f"Are you still on it? {why}, and nobody has done anything in the room since. A note there is "
            "enough, or “I’m on it” once more. "
            f"Without a sign of life by {by_then} it rings again from the top.",
            link=reverse("escalation:answer-link", args=[sign_answer(page, user)]),
            to=user,
            dedup_key=f"nudge:{page.subject_key}:{alive_at.timestamp():.0f}:{user.pk}",
            subject_key=page.subject_key,
            audience=page.audience,
        )


def _lapse(page: Page, answers: Sequence[PageAnswer], *, now: datetime) -> None:
    """Nobody has it any more: from the top, also to those who answered and fell silent. “Cannot” still counts."""
    PageAnswer.objects.filter(pk__in=[answer.pk for answer in answers]).update(lapsed_at=now)
    become(page, PageStatus.RINGING)
    begin_again(page)
    page.answers_needed = PolicySnapshot.from_json(page.snapshot).answers_needed
    page.wake_at, page.nudged_at, page.acknowledged_at, page.acknowledged_by = now, None, None, None
    page.save()
    announce(page_lapsed, Page, page=page, answers=answers, now=now)
    take_steps(page, now=now)
