"""Who holds which role; whose answer makes a commander."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.actor import MUSTER, Actor
from accounts.enums import Via
from accounts.models import User
from comms.enums import MessageKind
from core.errors import Conflict, InvalidInput, WrongState
from core.signals import announce
from escalation.actions.page import name_in_charge
from escalation.enums import SAID_BACK, AnswerKind
from escalation.models import Page, PageAnswer
from incidents.actions.audience import admit_holder
from incidents.actions.lock import lock_incident, lock_to_act
from incidents.actions.message import tell
from incidents.actions.promise import pass_on_promises, withdraw_promises
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import CommanderRule, EntryKind, IncidentStatus, PromiseKind, RoleKind
from incidents.models import Handover, Incident, LevelRole, RoleAssignment, RoleDefinition
from incidents.queries.ownership import PASS_ON
from incidents.signals import role_passed_on
from incidents.states import HANDED_OVER, OPEN

BACKUP = "backup commander"  # the group of a page to whoever commands once they answer it


def find_role(incident: Incident, slug: str) -> RoleDefinition:
    """The role that this incident's ladder calls `slug`. Raises InvalidInput, naming those there are."""
    roles = list(incident.level.version.roles.all())
    for role in roles:
        if slug.lower() in {role.slug, role.name.lower()}:
            return role
    known = ", ".join(role.slug for role in roles) or "none"
    raise InvalidInput(f"There is no role “{slug}” here; this ladder has: {known}.", field="role")


@transaction.atomic
def assign_role(
    incident: Incident, *, by: Actor, now: datetime, role: str, user: User, takes_from: User | None = None
) -> RoleAssignment:
    """`user` holds `role` from now on; whoever held a role of one person before is relieved, and both are told.

    Who commands or speaks is relieved without a handover only by a press that names them, `takes_from`, and the
    timeline says so. Giving it to the one who has it changes nothing. Raises InvalidInput for an unknown role or a
    person who left, Conflict when somebody else has it by now, NotAllowed, WrongState for a closed incident or a role
    that has to be taken from its holder.
    """
    locked = lock_to_act(incident, by)
    definition = find_role(locked, role)
    if not user.is_active:
        raise InvalidInput(f"{user} is no longer here.", field="user")
    holder = holder_to_ask(locked, definition)
    why = ""
    if holder and holder != user:
        if takes_from is None:
            raise WrongState(sentence_of_taking(holder, definition, via=by.via))
        if takes_from != holder:
            raise Conflict(f"{holder} is {definition.name.lower()} by now; look again before you take it from them.")
        why = f"taken from @{holder.handle} without a handover"
    assignment = put_in_role(locked, definition, user, by=by, now=now, why=why)
    if holder and holder != user and by.user != holder:
        tell_relieved(locked, holder, assignment, now=now)
    note_sign_of_life(locked, by=by, now=now)
    return assignment


def holder_to_ask(incident: Incident, definition: RoleDefinition) -> User | None:
    """Who has to hand `definition` over: its one holder, where the role commands or speaks."""
    if definition.kind not in HANDED_OVER or definition.holds_several:
        return None
    held = incident.role_assignments.filter(role=definition.slug, ended_at__isnull=True).select_related("user").first()
    return held.user if held else None


def sentence_of_taking(holder: User, definition: RoleDefinition, *, via: str) -> str:
    """What one press more will do, or for a machine what it has to name."""
    how = "name them in takes_from" if via == Via.API else "press once more"
    return f"{holder} is {definition.name.lower()} now; {how} to take it from them without a handover."


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

    What was owed because of the role is theirs from now on, and the entry names it. Nothing is sent to who did it
    themselves, and to who `is_told` of it in another way. Sends role_passed_on once the incident is resolved: what is
    owed after it may be written by somebody else from now on.
    """
    held = incident.role_assignments.filter(role=definition.slug, ended_at__isnull=True)
    there = held.filter(user=user).first()
    if there:
        return there
    admit_holder(incident, user, by=by, now=now, role=definition.name)
    former = [] if definition.holds_several else list(held.select_related("user"))
    if former:
        held.filter(pk__in=[row.pk for row in former]).update(ended_at=now)
        withdraw_handovers(incident, now=now, role=definition.slug, reason=f"@{user.handle} has the role")
    assignment = assignment_of(incident, definition, user, by=by, now=now)
    assignment.save()
    if definition.kind == RoleKind.COMMANDER:
        _begin_command(incident, assignment, now=now)
    passed_on = pass_on_promises(incident, assignment, relieved={row.user_id for row in former})
    text = with_owed(_words_of(assignment, former, why=why), passed_on)
    facts = {"role": definition.slug, "user": user.handle}
    write_entry(incident, by=by, now=now, text=text, kind=EntryKind.ROLE, facts=facts)
    if by.user != user and not is_told:
        tell_holder(incident, assignment, definition, now=now)
    announce_change(incident, "band", "owed", "people")
    if incident.status == IncidentStatus.RESOLVED:
        announce(role_passed_on, Incident, incident=incident, held=assignment, by=by, now=now)
    return assignment


def _words_of(assignment: RoleAssignment, former: Sequence[RoleAssignment], *, why: str) -> str:
    """`@jens is commander, the backup; before: @ana`."""
    text = f"@{assignment.user.handle} is {assignment.name.lower()}"
    before = f"; before: @{former[0].user.handle}" if former else ""
    return f"{text}, {why}{before}" if why else f"{text}{before}"


def _begin_command(incident: Incident, held: RoleAssignment, *, now: datetime) -> None:
    """Nobody is waited for any more; and who has it from somebody else is asked from now on when nothing is heard."""
    if incident.commander_wake_at or incident.commander_trouble:
        incident.commander_wake_at, incident.commander_trouble = None, ""
        incident.save(update_fields=["commander_wake_at", "commander_trouble"])
    if incident.role_assignments.filter(kind=RoleKind.COMMANDER, ended_at__isnull=False).exists():
        name_in_charge(incident.subject_key, held.user, now=now)


def with_owed(text: str, owed: Sequence[str]) -> str:
    """`text` that says who got a role, and what is `owed` by them with it."""
    return f"{text}. Theirs to do now: {', '.join(owed)}" if owed else text


def assignment_of(
    incident: Incident, definition: RoleDefinition, user: User, *, by: Actor, now: datetime
) -> RoleAssignment:
    """The row that says that `user` holds a role from now on, not written yet. The sweep looks at who commands."""
    return RoleAssignment(
        incident=incident,
        role=definition.slug,
        kind=definition.kind,
        name=definition.name,
        user=user,
        began_at=now,
        began_by=by.user,
        wake_at=now if definition.kind == RoleKind.COMMANDER else None,
        alive_at=now if by.user == user else None,
    )


def tell_holder(incident: Incident, assignment: RoleAssignment, definition: RoleDefinition, *, now: datetime) -> None:
    """Say so to whoever was put in a role, with its duties and how to pass it on."""
    seat = LevelRole.objects.filter(level_id=incident.level_id, role=definition.slug).first()
    tell(
        incident,
        assignment.user,
        now=now,
        kind=MessageKind.NOTICE,
        dedup_key=f"role:{assignment.pk}",
        body=words_for_holder(assignment, [words for words in (definition.duties, seat and seat.duties) if words]),
        role=assignment.role,
    )


def words_for_holder(assignment: RoleAssignment, duties: Sequence[str]) -> str:
    """What somebody hears who got a role."""
    commands = assignment.kind == RoleKind.COMMANDER
    what = "You command this incident" if commands else f"You are {assignment.name.lower()} of this incident"
    return "\n\n".join([f"{what}. {PASS_ON}", *(words.strip() for words in duties)])


def tell_relieved(incident: Incident, former: User, assignment: RoleAssignment, *, now: datetime) -> None:
    """Say to whoever had a role that it is no longer theirs, and whose it is."""
    tell(
        incident,
        former,
        now=now,
        kind=MessageKind.NOTICE,
        dedup_key=f"relieved:{assignment.pk}",
        body=f"You are no longer {assignment.name.lower()} of this incident: @{assignment.user.handle} is.",
        role=assignment.role,
    )


def withdraw_handovers(
    incident: Incident, *, now: datetime, reason: str, role: str | None = None, to: User | None = None
) -> int:
    """Offers that wait for an answer end, and nobody owes one; how many there were. The incident is locked.

    Those of `role` and `to` one person, where that is given.
    """
    waiting = Handover.objects.waiting().filter(incident=incident)
    waiting = waiting.filter(role=role) if role else waiting
    waiting = waiting.filter(to_user=to) if to else waiting
    ended = list(waiting)
    for offer in ended:
        key = offer.subject_key
        withdraw_promises(incident, now=now, kinds=(PromiseKind.HANDOVER,), reason=reason, subject_key=key)
    return waiting.filter(pk__in=[offer.pk for offer in ended]).update(withdrawn_at=now) if ended else 0


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
    """The level's rule: the first who answers a page that is marked so; or the backup. The incident is locked.

    Whoever commands, and is absent or cannot come, is relieved by that answer, and is told. Where what became of an
    answer is said back at once (phone, SMS, mail, chat), that says it, and once is enough.
    """
    is_backup = page.group == BACKUP
    if not page.makes_commander or incident.status not in OPEN:
        return None
    if not is_backup and incident.level.commander_rule != CommanderRule.FIRST_ANSWER:
        return None
    why = "the backup" if is_backup else f"the first to answer {page.group}"
    held = incident.role_assignments.filter(kind=RoleKind.COMMANDER, ended_at__isnull=True).first()
    if held is None:
        is_told = answer.via in SAID_BACK
        return make_commander(incident, answer.user, by=MUSTER, now=now, why=why, is_told=is_told)
    gone = _gone(held, page)
    if held.user_id == answer.user_id or not gone:
        return None
    return _relieve(incident, held, answer, now=now, why=f"{why} instead of @{held.user.handle}, {gone}")


def _gone(held: RoleAssignment, page: Page) -> str:
    """Why whoever commands is relieved by an answer to `page`; nothing where they are there."""
    last = page.answers.filter(user=held.user_id).order_by("-at", "-pk").first()
    if last and last.kind == AnswerKind.DECLINED:
        return "who cannot come"
    return "of whom nothing was heard" if held.absent_at else ""


def _relieve(
    incident: Incident, held: RoleAssignment, answer: PageAnswer, *, now: datetime, why: str
) -> RoleAssignment:
    definition, is_told = find_role(incident, held.role), answer.via in SAID_BACK
    assignment = put_in_role(incident, definition, answer.user, by=MUSTER, now=now, why=why, is_told=is_told)
    tell_relieved(incident, held.user, assignment, now=now)
    return assignment


def end_roles(incident: Incident, *, now: datetime) -> None:
    """The response is over: every role ends with it, and so does whatever else somebody was here for."""
    lock_incident(incident).role_assignments.filter(ended_at__isnull=True).update(ended_at=now)
    withdraw_handovers(incident, now=now, reason="the response is over")
    incident.responders.filter(left_at__isnull=True).update(left_at=now)
    incident.sub_teams.filter(ended_at__isnull=True).update(ended_at=now)
