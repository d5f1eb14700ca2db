"""Messages to a real receiver of webhooks, and what became of them."""

from typing import Any

from comms.enums import Transport
from comms.models import Message
from tests.factories.comms import MessageFactory


def to_hook(address: str, **fields: Any) -> Message:
    """A waiting message to a webhook at `address`."""
    return MessageFactory(user=None, contact_point=None, transport=Transport.WEBHOOK, address=address, **fields)


def attempts(message: Message) -> list[tuple[int, str, str]]:
    """Number, outcome and detail of each attempt."""
    return list(message.deliveries.values_list("number", "outcome", "detail"))


def ids(httpserver: Any) -> list[str]:
    """The keys that the receiver saw, in order."""
    return [request.headers["webhook-id"] for request, _ in httpserver.log]
