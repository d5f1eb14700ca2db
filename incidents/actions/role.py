"""Who holds which role; whose answer makes a commander."""

from datetime import datetime

from django.db import transaction

from accounts.actor import MUSTER, Actor
from accounts.models import User
from comms.enums import MessageKind
from core.errors import InvalidInput, WrongState
from escalation.enums import SAID_BACK
from escalation.models import Page, PageAnswer
from incidents.actions.audience import admit_holder
from incidents.actions.lock import lock_incident, lock_to_act
from incidents.actions.message import tell
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import CommanderRule, EntryKind, RoleKind
from incidents.models import Incident, RoleAssignment, RoleDefinition
from incidents.states import OPEN


def find_role(incident: Incident, slug: str) -> RoleDefinition:
    """The role that this incident's ladder calls `slug`. Raises InvalidInput, naming those there are."""
    roles = list(incident.level.version.roles.all())
    for role in roles:
        if slug.lower() in {role.slug, role.name.lower()}:
            return role
    known = ", ".join(role.slug for role in roles) or "none"
    raise InvalidInput(f"There is no role “{slug}” here; this ladder has: {known}.", field="role")


@transaction.atomic
def assign_role(incident: Incident, *, by: Actor, now: datetime, role: str, user: User) -> RoleAssignment:
    """`user` holds `role` from now on; whoever held a role of one person before is relieved, and both are told.

    Giving it to the one who has it changes nothing. Raises InvalidInput for an unknown role or a person who left,
    NotAllowed, WrongState for a closed incident.
    """
    locked = lock_to_act(incident, by)
    definition = find_role(locked, role)
    if not user.is_active:
        raise InvalidInput(f"{user} is no longer here.", field="user")
    assignment = put_in_role(locked, definition, user, by=by, now=now)
    note_sign_of_life(locked, by=by, now=now)
    return assignment


def put_in_role(
    incident: Incident,
    definition: RoleDefinition,
    user: User,
    *,
    by: Actor,
    now: datetime,
    why: str = "",
    is_told: bool = False,
) -> RoleAssignment:
    """The assignment itself, on a locked incident: ends the former one, writes the entry, tells the person.

    Nothing is sent to who did it themselves, and to who `is_told` of it in another way.
    """
    held = incident.role_assignments.filter(role=definition.slug, ended_at__isnull=True)
    there = held.filter(user=user).first()
    if there:
        return there
    admit_holder(incident, user, by=by, now=now, role=definition.name)
    former = [] if definition.holds_several else list(held.select_related("user"))
    held.filter(pk__in=[row.pk for row in former]).update(ended_at=now)
    assignment = RoleAssignment.objects.create(
        incident=incident,
        role=definition.slug,
        kind=definition.kind,
        name=definition.name,
        user=user,
        began_at=now,
        began_by=by.user,
    )
    text = f"@{user.handle} is {definition.name.lower()}"
    if why:
        text += f", {why}"
    if former:
        text += f"; @{former[0].user.handle} was"
    facts = {"role": definition.slug, "user": user.handle}
    write_entry(incident, by=by, now=now, text=text, kind=EntryKind.ROLE, facts=facts)
    if by.user != user and not is_told:
        tell_holder(incident, assignment, now=now)
    announce_change(incident, "band", "owed", "people")
    return assignment


def tell_holder(incident: Incident, assignment: RoleAssignment, *, now: datetime) -> None:
    """Say so to whoever was put in a role, with how to pass it on."""
    commands = assignment.kind == RoleKind.COMMANDER
    what = "You command this incident" if commands else f"You are {assignment.name.lower()} of this incident"
    tell(
        incident,
        assignment.user,
        now=now,
        kind=MessageKind.NOTICE,
        dedup_key=f"role:{assignment.pk}",
        body=f"{what}. To pass it on, open the room and choose another person under Roles.",
        role=assignment.role,
    )


@transaction.atomic
def leave_role(incident: Incident, *, by: Actor, now: datetime, role: str, user: User) -> RoleAssignment:
    """`user` no longer holds `role`. Raises WrongState when they do not hold it, InvalidInput for an unknown role."""
    locked = lock_to_act(incident, by)
    definition = find_role(locked, role)
    held = locked.role_assignments.filter(role=definition.slug, user=user, ended_at__isnull=True).first()
    if held is None:
        raise WrongState(f"{user} is not {definition.name.lower()} here.")
    held.ended_at = now
    held.save(update_fields=["ended_at"])
    text = f"@{user.handle} is no longer {definition.name.lower()}"
    facts = {"role": definition.slug, "user": user.handle, "left": True}
    write_entry(locked, by=by, now=now, text=text, kind=EntryKind.ROLE, facts=facts)
    note_sign_of_life(locked, by=by, now=now)
    announce_change(locked, "band", "owed", "people")
    return held


def make_commander(
    incident: Incident, user: User, *, by: Actor, now: datetime, why: str, is_told: bool = False
) -> RoleAssignment | None:
    """Put `user` in command of a locked incident that has nobody there and a commander in its ladder."""
    definition = incident.level.version.roles.filter(kind=RoleKind.COMMANDER).first()
    taken = incident.role_assignments.filter(kind=RoleKind.COMMANDER, ended_at__isnull=True).exists()
    if definition is None or taken or incident.status not in OPEN:
        return None
    return put_in_role(incident, definition, user, by=by, now=now, why=why, is_told=is_told)


def make_commander_of_answer(
    incident: Incident, *, page: Page, answer: PageAnswer, now: datetime
) -> RoleAssignment | None:
    """The level's rule: the first who answers a page that is marked so. The incident is locked.

    Where what became of an answer is said back at once (phone, SMS, mail, chat), that says it, and once is enough.
    """
    if not page.makes_commander or incident.level.commander_rule != CommanderRule.FIRST_ANSWER:
        return None
    why, is_told = f"the first to answer {page.group}", answer.via in SAID_BACK
    return make_commander(incident, answer.user, by=MUSTER, now=now, why=why, is_told=is_told)


def end_roles(incident: Incident, *, now: datetime) -> None:
    """The response is over: every role ends with it."""
    lock_incident(incident).role_assignments.filter(ended_at__isnull=True).update(ended_at=now)
