"""Who signs in, and who is asked for at every request after that."""

from allauth.account.auth_backends import AuthenticationBackend as ByHandleOrEmail

from accounts.models import User
from core.prepared import Prepared, given_key

USER = Prepared(lambda: User.objects.filter(pk=given_key("user")))


class AuthenticationBackend(ByHandleOrEmail):
    """By handle or email and password; the person of a session is found by a query that is prepared once."""

    def get_user(self, user_id: int) -> User | None:
        """Whoever has signed in, unless they may not any more."""
        found = USER.first(user=user_id)
        return found if found is not None and self.user_can_authenticate(found) else None
