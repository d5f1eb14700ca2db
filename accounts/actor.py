"""Who does something, and by which way they came."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from accounts.enums import AccessLevel, TokenScope, Via
from accounts.models.user import User
from core.moments import organisation_zone


@dataclass(frozen=True)
class Actor:
    """A person and their way in; `user` is None for Muster itself. A token narrows what its owner may do."""

    user: User | None
    via: Via = Via.WEB
    scope: TokenScope | None = None

    def __str__(self) -> str:
        return f"@{self.user.handle}" if self.user else "Muster"

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which they write a time and read one that is said to them: theirs, else the organisation's."""
        return self.user.zone if self.user else organisation_zone()

    @property
    def is_muster(self) -> bool:
        """Whether Muster acts by itself: it may do everything that an action offers."""
        return self.user is None

    @property
    def may_respond(self) -> bool:
        """Whether this actor may act in incidents."""
        if self.scope == TokenScope.READ:
            return False
        return self.user is None or self.user.access in {AccessLevel.RESPONDER, AccessLevel.ADMIN}

    @property
    def may_configure(self) -> bool:
        """Whether this actor may change ladders, rotations and people."""
        if self.scope not in {None, TokenScope.CONFIGURE}:
            return False
        return self.user is None or self.user.access == AccessLevel.ADMIN


MUSTER = Actor(user=None, via=Via.MUSTER)
