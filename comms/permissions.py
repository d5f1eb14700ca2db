"""Who may say how people and channels are reached, in pairs: can_x greys the button, check_can_x guards the action."""

from accounts.actor import Actor
from accounts.enums import TokenScope
from accounts.models import User
from core.errors import NotAllowed


def can_set_reach(user: User, by: Actor) -> bool:
    """An admin says how everybody is reached, a person how they are; a token that is not made to configure never."""
    if by.may_configure:
        return True
    is_own = by.user is not None and user.pk == by.user.pk
    return is_own and by.scope in {None, TokenScope.CONFIGURE}


def check_can_set_reach(user: User, by: Actor) -> None:
    """Raise NotAllowed where can_set_reach says no."""
    if not can_set_reach(user, by):
        raise NotAllowed(f"Only {user} or an admin may say how {user} is reached.")


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
