"""The only way anything leaves: a row of the outbox for each way to its recipient."""

from comms.actions.message.audience import close_messages, open_messages
from comms.actions.message.outbox import (
    absolute,
    queue_message,
    queue_new_messages,
    strip_messages,
    withdraw_messages,
)
from comms.actions.message.ways import Address

__all__ = [
    "Address",
    "absolute",
    "close_messages",
    "open_messages",
    "queue_message",
    "queue_new_messages",
    "strip_messages",
    "withdraw_messages",
]
