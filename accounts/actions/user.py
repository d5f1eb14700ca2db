"""People: made, changed, switched off; never deleted, because the record names them."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actor import Actor
from accounts.enums import AccessLevel
from accounts.models import User
from accounts.permissions import check_can_change_profile, check_can_configure_people
from accounts.signals import user_kept
from core.errors import InvalidInput, WrongState
from core.rows import check_row
from core.signals import announce


@transaction.atomic
def create_user(
    *,
    by: Actor,
    now: datetime,
    handle: str,
    name: str = "",
    email: str = "",
    password: str | None = None,
    access: str = AccessLevel.RESPONDER,
    time_zone: str = "UTC",
    phone: str = "",
) -> User:
    """Make a person who signs in with `password`, or not yet when it is None. The handle is kept in lower case.

    Sends no mail. Announces user_kept, so that they are rung at `email` until they say otherwise. Raises NotAllowed
    unless `by` configures, InvalidInput with the field at fault (a handle or an address that is taken, a zone that is
    none, a password that is too easy).
    """
    user = User(handle=handle.strip().lower(), name=name, email=email, access=access, time_zone=time_zone, phone=phone)
    check_can_configure_people(by)
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise InvalidInput(" ".join(error.messages), field="password") from error
    user.set_password(password)
    return set_user(user, by=by, now=now)


@transaction.atomic
def set_user(user: User, *, by: Actor, now: datetime) -> User:
    """Keep `user` as it stands now, new or changed, with what they may do.

    Whoever is switched off can neither sign in nor use a key from now on; pages that ring them go on to the next.
    Announces user_kept. Raises NotAllowed unless `by` configures, InvalidInput with the field at fault, WrongState
    when it would leave nobody who configures.
    """
    check_can_configure_people(by)
    _check(user)
    if user.pk and not (user.is_active and user.access == AccessLevel.ADMIN):
        admins = User.objects.select_for_update().filter(access=AccessLevel.ADMIN, is_active=True)
        if [admin.pk for admin in admins] == [user.pk]:
            raise WrongState(f"{user} is the last admin: make somebody else one first.")
    user.save()
    announce(user_kept, User, user=user, now=now)
    return user


@transaction.atomic
def change_profile(
    user: User, *, by: Actor, now: datetime, name: str, time_zone: str, phone: str, single_keys: bool
) -> User:
    """Change what a person says of themselves. Raises NotAllowed for another's, InvalidInput with the field."""
    check_can_change_profile(user, by)
    user.name, user.time_zone, user.phone, user.single_keys = name.strip(), time_zone, phone.strip(), single_keys
    _check(user)
    user.save(update_fields=["name", "time_zone", "phone", "single_keys"])
    return user


def _check(user: User) -> None:
    others = User.objects.exclude(pk=user.pk)
    if others.filter(handle=user.handle).exists():
        raise InvalidInput(f"The handle {user} is taken.", field="handle")
    if user.email and others.filter(email__iexact=user.email).exists():
        raise InvalidInput(f"The address {user.email} belongs to somebody else.", field="email")
    check_row(user)
