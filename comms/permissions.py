"""Who may say how people and channels are reached, in pairs: can_x greys the button, check_can_x guards the action."""

from accounts.actor import Actor
from accounts.enums import TokenScope
from comms.models import ContactPoint
from core.errors import NotAllowed


def can_set_contact_point(contact_point: ContactPoint, by: Actor) -> bool:
    """An admin sets everybody's, a person their own; a token that is not made to configure sets none."""
    if by.may_configure:
        return True
    is_own = by.user is not None and contact_point.user_id == by.user.pk
    return is_own and by.scope in {None, TokenScope.CONFIGURE}


def check_can_set_contact_point(contact_point: ContactPoint, by: Actor) -> None:
    """Raise NotAllowed where can_set_contact_point says no."""
    if not can_set_contact_point(contact_point, by):
        raise NotAllowed(f"Only {contact_point.user} or an admin may say how {contact_point.user} is reached.")


def can_set_subscription(by: Actor) -> bool:
    """An admin."""
    return by.may_configure


def check_can_set_subscription(by: Actor) -> None:
    """Raise NotAllowed where can_set_subscription says no."""
    if not can_set_subscription(by):
        raise NotAllowed("Only an admin may change a standing channel.")


def can_settle_failed_receiver(by: Actor) -> bool:
    """An admin."""
    return by.may_configure


def check_can_settle_failed_receiver(by: Actor) -> None:
    """Raise NotAllowed where can_settle_failed_receiver says no."""
    if not can_settle_failed_receiver(by):
        raise NotAllowed("Only an admin may say what becomes of what did not follow.")
