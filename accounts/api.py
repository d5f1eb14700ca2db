"""How a machine says who it is: `Authorization: Bearer mst_…`."""

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from accounts.actions.token import note_token_use
from accounts.actor import Actor
from accounts.models import User
from accounts.queries.token import actor_of_token


class TokenAuth(HttpBearer):
    """Sets `request.auth` to the Actor whose key it is; the actions look at its scope."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """The actor, or None for a key that is nobody's."""
        now = timezone.now()
        actor = actor_of_token(token, now)
        if actor:
            note_token_use(token, now=now)
        return actor


def actor_of(request: HttpRequest) -> Actor:
    """Who acts in this request."""
    return request.auth  # type: ignore[attr-defined]


def user_of(request: HttpRequest) -> User:
    """The owner of the key, for what they may see."""
    user = actor_of(request).user
    if user is None:
        raise LookupError("A key always belongs to a person.")
    return user
