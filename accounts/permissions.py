"""Who may change people and keys, in pairs: can_x greys the button, check_can_x guards the action."""

from accounts.actor import Actor
from accounts.enums import AccessLevel, TokenScope
from accounts.models import ApiToken, Audience, User
from core.errors import NotAllowed


def can_configure_people(by: Actor) -> bool:
    """An admin, not by a token that is made for less."""
    return by.may_configure


def check_can_configure_people(by: Actor) -> None:
    """Raise NotAllowed where can_configure_people says no."""
    if not can_configure_people(by):
        raise NotAllowed("Only an admin may change people, teams and what they may do.")


def can_change_profile(user: User, by: Actor) -> bool:
    """An admin everybody's, a person their own; a token that is not made to configure nobody's."""
    is_own = by.user is not None and by.user.pk == user.pk
    return by.may_configure or (is_own and by.scope in {None, TokenScope.CONFIGURE})


def check_can_change_profile(user: User, by: Actor) -> None:
    """Raise NotAllowed where can_change_profile says no."""
    if not can_change_profile(user, by):
        raise NotAllowed(f"Only {user} or an admin may change this profile.")


def can_create_token(user: User, by: Actor) -> bool:
    """For oneself, or as an admin for anybody; a key that is made for less makes no keys."""
    return can_change_profile(user, by)


def check_can_create_token(user: User, by: Actor, scope: str) -> None:
    """Raise NotAllowed where can_create_token says no, and for a scope that its owner's access does not reach."""
    if not can_create_token(user, by):
        raise NotAllowed(f"Only {user} or an admin may make a key for {user}.")
    if not scope_fits(user, scope):
        raise NotAllowed(f"{user} is no admin: a key of {user} cannot have the scope “{scope}”.")


def scope_fits(user: User, scope: str) -> bool:
    """Whether the owner's own access reaches what the scope offers. Everybody may declare, so RESPOND fits all."""
    return scope != TokenScope.CONFIGURE or user.access == AccessLevel.ADMIN


def can_admit(audience: Audience, by: Actor) -> bool:
    """Muster, who was let in before, or an admin (with the reason on record); never a key that only reads."""
    if by.is_muster or by.may_configure:
        return True
    return by.scope != TokenScope.READ and audience.entries.filter(user=by.user).exists()


def check_can_admit(audience: Audience, by: Actor) -> None:
    """Raise NotAllowed where can_admit says no."""
    if not can_admit(audience, by):
        raise NotAllowed("Only somebody who was let in, or an admin, may let others in.")


def can_revoke_token(token: ApiToken, by: Actor) -> bool:
    """Its owner, or an admin."""
    return can_change_profile(token.user, by)


def check_can_revoke_token(token: ApiToken, by: Actor) -> None:
    """Raise NotAllowed where can_revoke_token says no."""
    if not can_revoke_token(token, by):
        raise NotAllowed(f"Only {token.user} or an admin may revoke this key.")
