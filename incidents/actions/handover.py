"""Handing over a role that commands or speaks: offered with a brief, and theirs only once they accept it."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.actor import Actor
from accounts.models import User
from comms.enums import MessageKind
from core.errors import InvalidInput, NotAllowed, WrongState
from core.markdown import render_markdown
from incidents.actions.audience import admit_holder
from incidents.actions.lock import lock_to_act
from incidents.actions.message import tell
from incidents.actions.promise import make_promise, withdraw_promises
from incidents.actions.role import assign_role, find_role, holder_to_ask, put_in_role, withdraw_handovers
from incidents.actions.timeline import note_sign_of_life, write_entry
from incidents.actions.watchers import announce_change
from incidents.enums import EntryKind, PromiseKind
from incidents.export import handover_brief
from incidents.models import Handover, Incident, Promise, RoleAssignment
from incidents.permissions import can_let_in, can_see
from incidents.queries.handover import brief_of

ANSWER_WITHIN = timedelta(minutes=10)


def give_role(
    incident: Incident, *, by: Actor, now: datetime, role: str, user: User, takes_from: User | None = None
) -> RoleAssignment | Handover:
    """What “give them this role” means: an offer where `by` holds it and it has to be accepted, else at once.

    `takes_from` is the press that takes such a role from somebody else. Raises what the two actions raise.
    """
    holder = holder_to_ask(incident, find_role(incident, role))
    if holder and holder == by.user and user != holder:
        return offer_handover(incident, by=by, now=now, role=role, to=user)
    return assign_role(incident, by=by, now=now, role=role, user=user, takes_from=takes_from)


@transaction.atomic
def offer_handover(incident: Incident, *, by: Actor, now: datetime, role: str, to: User) -> Handover:
    """Offer `role`, which `by` holds, to `to`: they get a brief, and owe an answer within ten minutes.

    Until they accept it everything stays with `by`. The same offer again is the first one; another one takes its
    place. Who may not see a private incident is let in, and told so, where `by` may let in. Raises InvalidInput for
    somebody who left, or may not see it and cannot be let in, WrongState when `by` does not hold
    the role or it needs no handover, NotAllowed.
    """
    locked = lock_to_act(incident, by)
    definition = find_role(locked, role)
    _check_may_get(locked, to, by)
    if by.user is None or holder_to_ask(locked, definition) != by.user:
        raise WrongState(f"Only whoever is {definition.name.lower()} hands it over.")
    waiting = Handover.objects.waiting().filter(incident=locked, role=definition.slug, to_user=to).first()
    if waiting:
        return waiting
    withdraw_handovers(locked, now=now, role=definition.slug, reason=f"offered to @{to.handle} instead")
    is_let_in = not can_see(Actor(to), locked)
    if is_let_in:
        admit_holder(locked, to, by=by, now=now, role=f"is offered the role {definition.name}")
    brief = handover_brief(brief_of(locked), now=now, zone=to.zone)
    offer = Handover.objects.create(
        incident=locked,
        number=locked.handovers.count() + 1,
        role=definition.slug,
        name=definition.name,
        from_user=by.user,
        to_user=to,
        brief=brief,
        html=render_markdown(brief),
        offered_at=now,
        offered_by=by.user,
    )
    _owe_answer(offer, by=by, now=now)
    text = f"@{by.user.handle} offers @{to.handle} the role {definition.name.lower()}; it is theirs once they accept"
    text += f". @{to.handle} was let in for it" if is_let_in else ""
    _record(offer, text=text, by=by, now=now)
    return offer


def _check_may_get(incident: Incident, to: User, by: Actor) -> None:
    if not to.is_active:
        raise InvalidInput(f"{to} is no longer here.", field="user")
    if to == by.user:
        raise InvalidInput("Name somebody else; it is yours already.", field="user")
    if not can_see(Actor(to), incident) and not can_let_in(by, incident):
        raise InvalidInput(f"{to} may not see this private incident; let them in first.", field="user")


def _owe_answer(offer: Handover, *, by: Actor, now: datetime) -> None:
    what, is_private = offer.name.lower(), offer.incident.audience_id is not None
    private = " It is private: speak of it with nobody but those whom the room names." if is_private else ""
    make_promise(
        offer.incident,
        by=by,
        now=now,
        kind=PromiseKind.HANDOVER,
        due_at=now + ANSWER_WITHIN,
        subject=f"Accept the role {what} from @{offer.from_user.handle}, or decline it",
        owner=offer.to_user,
        subject_key=offer.subject_key,
        link=offer.get_absolute_url(),
    )
    tell(
        offer.incident,
        offer.to_user,
        now=now,
        kind=MessageKind.NUDGE,
        dedup_key=f"handover:{offer.pk}",
        body=f"@{offer.from_user.handle} offers you the role {what}. Accept it or decline it: until then it stays "
        f"theirs.{private}\n\n{offer.brief}",
        link=offer.get_absolute_url(),
        role=offer.role,
    )


@transaction.atomic
def accept_handover(offer: Handover, *, by: Actor, now: datetime) -> RoleAssignment:
    """`by` has the role from now on; both spans are kept, and whoever offered it is told.

    A second time changes nothing. Raises NotAllowed for anybody but whom it was offered to, WrongState when it was
    declined or taken back.
    """
    locked, fresh = _to_answer(offer, by)
    definition = find_role(locked, fresh.role)
    held = locked.role_assignments.filter(role=fresh.role, user=by.user, ended_at__isnull=True).first()
    if fresh.accepted_at and held:
        return held
    _check_waits(fresh)
    fresh.accepted_at = now
    fresh.save(update_fields=["accepted_at"])
    kept = Promise.objects.undone().filter(incident=locked, subject_key=fresh.subject_key)
    kept.update(done_at=now, done_by=by.user, kept_at=now, kept_by=by.user, wake_at=None)
    _tell_outgoing(fresh, f"@{fresh.to_user.handle} has accepted: the role {fresh.name.lower()} is theirs.", now)
    note_sign_of_life(locked, by=by, now=now)
    why = f"handed over by @{fresh.from_user.handle}"
    return put_in_role(locked, definition, fresh.to_user, by=by, now=now, why=why)


@transaction.atomic
def decline_handover(offer: Handover, *, by: Actor, now: datetime) -> Handover:
    """`by` does not take it: the role stays where it is, and whoever offered it is told. A second time is no error.

    Raises NotAllowed for anybody but whom it was offered to, WrongState when it was accepted or taken back.
    """
    locked, fresh = _to_answer(offer, by)
    if fresh.declined_at:
        return fresh
    _check_waits(fresh)
    fresh.declined_at = now
    fresh.save(update_fields=["declined_at"])
    reason = f"declined by @{fresh.to_user.handle}"
    withdraw_promises(locked, now=now, kinds=(PromiseKind.HANDOVER,), reason=reason, subject_key=fresh.subject_key)
    text = f"@{fresh.to_user.handle} declined the role {fresh.name.lower()}; it stays with @{fresh.from_user.handle}"
    _record(fresh, text=text, by=by, now=now)
    _tell_outgoing(fresh, f"@{fresh.to_user.handle} declined: the role {fresh.name.lower()} stays yours.", now)
    note_sign_of_life(locked, by=by, now=now)
    return fresh


@transaction.atomic
def take_back_handover(offer: Handover, *, by: Actor, now: datetime) -> Handover:
    """Whoever offered it keeps the role. Raises NotAllowed for others, WrongState when it was answered."""
    locked = lock_to_act(offer.incident, by)
    fresh = Handover.objects.select_related("from_user", "to_user").get(pk=offer.pk)
    fresh.incident = locked
    if by.user != fresh.from_user:
        raise NotAllowed(f"Only {fresh.from_user} takes it back.")
    if fresh.withdrawn_at:
        return fresh
    _check_waits(fresh)
    withdraw_handovers(locked, now=now, role=fresh.role, reason="taken back")
    fresh.withdrawn_at = now
    text = f"@{fresh.from_user.handle} keeps the role {fresh.name.lower()}; the offer is taken back"
    _record(fresh, text=text, by=by, now=now)
    return fresh


def _to_answer(offer: Handover, by: Actor) -> tuple[Incident, Handover]:
    locked = lock_to_act(offer.incident, by)
    fresh = Handover.objects.select_related("from_user", "to_user").get(pk=offer.pk)
    fresh.incident = locked
    if by.user != fresh.to_user:
        raise NotAllowed(f"It was offered to {fresh.to_user}; only they accept or decline it.")
    return locked, fresh


def _check_waits(offer: Handover) -> None:
    if not offer.is_open:
        raise WrongState(f"This offer of the role {offer.name.lower()} is over; nothing was changed.")


def _record(offer: Handover, *, text: str, by: Actor, now: datetime) -> None:
    facts = {"role": offer.role, "handover": offer.number}
    write_entry(offer.incident, by=by, now=now, text=text, kind=EntryKind.ROLE, facts=facts)
    announce_change(offer.incident, "band", "owed", "people")


def _tell_outgoing(offer: Handover, body: str, now: datetime) -> None:
    tell(
        offer.incident,
        offer.from_user,
        now=now,
        kind=MessageKind.NOTICE,
        dedup_key=f"handover:{offer.pk}:answer",
        body=body,
        role=offer.role,
    )
