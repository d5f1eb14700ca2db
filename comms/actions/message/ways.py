"""The ways to a recipient: one for a place, and for a person those of their chain. Writes nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from accounts.models import User
from comms.enums import MessageKind, Transport, Urgency
from comms.models import ContactPoint, Subscription
from comms.models.address import refusal_of_address
from comms.plan import everywhere, tries
from comms.queries.reach import points_of


@dataclass(frozen=True)
class Address:
    """A place that an outside service named itself, like the one at which Slack replaces a message."""

    transport: Transport
    address: str


Recipient = User | ContactPoint | Subscription | Address | str


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


def ways_to(to: ContactPoint | Subscription | Address | str, kind: MessageKind) -> list[Way]:
    """The one way to what is no person, or why there is none."""
    if isinstance(to, ContactPoint):
        return [Way(to.transport, to.address, to)]
    if isinstance(to, Subscription):
        return [_way_to_subscription(to, kind)]
    if isinstance(to, Address):
        return [Way(transport=to.transport, address=to.address)]
    reason = refusal_of_address(Transport.WEBHOOK, to)
    return [Way(transport=Transport.WEBHOOK, address=to[:500], not_sent_reason=reason)]


def ways_to_user(
    user: User, urgency: Urgency, points: Collection[ContactPoint] | None, everywhere_at_once: bool
) -> list[Way]:
    """The ways of the chain that `urgency` names, those that it passes over with the reason; never none at all.

    `points` are the user's with their rules, fetched here unless given; `everywhere_at_once` lets no rule count.
    """
    if not user.is_active:
        return [Way(not_sent_reason=f"The account of {user} is switched off.")]
    points = points_of([user])[user.pk] if points is None else points
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


def _way_to_subscription(subscription: Subscription, kind: MessageKind) -> Way:
    reason = ""
    if not subscription.is_enabled:
        reason = f"The channel {subscription} is switched off."
    elif subscription.kinds and kind not in subscription.kinds:
        reason = f"The channel {subscription} does not take “{MessageKind(kind).label}”."
    return Way(subscription.transport, subscription.address, not_sent_reason=reason)
