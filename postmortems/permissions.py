"""May-I, in pairs: `check_can_x` raises inside the action, `can_x` greys the button."""

from accounts.actor import Actor
from accounts.enums import TokenScope
from core.errors import NotAllowed, WrongState
from incidents.permissions import can_respond, check_can_respond
from postmortems.enums import PostmortemStatus
from postmortems.models import Postmortem


def can_write(actor: Actor, postmortem: Postmortem) -> bool:
    """Responders write while it is neither published nor withdrawn; so does whoever holds a role in the incident."""
    return not postmortem.is_final and can_respond(actor, postmortem.incident)


def check_can_write(actor: Actor, postmortem: Postmortem) -> None:
    """Raise NotAllowed or WrongState when `actor` may not change the words of `postmortem`."""
    check_can_respond(actor, postmortem.incident)
    if actor.user is None:
        raise NotAllowed("A postmortem is written by people, not by Muster.")
    if postmortem.status == PostmortemStatus.PUBLISHED:
        raise WrongState("This postmortem is published; its words no longer change.")
    if postmortem.status == PostmortemStatus.WITHDRAWN:
        raise WrongState("This postmortem was withdrawn because it was not an incident; nothing was changed.")


def can_follow_up(actor: Actor, postmortem: Postmortem) -> bool:
    """Action items go on after publication, until the postmortem is withdrawn."""
    return postmortem.status != PostmortemStatus.WITHDRAWN and can_respond(actor, postmortem.incident)


def check_can_follow_up(actor: Actor, postmortem: Postmortem) -> None:
    """Raise NotAllowed or WrongState when `actor` may not change the action items of `postmortem`."""
    check_can_respond(actor, postmortem.incident)
    if actor.user is None:
        raise NotAllowed("Action items are kept by people, not by Muster.")
    if postmortem.status == PostmortemStatus.WITHDRAWN:
        raise WrongState("This postmortem was withdrawn because it was not an incident; nothing was changed.")


def can_approve(actor: Actor, postmortem: Postmortem) -> bool:
    """Whoever was asked to review and has not approved yet, whatever their access."""
    if actor.user is None or actor.scope == TokenScope.READ or postmortem.status != PostmortemStatus.IN_REVIEW:
        return False
    return any(
        review.reviewer_id == actor.user.pk and review.approved_at is None for review in postmortem.reviews.all()
    )


def check_can_approve(actor: Actor, postmortem: Postmortem) -> None:
    """Raise NotAllowed or WrongState when `actor` may not approve `postmortem`; approving twice is no error here."""
    if actor.user is None or actor.scope == TokenScope.READ:
        raise NotAllowed("A reviewer approves in person; this token only reads.")
    if not any(review.reviewer_id == actor.user.pk for review in postmortem.reviews.all()):
        raise NotAllowed(f"{actor} was not asked to review this postmortem.")
    if postmortem.status == PostmortemStatus.PUBLISHED:
        raise WrongState("This postmortem is published already; there is nothing left to approve.")
    if postmortem.status != PostmortemStatus.IN_REVIEW:
        raise WrongState("This postmortem is not in review; nothing was changed.")
