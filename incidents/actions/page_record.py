"""What became of a page of an incident, said in its timeline; called by receivers."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from accounts.models import User
from core.moments import show_near
from escalation.actions.page import note_sign_of_life
from escalation.enums import AnswerKind, AttemptOutcome, PageStatus
from escalation.models import Page, PageAnswer, PageAttempt
from incidents.actions.lock import lock_incident
from incidents.actions.promise import break_answer_promise, keep_promise_about, withdraw_promises
from incidents.actions.role import make_commander_of_answer
from incidents.actions.timeline import note_command_alive, record, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind, PromiseKind, RoleKind
from incidents.models import Incident
from incidents.owed import page_key


def record_rings(incident: Incident, *, page: Page, attempts: Sequence[PageAttempt], now: datetime, by: Actor) -> None:
    """One entry for one step: who was rung, and who was not and why."""
    rung = [str(row.user or row.source) for row in attempts if row.outcome == AttemptOutcome.RUNG]
    others = [
        f"{attempt.user or attempt.source}: {attempt.get_outcome_display().lower()}"
        for attempt in attempts
        if attempt.outcome != AttemptOutcome.RUNG
    ]
    whom = ", ".join(rung)
    by_hand = whom == page.group  # Then the group is called like its people: they are named once.
    text = f"Rang {page.group}{'' if by_hand else f': {whom}'}" if rung else f"Nobody to ring for {page.group}"
    first = attempts[0]
    if first.run:
        text += f" (pass {first.run + 1})"
    if first.round:
        text += " (from the top again)"
    if others:
        text += f" · {'; '.join(others)}"
    record(incident, now=now, text=text, kind=EntryKind.PAGE, by=by, page=page.ref)
    announce_change(incident, "band", "owed", "people")


@transaction.atomic
def record_answer(incident: Incident, *, page: Page, answer: PageAnswer, by: Actor, now: datetime) -> None:
    """An answer enters the record, and may make a commander as the level's rule says."""
    locked = lock_incident(incident)
    took = int((answer.at - page.started_at).total_seconds())
    shown = f"{took} s" if took < 120 else f"{took // 60} min"
    if answer.kind == AnswerKind.DECLINED:
        text = f"@{answer.user.handle} answered {page.group}: cannot come (after {shown})"
    elif answer.arrives_at:
        minutes = round((answer.arrives_at - answer.at).total_seconds() / 60)
        text = f"@{answer.user.handle} answered {page.group}: there in {minutes} min (after {shown})"
    else:
        text = f"@{answer.user.handle} answered {page.group}: on it (after {shown})"
    facts = {"page": page.ref, "answer": answer.kind}
    write_entry(locked, by=by, now=now, text=text, kind=EntryKind.PAGE, facts=facts)
    locked.last_activity_at = now
    note_sign_of_life(locked.subject_key, by=by, now=now)
    if answer.kind == AnswerKind.ACKNOWLEDGED:
        locked.acknowledged_at = locked.acknowledged_at or answer.at
        keep_promise_about(locked, PromiseKind.ANSWER, subject_key=page_key(page.ref), by=by, now=now)
        make_commander_of_answer(locked, page=page, answer=answer, now=now)
        note_command_alive(locked, by=by, now=now)
    else:
        held = locked.role_assignments.filter(user=answer.user, kind=RoleKind.COMMANDER, ended_at__isnull=True)
        held.update(wake_at=now)  # the sweep sees whether somebody who cannot come commands
    locked.save(update_fields=["acknowledged_at", "last_activity_at"])
    announce_change(locked, "band", "owed", "people")


def record_held(incident: Incident, *, page: Page, by: Actor, now: datetime) -> None:
    """Maintenance of the service makes a machine's page wait, and until when."""
    until = show_near(page.wake_at, now) if page.wake_at else "it is over"
    goes_on = "then it is rung" if page.status == PageStatus.HELD else "then the next step is rung"
    text = f"{page.group} is held by maintenance of {page.service or 'the service'} until {until}; {goes_on}"
    record(incident, now=now, text=text, kind=EntryKind.PAGE, by=by, page=page.ref, event="held")
    announce_change(incident, "band", "owed", "people")


def record_nudged(incident: Incident, *, page: Page, people: Sequence[User], by: Actor, now: datetime) -> None:
    """Whoever has it was asked whether they are still there."""
    names = ", ".join(str(user) for user in people)
    answered = set(page.answers.filter(lapsed_at__isnull=True).values_list("user", flat=True))
    has_it = "answered" if answered.issuperset(user.pk for user in people) else "commands since somebody else answered"
    until = f"; without one it rings anew at {show_near(page.wake_at, now)}" if page.wake_at else ""
    text = f"Asked {names}, who {has_it} {page.group}, for a sign of life{until}"
    record(incident, now=now, text=text, kind=EntryKind.PAGE, by=by, page=page.ref, event="nudged")
    announce_change(incident, "band", "owed", "people")


def record_lapsed(incident: Incident, *, page: Page, answers: Sequence[PageAnswer], by: Actor, now: datetime) -> None:
    """The answers count no more: nobody has acted since, and it rings from the top."""
    names = ", ".join(f"@{answer.user.handle}" for answer in answers)
    text = f"**{names} answered {page.group} and nothing was heard since:** it rings again from the top"
    record(incident, now=now, text=text, kind=EntryKind.PAGE, by=by, page=page.ref, event="lapsed")
    announce_change(incident, "band", "owed", "people")


@transaction.atomic
def record_exhausted(incident: Incident, *, page: Page, by: Actor, now: datetime) -> None:
    """Every pass is over and nobody has answered: said so, and a broken promise, red until somebody does."""
    locked = lock_incident(incident)
    text = f"**Nobody has answered {page.group}.** Every step was rung."
    if page.wake_at:
        text += f" It begins from the top at {show_near(page.wake_at, now)}, until somebody answers."
    facts = {"page": page.ref, "event": "exhausted"}
    write_entry(locked, by=by, now=now, text=text, kind=EntryKind.PAGE, facts=facts)
    subject, link = f"Answer the page of {page.group}", page.get_absolute_url()
    break_answer_promise(locked, subject_key=page_key(page.ref), subject=subject, link=link, now=now)
    announce_change(incident, "band", "owed", "people")


def record_stopped(incident: Incident, *, page: Page, by: Actor, reason: str, now: datetime) -> None:
    """A page that still rang was stopped, and why: nobody owes it an answer any more."""
    text = f"Stopped ringing {page.group}: {reason}"
    record(incident, now=now, text=text, kind=EntryKind.PAGE, by=by, page=page.ref)
    withdraw_promises(incident, now=now, kinds=(PromiseKind.ANSWER,), reason=reason, subject_key=page_key(page.ref))
    announce_change(incident, "band", "owed", "people")
