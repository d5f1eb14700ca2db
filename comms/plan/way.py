"""Which rows of the outbox one message to a person becomes: an address that is tried, or passed over. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from accounts.models import User
from comms.models import ContactPoint
from comms.plan.chain import everywhere, tries


@dataclass(frozen=True)
class Way:
    """One row to write: where it goes and how long after the others, or why it never goes."""

    transport: str = ""
    address: str = ""
    contact_point: ContactPoint | None = None
    after: timedelta = timedelta()
    not_sent_reason: str = ""
    rule: str = ""
    is_follow_up: bool = False

    @property
    def suffix(self) -> str:
        """Tells the rows of one dedup_key apart: the same contact point may be tried again, later."""
        return f"#{self.contact_point.pk}+{self.after.total_seconds():.0f}" if self.contact_point else ""


def ways_to_user(
    user: User, urgency: str, points: Collection[ContactPoint], *, everywhere_at_once: bool = False
) -> list[Way]:
    """The rows of one message to `user`, whose `points` have their rules; one with a reason where there is no way."""
    if not user.is_active:
        return [Way(not_sent_reason=f"The account of {user} is switched off.")]
    lines = everywhere(points) if everywhere_at_once else tries(points, urgency)
    first = min((one.after for one in lines if not one.reason), default=None)
    ways = [
        Way(
            one.point.transport,
            one.point.address,
            one.point,
            one.after,
            one.reason,
            rule=one.rule,
            is_follow_up=one.after != first,
        )
        for one in lines
    ]
    if all(way.not_sent_reason for way in ways):
        ways.append(Way(not_sent_reason=_nowhere(user, points)))
    return ways


def _nowhere(user: User, points: Collection[ContactPoint]) -> str:
    if any(point.is_enabled for point in points):
        return f"{user} has no contact point for what is not urgent."
    return f"{user} has no contact point that is switched on."
