"""A commander who is silent is asked once, then the backup is rung: who answers relieves them."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from accounts.actor import MUSTER, Actor
from accounts.models import User
from comms.enums import MessageKind
from core.moments import show_near
from escalation.enums import AnswerKind
from escalation.models import Page, PageAnswer
from escalation.plan import watch
from incidents.actions.lock import lock_incident
from incidents.actions.message import tell
from incidents.actions.paging import ring
from incidents.actions.role import BACKUP
from incidents.actions.seat import wait_for_command
from incidents.actions.timeline import note_command_alive, write_entry
from incidents.enums import EntryKind
from incidents.models import Incident, RoleAssignment
from incidents.queries.seats import Found, on_call_by_slug


def backup_of(incident: Incident, *, now: datetime, instead_of: User | None = None) -> Found:
    """Who is on call in the backup schedule of the level, unless it is `instead_of` whom they would command."""
    slug = incident.level.commander_backup
    if not slug:
        return Found(None, f"{incident.level} has none")
    found = on_call_by_slug([slug], now)[slug]
    if found.person and found.person == instead_of:
        return Found(None, f"it is {found.person} too, {found.why}")
    return found


def ring_backup(incident: Incident, backup: User, *, now: datetime, body: str) -> None:
    """Ring `backup`, who commands once they answer; not again while a backup is rung. The incident is locked."""
    rings = Page.objects.unanswered().filter(subject_key=incident.subject_key, group=BACKUP)
    if not rings.exists():
        ring(incident, by=MUSTER, now=now, group=BACKUP, people=[backup], makes_commander=True, body=body)


def see_silence(incident: Incident, held: RoleAssignment, *, now: datetime) -> datetime | None:
    """Ask whoever commands for a sign of life, or take them for absent, or wait; when to look again.

    Who has never answered is absent after the time to acknowledge, or once they said that they cannot come. Who has is
    asked first, after the silence that the level allows, and is absent when half as long again has passed. The caller
    holds the incident, and saves `held`.
    """
    if held.absent_at:
        return None
    alive_at = last_life_of(incident, held)
    if held.alive_at is None:
        absent_at = alive_at + wait_for_command(incident.level)
        if now < absent_at and not _has_declined(incident, held):
            return absent_at
        _relieve(incident, held, alive_at=alive_at, now=now)
        return None
    silence = incident.level.silence
    if silence is None:
        return None
    decision = watch(silence, alive_at=alive_at, nudged_at=held.asked_at, now=now)
    if decision.lapses:
        _relieve(incident, held, alive_at=alive_at, now=now)
        return None
    if decision.nudges:
        held.asked_at = now
        _ask(incident, held, alive_at=alive_at, until=decision.wake_at, now=now)
    return decision.wake_at


@transaction.atomic
def record_repeated(incident: Incident, *, by: Actor, now: datetime) -> None:
    """Somebody answered once more as before: nothing new for the record, and a sign of life."""
    note_command_alive(lock_incident(incident), by=by, now=now)


def last_life_of(incident: Incident, held: RoleAssignment) -> datetime:
    """The newest of: when they took command, their last act in the incident, the arrival that they named."""
    answers = PageAnswer.objects.filter(
        page__subject_key=incident.subject_key, user=held.user, kind=AnswerKind.ACKNOWLEDGED, lapsed_at__isnull=True
    )
    arrives_at = answers.aggregate(last=Max("arrives_at"))["last"]
    return max(moment for moment in (held.began_at, held.alive_at, arrives_at) if moment)


def _has_declined(incident: Incident, held: RoleAssignment) -> bool:
    declined = PageAnswer.objects.filter(page__subject_key=incident.subject_key, kind=AnswerKind.DECLINED)
    return declined.filter(user=held.user, at__gte=held.began_at).exists()


def _ask(incident: Incident, held: RoleAssignment, *, alive_at: datetime, until: datetime, now: datetime) -> None:
    """One quiet question; the same key as that of a page that they answered, so that nobody is asked twice."""
    what = "the backup is rung" if incident.level.commander_backup else "the room has to find another commander"
    zone = held.user.zone
    tell(
        incident,
        held.user,
        now=now,
        kind=MessageKind.NUDGE,
        dedup_key=f"nudge:{incident.subject_key}:{alive_at.timestamp():.0f}:{held.user_id}",
        body=f"Are you still there? You command, and nothing was heard of you since {show_near(alive_at, now, zone)}. "
        f"A note in the room is enough. Without a sign of life by {show_near(until, now, zone)} {what}.",
        role=held.role,
    )
    text = f"Asked {held.user}, who commands, for a sign of life; without one by {show_near(until, now)} {what}"
    write_entry(incident, by=MUSTER, now=now, text=text, kind=EntryKind.ROLE, facts={"role": held.role})


def _relieve(incident: Incident, held: RoleAssignment, *, alive_at: datetime, now: datetime) -> None:
    """The backup is rung, and the one who is silent told; both in the record. They command until somebody answers."""
    who, since = held.user, show_near(alive_at, now)
    silent = f"has not answered since {since}" if held.alive_at is None else f"was last heard of at {since}"
    found = backup_of(incident, now=now, instead_of=who)
    held.asked_at, held.absent_at = held.asked_at or now, now
    if found.person:
        what = f"the backup, {found.person}, {found.why}, is rung and commands once they answer"
    else:
        what = f"there is no backup: {found.why}. Take command in the room"
    text = f"**{who} commands and {silent}:** {what}"
    write_entry(incident, by=MUSTER, now=now, text=text, kind=EntryKind.ROLE, facts={"role": held.role})
    if found.person:
        body = f"{who} commands and {silent}. You are the backup: you command once you answer."
        ring_backup(incident, found.person, now=now, body=body)
    tell(
        incident,
        who,
        now=now,
        kind=MessageKind.NUDGE,
        dedup_key=f"absent:{held.pk}:{alive_at.timestamp():.0f}",
        body="You command this incident, and nothing was heard of you since "
        f"{show_near(alive_at, now, who.zone)}: {what}. Whatever you do in the room before that keeps it yours.",
        role=held.role,
    )
