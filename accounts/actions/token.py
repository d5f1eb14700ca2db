"""Keys for machines: shown once, kept as a digest, revoked for good."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts.actor import Actor
from accounts.enums import TokenScope
from accounts.models import ApiToken, User
from accounts.permissions import check_can_create_token, check_can_revoke_token
from core.errors import InvalidInput

USE_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def create_token(user: User, *, by: Actor, now: datetime, scope: str, name: str = "") -> tuple[ApiToken, str]:
    """Make a key that acts as `user` within `scope`; the key itself is returned here and never again.

    Raises NotAllowed for another person's key, or a scope that `user` does not reach; InvalidInput for a scope that
    is none, a name that is too long, or a person who is switched off.
    """
    if scope not in TokenScope.values:
        raise InvalidInput(f"“{scope}” is no scope; it is one of {', '.join(TokenScope.values)}.", field="scope")
    check_can_create_token(user, by, scope)
    if not user.is_active:
        raise InvalidInput(f"The account of {user} is switched off.", field="user")
    if len(name) > 80:
        raise InvalidInput("The name of a key has at most 80 characters.", field="name")
    secret = secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        scope=scope,
        prefix=secrets.token_hex(5),
        digest=hashlib.sha256(secret.encode()).hexdigest(),
        created_at=now,
    )
    return token, f"mst_{token.prefix}_{secret}"


@transaction.atomic
def revoke_token(token: ApiToken, *, by: Actor, now: datetime) -> ApiToken:
    """End a key for good, from this moment on; the second time changes nothing. Raises NotAllowed for another's."""
    check_can_revoke_token(token, by)
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
    return token


def note_token_use(key: str, *, now: datetime) -> None:
    """Remember that `key`, which was found good, was used; at most once a minute."""
    prefix = key.split("_")[1]
    unnoted = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
    ApiToken.objects.filter(unnoted, prefix=prefix).update(last_used_at=now)
