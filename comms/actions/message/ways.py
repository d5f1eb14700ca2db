"""The way to a recipient that is no person; those to a person are planned in comms/plan/way.py. Writes nothing."""

from collections.abc import Collection
from dataclasses import dataclass

from accounts.models import Audience, User
from comms.enums import MessageKind, Transport
from comms.models import ContactPoint, Subscription
from comms.models.address import refusal_of_address
from comms.plan import Way


@dataclass(frozen=True)
class Address:
    """A place that an outside service named itself, like the one at which Slack replaces a message."""

    transport: Transport
    address: str


Recipient = User | ContactPoint | Subscription | Address | str


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


def why_kept_from(to: Recipient, audience: Audience | None, inside: Collection[tuple[int, int]] | None = None) -> str:
    """Why what `audience` (None: everybody) may know is not said to `to`; empty when it is. One query for a person.

    None where it is known who is `inside`, as pairs of an audience and a person.
    A webhook that a page rings is told without words, and so is an answer at a place that a service named.
    """
    if audience is None:
        return ""
    if isinstance(to, Subscription):
        return f"It is private: the channel {to} is not told."
    person = to.user if isinstance(to, ContactPoint) else to
    if isinstance(person, User) and not _is_inside(person, audience, inside):
        return f"It is private, and {person} was not let in."
    return ""


def _is_inside(person: User, audience: Audience, inside: Collection[tuple[int, int]] | None) -> bool:
    return audience.entries.filter(user=person).exists() if inside is None else (audience.pk, person.pk) in inside


def _way_to_subscription(subscription: Subscription, kind: MessageKind) -> Way:
    reason = ""
    if not subscription.is_enabled:
        reason = f"The channel {subscription} is switched off."
    elif subscription.kinds and kind not in subscription.kinds:
        reason = f"The channel {subscription} does not take “{MessageKind(kind).label}”."
    return Way(subscription.transport, subscription.address, not_sent_reason=reason)
