"""May-I, in pairs: `check_can_x` raises inside the action, `can_x` greys the button."""

from accounts.actor import Actor
from accounts.enums import TokenScope, Via
from accounts.models import User
from core.errors import InvalidInput, NotAllowed
from incidents.models import Incident


def can_declare(actor: Actor) -> bool:
    """Everybody who is signed in may declare; a token that only reads may not."""
    return actor.scope != TokenScope.READ


def check_can_declare(actor: Actor) -> None:
    """Raise NotAllowed when `actor` may not declare."""
    if not can_declare(actor):
        raise NotAllowed("This token only reads; it cannot declare an incident.")


def can_see(actor: Actor, incident: Incident) -> bool:
    """Whether `actor` may know of `incident` at all."""
    if actor.user is None or incident.audience_id is None:
        return True
    return Incident.objects.visible_to(actor.user).filter(pk=incident.pk).exists()


def check_may_be_told(person: User, incident: Incident, *, field: str) -> None:
    """Raise InvalidInput when giving `person` work would tell somebody who left, or who may not know of `incident`."""
    if not person.is_active:
        raise InvalidInput(f"{person} is no longer here.", field=field)
    if not can_see(Actor(user=person), incident):
        raise InvalidInput(f"{person} may not see this private incident; let them in first.", field=field)


def can_respond(actor: Actor, incident: Incident) -> bool:
    """Responders act in incidents that they may see; so does whoever holds a role in this one."""
    if actor.scope == TokenScope.READ or not can_see(actor, incident):
        return False
    if actor.may_respond:
        return True
    held = incident.role_assignments.filter(user=actor.user, ended_at__isnull=True)
    return actor.user is not None and held.exists()


def can_note(actor: Actor, incident: Incident) -> bool:
    """Whoever may act writes notes, and so does whom a page rang, by its signed link while that lasts."""
    by_link = actor.via == Via.LINK and actor.user is not None and can_see(actor, incident)
    return by_link or can_respond(actor, incident)


def check_can_note(actor: Actor, incident: Incident) -> None:
    """Raise NotAllowed when `actor` may not write a note in `incident`."""
    if not can_note(actor, incident):
        check_can_respond(actor, incident)


def check_can_respond(actor: Actor, incident: Incident) -> None:
    """Raise NotAllowed when `actor` may not act in `incident`."""
    if actor.scope == TokenScope.READ:
        raise NotAllowed("This token only reads; to act, make one with the scope “respond”.")
    if not can_respond(actor, incident):
        raise NotAllowed(f"{actor} may read here but not act; ask an admin for the access level Responder.")


def can_let_in(actor: Actor, incident: Incident) -> bool:
    """Whoever commands, or an admin; Muster, because a page or a role reached somebody."""
    if actor.scope == TokenScope.READ:
        return False
    return actor.may_configure or (actor.user is not None and incident.commander == actor.user)


def check_can_let_in(actor: Actor, incident: Incident) -> None:
    """Raise NotAllowed where can_let_in says no."""
    if not can_let_in(actor, incident):
        raise NotAllowed("Only who commands, or an admin, decides who may see a private incident.")


def check_can_enter(actor: Actor) -> None:
    """Raise NotAllowed unless `actor` may let themselves into a private incident."""
    if not actor.may_configure:
        raise NotAllowed("Only an admin may let themselves into a private incident; ask who commands it.")


def can_report(actor: Actor, incident: Incident) -> bool:
    """Everybody who is signed in and may see an incident may say that a customer reports it."""
    return actor.user is not None and actor.scope != TokenScope.READ and can_see(actor, incident)


def check_can_report(actor: Actor, incident: Incident) -> None:
    """Raise NotAllowed when `actor` may not report what a customer says."""
    if not can_report(actor, incident):
        raise NotAllowed(f"{actor} may not report for customers here.")


def check_can_record_deployment(actor: Actor) -> None:
    """Raise NotAllowed when `actor` may not write down a deployment."""
    if actor.scope == TokenScope.READ:
        raise NotAllowed("This token only reads; to post deployments, make one with the scope “respond”.")
    if not actor.may_respond:
        raise NotAllowed(f"{actor} may not write down deployments; ask an admin for the access level Responder.")
