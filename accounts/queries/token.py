"""Whose key is this?"""

import hashlib
import hmac
from datetime import datetime

from django.db.models import Q

from accounts.actor import Actor
from accounts.enums import TokenScope, Via
from accounts.models import ApiToken


def actor_of_token(key: str, now: datetime) -> Actor | None:
    """Who acts by `key` (`mst_<prefix>_<secret>`); None for a key that is unknown, revoked, or of nobody active."""
    parts = key.split("_", 2)
    if len(parts) != 3 or parts[0] != "mst" or "\0" in key:
        return None
    living = Q(revoked_at__isnull=True) | Q(revoked_at__gt=now)
    token = ApiToken.objects.filter(living, prefix=parts[1], user__is_active=True).select_related("user").first()
    digest = hashlib.sha256(parts[2].encode(errors="replace")).hexdigest()
    if token is None or not hmac.compare_digest(token.digest, digest):
        return None
    return Actor(user=token.user, via=Via.API, scope=TokenScope(token.scope))
