"""Hand over what is due: take a lease, send outside of any transaction, then write down what came of it.

Sending is at least once. A worker that dies leaves a lease behind; when that is over, the next sweep notes the attempt
as lost and sends again with the same key, which a receiver that honours keys sees only once.
"""

import logging
from collections import Counter
from collections.abc import Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import Case, F, Value, When, Window
from django.db.models.functions import RowNumber

from comms.actions.engine import record_tick
from comms.actions.throttle import bring_forward, throttle
from comms.enums import DeliveryOutcome, MessageStatus, Transport
from comms.models import Delivery, Message
from comms.signals import message_delivered
from comms.transports.base import PermanentFailure, Receipt, TemporaryFailure
from comms.transports.envelope import envelope_of
from comms.transports.registry import TRANSPORTS
from core.signals import announce

logger = logging.getLogger(__name__)

SWEEP = "comms.deliver_due"
LEASE = timedelta(seconds=20)
# After so long a send counts as failed, whatever it still does: always before its lease is over.
SEND_LIMIT = timedelta(seconds=15)
AT_ONCE = 16
# One channel (the mail server, one address of another transport) never takes more of them: the others go on.
AT_ONCE_PER_CHANNEL = 4
LOOK_AGAIN_SECONDS = 0.2
BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 60, 300, 900, 1800, 3600))
ATTEMPTS = len(BACK_OFF) + 1
LONGEST_WISH = timedelta(minutes=5)

CHANNEL = Case(When(transport=Transport.EMAIL, then=Value("email")), default=F("address"))
# Pages go first, and among them those that were not tried yet: "urgent" sorts after "normal".
ORDER = ("-urgency", "attempts", "deliver_after", "pk")


@dataclass(frozen=True)
class Claim:
    """One message on lease with its running attempt."""

    message: Message
    delivery: Delivery
    channel: str
    began: float = field(default_factory=lambda: monotonic())

    @property
    def is_overdue(self) -> bool:
        """Whether it has taken longer than any send may."""
        return monotonic() - self.began > SEND_LIMIT.total_seconds()


def deliver_due(*, now: datetime, batch: int = 50) -> int:
    """Send every message whose moment has come, urgent ones first; how many were handed over.

    Claims up to `batch` rows at a time (never one that another sweep holds), sends up to sixteen side by side, four
    to one channel, and goes on until nothing is due and nothing under way: a channel that blocks holds up nobody else.
    A failure puts the row back with a later `deliver_after`, a rejection or too many failures end it as NOT_SENT with
    the reason; either brings the next channel of that person's chain forward. Sends message_delivered for each row
    that became SENT. A row that cannot be marked is logged and comes again when its lease is over. Records its tick.
    """
    began, sent = monotonic(), 0
    running: dict[Future[Receipt], Claim] = {}
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="send")
    try:
        while True:
            moment = now + timedelta(seconds=int(monotonic() - began))
            claims = claim_due(now=moment, limit=min(batch, AT_ONCE - len(running)), running=running.values())
            record_tick(SWEEP, now=moment)
            running |= {pool.submit(send, claim, moment): claim for claim in still_wanted(claims, now=moment)}
            if not running and not claims:
                return sent
            for future, claim in _finished(running):
                del running[future]
                moment = now + timedelta(seconds=int(monotonic() - began))
                try:
                    sent += record_outcome(claim, _outcome(future), now=moment)
                except Exception:  # one row that cannot be marked must not stop the others
                    logger.exception("The attempt %s could not be recorded; its lease will end.", claim.delivery.pk)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@transaction.atomic
def claim_due(*, now: datetime, limit: int, running: Collection[Claim] = ()) -> list[Claim]:
    """Take a lease on up to `limit` due rows and write their attempts, in the order in which they shall leave.

    `running` are the claims under way: no channel gets more than four in all. An attempt that a dead worker left
    behind is marked LOST. A row that has had all its attempts ends as NOT_SENT; repeats are held and bundled.
    """
    if limit <= 0:
        return []
    chosen = _choose(now, limit, Counter(claim.channel for claim in running))
    rows = Message.objects.due(now).filter(pk__in=chosen).select_for_update(skip_locked=True, of=("self",))
    messages = list(rows.select_related("user", "subscription", "contact_point").order_by(*ORDER))
    Delivery.objects.filter(message__in=messages, outcome=DeliveryOutcome.RUNNING).update(
        outcome=DeliveryOutcome.LOST, ended_at=now, detail="The worker ended before it could say what came of it."
    )
    messages = throttle(messages, now=now)
    for message in messages:
        if message.attempts >= ATTEMPTS:
            _give_up(message, f"No worker survived its {ATTEMPTS} attempts.")
        else:
            message.attempts, message.lease_until = message.attempts + 1, now + LEASE
    Message.objects.bulk_update(messages, ["attempts", "lease_until", "status", "not_sent_reason"])
    return [
        Claim(message, _write_attempt(message, now), _channel(message))
        for message in messages
        if message.status == MessageStatus.WAITING
    ]


def still_wanted(claims: list[Claim], *, now: datetime) -> list[Claim]:
    """The claims whose message was not withdrawn since; of the others the attempt is ended, and nothing leaves."""
    if not claims:
        return []
    withdrawn = dict(
        Message.objects.filter(pk__in=[claim.message.pk for claim in claims])
        .exclude(status=MessageStatus.WAITING)
        .values_list("pk", "not_sent_reason")
    )
    for claim in claims:
        if claim.message.pk in withdrawn:
            detail = f"Withdrawn before it left: {withdrawn[claim.message.pk]}"
            _end(claim.delivery, DeliveryOutcome.FAILED, detail, now)
    return [claim for claim in claims if claim.message.pk not in withdrawn]


def send(claim: Claim, moment: datetime) -> Receipt:
    """Hand one claimed message over. Runs in a thread of its own and touches no row."""
    return TRANSPORTS[claim.message.transport].send(envelope_of(claim.message, moment))


@transaction.atomic
def record_outcome(claim: Claim, outcome: Receipt | BaseException, *, now: datetime) -> bool:
    """Write down how one attempt ended; whether the message became SENT by it.

    What was handed over is SENT, also when it was withdrawn in that very moment. A failure of an attempt that is not
    the newest one any more changes only the attempt.
    """
    message = Message.objects.select_for_update().get(pk=claim.message.pk)
    delivery = Delivery.objects.get(pk=claim.delivery.pk)
    if isinstance(outcome, Receipt):
        _end(delivery, DeliveryOutcome.HANDED_OVER, outcome.detail, now)
        if message.status == MessageStatus.SENT:
            return False
        message.status, message.not_sent_reason, message.sent_at, message.lease_until = "sent", "", now, None
        message.save(update_fields=["status", "not_sent_reason", "sent_at", "lease_until"])
        announce(message_delivered, sender=Message, message=message, delivery=delivery, now=now)
        return True
    if not isinstance(outcome, TemporaryFailure | PermanentFailure):
        logger.error("Sending message %s failed in a way that nobody foresaw.", message.pk, exc_info=outcome)
    for_good = isinstance(outcome, PermanentFailure)
    detail = str(outcome) or type(outcome).__name__
    _end(delivery, DeliveryOutcome.REJECTED if for_good else DeliveryOutcome.FAILED, detail, now)
    if message.status != MessageStatus.WAITING or message.attempts != delivery.number:
        return False
    if for_good:
        _give_up(message, f"Rejected: {detail}")
    elif message.attempts >= ATTEMPTS:
        _give_up(message, f"Gave up after {message.attempts} attempts: {detail}")
    else:
        wish = min(timedelta(seconds=min(getattr(outcome, "retry_after", 0), 86400)), LONGEST_WISH)
        message.deliver_after, message.lease_until = now + max(BACK_OFF[message.attempts - 1], wish), None
    message.save(update_fields=["status", "not_sent_reason", "deliver_after", "lease_until"])
    bring_forward([message], now=now)
    return False


def _choose(now: datetime, limit: int, busy: Counter[str]) -> dict[int, str]:
    """{message id: channel} of what may leave now."""
    place = Window(RowNumber(), partition_by=[CHANNEL], order_by=ORDER)
    rows = Message.objects.due(now).annotate(channel=CHANNEL, place=place)
    first = rows.filter(place__lte=AT_ONCE_PER_CHANNEL).order_by(*ORDER).values_list("pk", "channel", "place")
    free = [(pk, channel) for pk, channel, place in first if place <= AT_ONCE_PER_CHANNEL - busy[channel]]
    return dict(free[:limit])


def _channel(message: Message) -> str:
    """As CHANNEL has it."""
    return Transport.EMAIL if message.transport == Transport.EMAIL else message.address


def _write_attempt(message: Message, now: datetime) -> Delivery:
    return Delivery.objects.create(
        message=message, number=message.attempts, transport=message.transport, started_at=now
    )


def _finished(running: dict[Future[Receipt], Claim]) -> list[tuple[Future[Receipt], Claim]]:
    """What has ended, and what takes too long to be waited for."""
    wait(running, LOOK_AGAIN_SECONDS, FIRST_COMPLETED)
    return [(future, claim) for future, claim in running.items() if future.done() or claim.is_overdue]


def _outcome(future: Future[Receipt]) -> Receipt | BaseException:
    if not future.done():
        return TemporaryFailure(f"No end after {SEND_LIMIT.total_seconds():.0f} s.")
    return future.exception() or future.result()


def _end(delivery: Delivery, outcome: DeliveryOutcome, detail: str, now: datetime) -> None:
    delivery.outcome, delivery.ended_at, delivery.detail = outcome, now, _plain(detail, 500)
    delivery.save(update_fields=["outcome", "ended_at", "detail"])


def _give_up(message: Message, reason: str) -> None:
    message.status, message.not_sent_reason, message.lease_until = MessageStatus.NOT_SENT, _plain(reason, 200), None


def _plain(text: str, size: int) -> str:
    """One line without control characters, as an answer from outside may have them."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= size else line[: size - 1] + "…"
