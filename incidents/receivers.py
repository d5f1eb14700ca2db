"""What happens to an incident's pages, messages and people enters its record; each receiver calls one action."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from accounts.actor import MUSTER, Actor
from accounts.enums import Via
from accounts.models import User
from accounts.signals import user_kept
from comms.models import Message
from comms.signals import message_delivered
from escalation.models import Page, PageAnswer, PageAttempt
from escalation.signals import (
    answer_repeated,
    ownership_asked,
    page_acknowledged,
    page_declined,
    page_exhausted,
    page_held,
    page_lapsed,
    page_nudged,
    page_rang,
    page_stopped,
)
from incidents.actions import page_record
from incidents.actions.channels import record_handed_over
from incidents.actions.relief import record_repeated
from incidents.actions.vacancy import end_roles_of
from incidents.actions.watchers import announce_delivery
from incidents.queries.incident import incident_of
from incidents.queries.ownership import sentence_of_ownership


@receiver(page_rang)
def on_page_rang(page: Page, attempts: list[PageAttempt], now: datetime, **_: Any) -> None:
    """A step was rung."""
    if incident := incident_of(page.subject_key):
        page_record.record_rings(incident, page=page, attempts=attempts, now=now, by=MUSTER)


@receiver(page_held)
def on_page_held(page: Page, now: datetime, **_: Any) -> None:
    """Maintenance makes a page wait."""
    if incident := incident_of(page.subject_key):
        page_record.record_held(incident, page=page, by=MUSTER, now=now)


@receiver(page_acknowledged)
@receiver(page_declined)
def on_page_answered(page: Page, answer: PageAnswer, now: datetime, **_: Any) -> None:
    """Somebody answered."""
    if incident := incident_of(page.subject_key):
        by = Actor(user=answer.user, via=Via(answer.via))
        page_record.record_answer(incident, page=page, answer=answer, by=by, now=now)


@receiver(answer_repeated)
def on_answer_repeated(page: Page, by: Actor, now: datetime, **_: Any) -> None:
    """Somebody said once more that they have it."""
    if incident := incident_of(page.subject_key):
        record_repeated(incident, by=by, now=now)


@receiver(ownership_asked)
def on_ownership_asked(page: Page, user: User, **_: Any) -> str:
    """Somebody answered where no page of ours is shown: they are told there whether they command."""
    incident = incident_of(page.subject_key)
    return sentence_of_ownership(incident, user) if incident else ""


@receiver(page_nudged)
def on_page_nudged(page: Page, people: list[User], now: datetime, **_: Any) -> None:
    """Somebody who has it was asked for a sign of life."""
    if incident := incident_of(page.subject_key):
        page_record.record_nudged(incident, page=page, people=people, by=MUSTER, now=now)


@receiver(page_lapsed)
def on_page_lapsed(page: Page, answers: list[PageAnswer], now: datetime, **_: Any) -> None:
    """Nothing was heard of them: it rings again."""
    if incident := incident_of(page.subject_key):
        page_record.record_lapsed(incident, page=page, answers=answers, by=MUSTER, now=now)


@receiver(page_exhausted)
def on_page_exhausted(page: Page, now: datetime, **_: Any) -> None:
    """Nobody answered."""
    if incident := incident_of(page.subject_key):
        page_record.record_exhausted(incident, page=page, by=MUSTER, now=now)


@receiver(page_stopped)
def on_page_stopped(page: Page, by: Actor, reason: str, now: datetime, **_: Any) -> None:
    """A page was stopped."""
    if incident := incident_of(page.subject_key):
        page_record.record_stopped(incident, page=page, by=by, reason=reason, now=now)


@receiver(message_delivered)
def on_message_delivered(message: Message, now: datetime, **_: Any) -> None:
    """Words arrived: a promise is kept when they were handed over, not when they were queued."""
    record_handed_over(message, now=now)


@receiver(message_delivered)
def on_ring_delivered(message: Message, **_: Any) -> None:
    """A ring arrived: whoever looks at the room sees when."""
    announce_delivery(message)


@receiver(user_kept)
def on_user_kept(user: User, now: datetime, **_: Any) -> None:
    """Whoever was switched off commands nothing any more."""
    end_roles_of(user, now=now)
