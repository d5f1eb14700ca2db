"""A role whose holder left it, or is no longer here: said in the record, and filled again by the rule of the level."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.actor import MUSTER, Actor
from accounts.models import User
from core.errors import WrongState
from escalation.actions.page import name_in_charge
from incidents.actions.lock import lock_incident, lock_to_act
from incidents.actions.role import find_role, withdraw_handovers
from incidents.actions.seat import fill_seats, name_commander, wait_for_command
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import CommanderRule, EntryKind, RoleKind
from incidents.models import Incident, RoleAssignment
from incidents.states import OPEN


@transaction.atomic
def leave_role(incident: Incident, *, by: Actor, now: datetime, role: str, user: User) -> RoleAssignment:
    """`user` no longer holds `role`; where it commands, the rule of the level names another, or its backup will.

    What they owed because of it stays theirs until somebody has the role. Raises WrongState when they do not hold it,
    InvalidInput for an unknown role.
    """
    locked = lock_to_act(incident, by)
    definition = find_role(locked, role)
    held = locked.role_assignments.filter(role=definition.slug, user=user, ended_at__isnull=True).first()
    if held is None:
        raise WrongState(f"{user} is not {definition.name.lower()} here.")
    held.user = user
    text = f"@{user.handle} is no longer {held.name.lower()}"
    _end(locked, held, by=by, now=now, text=text, reason=f"@{user.handle} left the role")
    note_sign_of_life(locked, by=by, now=now)
    if held.kind == RoleKind.COMMANDER:
        command_again(locked, now=now, left=user)
    return held


def end_roles_of(user: User, *, now: datetime) -> int:
    """`user` is switched off: they hold nothing any more; how many roles that were. Who is here keeps everything.

    In every incident that is not closed, with the reason in its timeline; the rules of the level fill what is empty.
    Offers to them are over.
    """
    if user.is_active:
        return 0
    why = "was switched off and is no longer here"
    mine = Q(role_assignments__user=user, role_assignments__ended_at__isnull=True)
    offered = Q(handovers__to_user=user, handovers__accepted_at=None, handovers__declined_at=None)
    found = Incident.objects.open().filter(mine | offered & Q(handovers__withdrawn_at=None))
    ended = 0
    for incident in found.distinct().order_by("pk"):
        ended += _end_roles_in(lock_incident(incident), user, now=now, why=why)
    return ended


def _end_roles_in(incident: Incident, user: User, *, now: datetime, why: str) -> int:
    withdraw_handovers(incident, now=now, reason=f"@{user.handle} {why}", to=user)
    held = list(incident.role_assignments.filter(user=user, ended_at__isnull=True).order_by("began_at", "pk"))
    for row in held:
        row.user = user
        text = f"**@{user.handle} is no longer {row.name.lower()}:** @{user.handle} {why}"
        _end(incident, row, by=MUSTER, now=now, text=text, reason=f"@{user.handle} {why}")
    if any(row.kind == RoleKind.COMMANDER for row in held):
        command_again(incident, now=now, left=user)
    if held:
        fill_seats(incident, by=MUSTER, now=now)
    return len(held)


def _end(incident: Incident, held: RoleAssignment, *, by: Actor, now: datetime, text: str, reason: str) -> None:
    """The end of one span of a locked incident, in the timeline, with what was offered of it."""
    held.ended_at = now
    held.save(update_fields=["ended_at"])
    withdraw_handovers(incident, now=now, role=held.role, reason=reason)
    facts = {"role": held.role, "user": held.user.handle, "left": True}
    write_entry(incident, by=by, now=now, text=text, kind=EntryKind.ROLE, facts=facts)
    announce_change(incident, "band", "owed", "people")


def command_again(incident: Incident, *, now: datetime, left: User) -> None:
    """Nobody commands a locked incident since `left` went: whom the rule of its level names does, unless it is them.

    Where that is nobody it is owed, red, and in time the sweep calls the backup, or rings for the first answer again.
    """
    name_in_charge(incident.subject_key, None, now=now)
    if incident.status not in OPEN or incident.level.commander_rule == CommanderRule.NOBODY:
        return
    name_commander(incident, by=MUSTER, now=now, left=left)
    if incident.commander is None:
        incident.commander_wake_at = now + wait_for_command(incident.level)
        incident.save(update_fields=["commander_wake_at"])
