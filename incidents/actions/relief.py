"""A commander who is silent is asked once, then others are rung: the backup, else the groups of the level, else
whoever is left.

Who answers relieves them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q

from accounts.actor import MUSTER, Actor
from accounts.enums import AccessLevel
from accounts.models import User
from comms.enums import MessageKind
from core.moments import show_near
from escalation.actions.page import Group
from escalation.enums import AnswerKind
from escalation.models import Page, PageAnswer, Policy
from escalation.plan import watch
from escalation.states import LOOKS_FOR_SOMEBODY
from incidents.actions.lock import lock_incident
from incidents.actions.message import tell
from incidents.actions.paging import ring, ring_groups
from incidents.actions.role import BACKUP
from incidents.actions.seat import wait_for_command
from incidents.actions.timeline import note_command_alive, write_entry
from incidents.enums import CommanderRule, EntryKind
from incidents.models import Incident, LevelPage, RoleAssignment
from incidents.queries.paging import policies_of_groups, policy_of_group
from incidents.queries.people import who_could_command
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


@dataclass(frozen=True)
class Relief:
    """Who is to be rung for a commander: people by name or escalation policies, or nobody; in half a sentence."""

    what: str
    people: tuple[User, ...] = ()
    policies: tuple[Policy, ...] = ()
    is_backup: bool = False


def relief_of(incident: Incident, *, now: datetime, instead_of: User | None = None) -> Relief:
    """The backup of the level; without one whoever the level pages, first those whose answer makes a commander.

    A level that pages nobody rings who is left (`_last_relief`). Nobody is rung twice: what rings already goes on.
    """
    found = backup_of(incident, now=now, instead_of=instead_of)
    if found.person:
        what = f"the backup, {found.person}, {found.why}, is rung and commands once they answer"
        return Relief(what, people=(found.person,), is_backup=True)
    groups = list(incident.level.pages.all())
    groups = [group for group in groups if group.makes_commander] or groups
    asked = policies_of_groups(groups, level=incident.level, service=incident.service)
    rung = {policy: group.group for group, (policy, _) in zip(groups, asked, strict=True) if policy}
    if rung:
        return _relief_of_policies(incident, rung, found.why, now=now)
    return _last_relief(incident, found.why, now=now, but=instead_of)


def _relief_of_policies(incident: Incident, rung: Mapping[Policy, str], why: str, *, now: datetime) -> Relief:
    """That of `rung`, {policy: what it is called here}, but for those that ring already; there is no backup: `why`."""
    rings = _ringing_for_command(incident, now=now)
    named = ", ".join(dict.fromkeys(rung.values()))
    verb = "rings already" if rings.issuperset(policy.pk for policy in rung) else "is rung"
    what = f"there is no backup: {why}. Instead {named} {verb}, and whoever answers first commands"
    return Relief(what, policies=tuple(policy for policy in rung if policy.pk not in rings))


def _last_relief(incident: Incident, why: str, *, now: datetime, but: User | None) -> Relief:
    """Neither backup nor group: whoever else is in the incident, else the policy of its service or the ladder's
    default, else the admins.

    Whoever is in it is awake and knows the story, and a level that pages nobody is to wake as few as possible. A
    private incident lets nobody in by itself: who is not in it is not rung.
    """
    people, who = who_could_command(incident, but=but), "in it"
    if not people and incident.audience_id is None:
        policy, _ = policy_of_group(LevelPage(group=BACKUP), level=incident.level, service=incident.service)
        if policy:
            return _relief_of_policies(incident, {policy: str(policy)}, why, now=now)
        admins = User.objects.filter(access=AccessLevel.ADMIN, is_active=True)
        people, who = [person for person in admins if person != but], "admin here"
    if not people:
        return Relief(f"there is no backup: {why}. Take command in the room")
    verb = "is" if len(people) == 1 else "are"
    named = f"{', '.join(str(person) for person in people)}, who {verb} {who}, {verb} rung"
    what = f"there is no backup: {why}. Instead {named}, and whoever answers first commands"
    return Relief(what, people=tuple(people))


def _ringing_for_command(incident: Incident, *, now: datetime) -> set[int | None]:
    """The policies that ring for a commander by now, or begin again in this moment because nothing was heard."""
    pages = Page.objects.filter(subject_key=incident.subject_key, makes_commander=True)
    if incident.level.commander_rule != CommanderRule.FIRST_ANSWER:
        pages = pages.filter(group=BACKUP)
    begins_again = Q(nudged_at__isnull=False, wake_at__lte=now, stopped_at__isnull=True)
    return set(pages.filter(Q(status__in=LOOKS_FOR_SOMEBODY) | begins_again).values_list("policy", flat=True))


def ring_relief(incident: Incident, relief: Relief, *, now: datetime, body: str) -> None:
    """Ring them with `body`, and say how they come to command; not again while a backup is rung. It is locked."""
    how = "There is no backup: whoever answers first commands."
    if relief.people:
        rings = Page.objects.unanswered().filter(subject_key=incident.subject_key, group=BACKUP)
        if not rings.exists():
            how = "You are the backup: you command once you answer." if relief.is_backup else how
            body, people = f"{body} {how}", relief.people
            ring(incident, by=MUSTER, now=now, group=BACKUP, people=people, makes_commander=True, body=body)
        return
    asked: list[Group] = [{"group": BACKUP, "policy": policy, "makes_commander": True} for policy in relief.policies]
    ring_groups(incident, asked, by=MUSTER, now=now, body=f"{body} {how}")


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
    what = "the backup is rung" if incident.level.commander_backup else "others are rung"
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
    """Others are rung, and the one who is silent told; both in the record. They command until somebody answers."""
    who, since = held.user, show_near(alive_at, now)
    silent = f"has not answered since {since}" if held.alive_at is None else f"was last heard of at {since}"
    relief = relief_of(incident, now=now, instead_of=who)
    held.asked_at, held.absent_at = held.asked_at or now, now
    text = f"**{who} commands and {silent}:** {relief.what}"
    write_entry(incident, by=MUSTER, now=now, text=text, kind=EntryKind.ROLE, facts={"role": held.role})
    ring_relief(incident, relief, now=now, body=f"{who} commands and {silent}.")
    tell(
        incident,
        who,
        now=now,
        kind=MessageKind.NUDGE,
        dedup_key=f"absent:{held.pk}:{alive_at.timestamp():.0f}",
        body="You command this incident, and nothing was heard of you since "
        f"{show_near(alive_at, now, who.zone)}: {relief.what}. "
        "Whatever you do in the room before that keeps it yours.",
        role=held.role,
    )
