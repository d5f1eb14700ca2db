"""What the other side means when it speaks of a message by its own name."""

from comms.enums import Transport
from comms.intake.report import IncomingReport
from comms.models import Delivery, Message


def message_called(their_key: str, transport: Transport) -> Message | None:
    """The message that the other side of `transport` took as `their_key`, the newest of several. One query."""
    rows = Delivery.objects.filter(their_key=their_key, transport=transport).exclude(their_key="")
    delivery = rows.select_related("message__user").order_by("-pk").first()
    return delivery.message if delivery else None


def message_reported(incoming: IncomingReport, transport: Transport) -> Message | None:
    """The message of `transport` that a report is about: by our key where it has one, else by theirs. One query."""
    if incoming.key:
        return Message.objects.filter(key=incoming.key, transport=transport).first()
    return message_called(incoming.name, transport)
