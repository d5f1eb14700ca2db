"""How an attempt ends, and a message that had all of them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from comms.enums import DeliveryOutcome, MessageStatus
from comms.models import Delivery, Message

BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 60, 300, 900, 1800, 3600))
ATTEMPTS = len(BACK_OFF) + 1


def end(delivery: Delivery, outcome: DeliveryOutcome, detail: str, now: datetime) -> None:
    """Say how an attempt ended; the caller saves."""
    delivery.outcome, delivery.ended_at, delivery.detail = outcome, now, one_line(detail, 500)


def save_ends(deliveries: Sequence[Delivery]) -> None:
    """Write what `end` said of attempts that ended at the same moment: one statement for all that ended alike."""
    alike = defaultdict[tuple[str, str, str], list[Delivery]](list)
    for delivery in deliveries:
        alike[delivery.outcome, delivery.detail, delivery.their_key].append(delivery)
    for (outcome, detail, their_key), group in alike.items():
        rows = Delivery.objects.filter(pk__in=[delivery.pk for delivery in group])
        rows.update(outcome=outcome, ended_at=group[0].ended_at, detail=detail, their_key=their_key)


def give_up(message: Message, reason: str, now: datetime) -> None:
    """End `message` as not sent, with the reason; the caller saves."""
    message.status, message.not_sent_at, message.lease_until = MessageStatus.NOT_SENT, now, None
    message.not_sent_reason = one_line(reason, 200)


def one_line(text: str, size: int) -> str:
    """One line without control characters, as an answer from outside may have them."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= size else line[: size - 1] + "…"
