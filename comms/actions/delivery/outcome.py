"""What came of an attempt: its message is sent, put off, or ended with the reason."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from comms.actions.browser import end_contact_point
from comms.actions.delivery.claim import Claim
from comms.actions.delivery.ending import ATTEMPTS, BACK_OFF, end, give_up, one_line, save_ends
from comms.actions.throttle import bring_forward
from comms.enums import DeliveryOutcome, MessageStatus
from comms.models import Delivery, Message
from comms.signals import message_delivered
from comms.transports.base import Gone, PermanentFailure, Receipt, TemporaryFailure
from core.signals import announce_all

LONGEST_WISH = timedelta(minutes=5)
Outcome = Receipt | BaseException
logger = logging.getLogger(__name__)


@transaction.atomic
def record_outcomes(ended: Sequence[tuple[Claim, Outcome]], *, now: datetime) -> int:
    """Write down how some attempts ended, in one transaction; how many messages became SENT by it.

    What was handed over is SENT, also when it was withdrawn in that very moment. A failure of an attempt that is not
    the newest one any more changes only the attempt.
    """
    found = Message.objects.select_for_update().filter(pk__in={claim.message.pk for claim, _ in ended}).order_by("pk")
    messages = {message.pk: message for message in found}
    told, blocked = [], list[Message]()
    for claim, outcome in ended:
        message = messages[claim.message.pk]
        if not isinstance(outcome, Receipt):
            blocked += [message] if _record_failure(message, claim.delivery, outcome, now) else []
            continue
        claim.delivery.their_key = one_line(outcome.their_key, 200)
        end(claim.delivery, DeliveryOutcome.HANDED_OVER, outcome.detail, now)
        if message.status != MessageStatus.SENT:
            message.status, message.not_sent_reason, message.not_sent_at = MessageStatus.SENT, "", None
            message.sent_at, message.lease_until = now, None
            told.append({"message": message, "delivery": claim.delivery, "now": now})
    save_ends([claim.delivery for claim, _ in ended])
    sent = [message.pk for message in messages.values() if message.status == MessageStatus.SENT]
    Message.objects.filter(pk__in=sent).exclude(status=MessageStatus.SENT).update(
        status=MessageStatus.SENT, not_sent_reason="", not_sent_at=None, sent_at=now, lease_until=None
    )
    bring_forward(blocked, now=now)
    announce_all(message_delivered, Message, told)
    return len(told)


def _record_failure(message: Message, delivery: Delivery, outcome: BaseException, now: datetime) -> bool:
    """Put `message` off or end it; whether its channel is blocked: only the newest attempt says so."""
    if not isinstance(outcome, TemporaryFailure | PermanentFailure):
        logger.error("Sending message %s failed in a way that nobody foresaw.", message.pk, exc_info=outcome)
    for_good = isinstance(outcome, PermanentFailure)
    detail = str(outcome) or type(outcome).__name__
    end(delivery, DeliveryOutcome.REJECTED if for_good else DeliveryOutcome.FAILED, detail, now)
    if message.status != MessageStatus.WAITING or message.attempts != delivery.number:
        return False
    if isinstance(outcome, Gone) and message.contact_point:
        end_contact_point(message.contact_point, now=now)
    if for_good:
        give_up(message, f"Rejected: {detail}", now)
    elif message.attempts >= ATTEMPTS:
        give_up(message, f"Gave up after {message.attempts} attempts: {detail}", now)
    else:
        wish = min(timedelta(seconds=min(getattr(outcome, "retry_after", 0), 86400)), LONGEST_WISH)
        message.deliver_after, message.lease_until = now + max(BACK_OFF[message.attempts - 1], wish), None
    message.save(update_fields=["status", "not_sent_reason", "not_sent_at", "deliver_after", "lease_until"])
    return True
