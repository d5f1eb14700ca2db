"""Hand over what is due: take a lease, send outside of any transaction, then write down what came of it.

Sending is at least once. A worker that dies leaves a lease behind; when that is over, the next sweep notes the attempt
as lost and sends again with the same key, which a receiver that honours keys sees only once.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from django.db import transaction
from django.db.models import Case, F, Value, When

from comms.actions.browser import end_contact_point
from comms.actions.engine import record_tick
from comms.actions.throttle import bring_forward, throttle
from comms.enums import DeliveryOutcome, MessageStatus, Transport
from comms.models import Delivery, Message
from comms.signals import message_delivered
from comms.transports.base import Gone, PermanentFailure, Receipt, TemporaryFailure
from comms.transports.envelope import envelope_of
from comms.transports.registry import TRANSPORTS
from core.signals import announce_all

logger = logging.getLogger(__name__)

SWEEP = "comms.deliver_due"
LEASE = timedelta(seconds=20)
# After so long a send counts as failed, whatever it still does: always before its lease is over.
SEND_LIMIT = timedelta(seconds=15)
AT_ONCE = 32
# One channel (the mail server, one address of another transport) never takes more of them: the others go on.
AT_ONCE_PER_CHANNEL = 4
LOOK_AGAIN_SECONDS = 0.2
# What ends within so short a while is written down together.
TOGETHER_SECONDS = 0.02
LOOK_AT = 200
BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (5, 15, 60, 300, 900, 1800, 3600))
ATTEMPTS = len(BACK_OFF) + 1
LONGEST_WISH = timedelta(minutes=5)

CHANNEL = Case(When(transport=Transport.EMAIL, then=Value("email")), default=F("address"))
# Pages go first, and among them those that were not tried yet: "urgent" sorts after "normal".
ORDER = ("-urgency", "attempts", "deliver_after", "pk")


Outcome = Receipt | BaseException


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

    Claims up to `batch` rows at a time (never one that another sweep holds), sends up to 32 side by side, four to
    one channel, and goes on until nothing is due and nothing under way: a channel that blocks holds up nobody else.
    A failure puts the row back with a later `deliver_after`, a rejection or too many failures end it as NOT_SENT with
    the reason; either brings the next channel of that person's chain forward. Sends message_delivered for each row
    that became SENT. A row that cannot be marked is logged and comes again when its lease is over. Records its tick;
    what waits moves with a clock that was set back.
    """
    began, first = monotonic(), claim_due(now=now, limit=min(batch, AT_ONCE))
    if not first:
        record_tick(SWEEP, now=now, move=partial(_move_waiting, now=now))
        return 0
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="send")
    try:
        return _send_all(pool, first, now=now, began=began, batch=batch)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _send_all(pool: ThreadPoolExecutor, claims: list[Claim], *, now: datetime, began: float, batch: int) -> int:
    """Send `claims`, claimed at `now`, which was `began`, and all that becomes due meanwhile; how many left."""
    running: dict[Future[Receipt], Claim] = {}
    sent, ticked, moment = 0, None, now
    while claims or running:
        running |= {pool.submit(send, claim, moment): claim for claim in still_wanted(claims, now=moment)}
        if moment != ticked:
            record_tick(SWEEP, now=moment, move=partial(_move_waiting, now=moment))
            ticked = moment
        looks_on = bool(claims) and len(running) < AT_ONCE
        ended = [(running.pop(future), future) for future in _finished(running, looks_on=looks_on)]
        sent += _record(ended, now + timedelta(seconds=int(monotonic() - began)))
        moment = now + timedelta(seconds=int(monotonic() - began))
        claims = claim_due(now=moment, limit=min(batch, AT_ONCE - len(running)), running=running.values())
    return sent


def _move_waiting(jump: timedelta, *, now: datetime) -> None:
    """Each row that waits goes out when it would have, had the clock not been set back by `jump`."""
    Message.objects.unsent().filter(deliver_after__gt=now).update(deliver_after=F("deliver_after") - jump)


def claim_due(*, now: datetime, limit: int, running: Collection[Claim] = ()) -> list[Claim]:
    """Take a lease on up to `limit` due rows and write their attempts, in the order in which they shall leave.

    `running` are the claims under way: no channel gets more than four in all. An attempt that a dead worker left
    behind is marked LOST. A row that has had all its attempts ends as NOT_SENT; repeats are held and bundled. One
    transaction; none when nothing is due.
    """
    chosen = _choose(now, limit, Counter(claim.channel for claim in running)) if limit > 0 else []
    return _lease(chosen, now) if chosen else []


@transaction.atomic
def _lease(chosen: Collection[int], now: datetime) -> list[Claim]:
    """Claim those of `chosen` that are still due and nobody else's."""
    rows = Message.objects.due(now).filter(pk__in=chosen).select_for_update(skip_locked=True, of=("self",))
    messages = list(rows.select_related("user", "subscription", "contact_point").order_by(*ORDER))
    tried = [message for message in messages if message.attempts]
    if tried:
        Delivery.objects.filter(message__in=tried, outcome=DeliveryOutcome.RUNNING).update(
            outcome=DeliveryOutcome.LOST, ended_at=now, detail="The worker ended before it could say what came of it."
        )
    messages = throttle(messages, now=now)
    for message in messages:
        if message.attempts >= ATTEMPTS:
            _give_up(message, f"No worker survived its {ATTEMPTS} attempts.", now)
            message.save(update_fields=["status", "not_sent_reason", "not_sent_at", "lease_until"])
    wanted = [message for message in messages if message.status == MessageStatus.WAITING]
    for message in wanted:
        message.attempts, message.lease_until = message.attempts + 1, now + LEASE
    Message.objects.filter(pk__in=[message.pk for message in wanted]).update(
        attempts=F("attempts") + 1, lease_until=now + LEASE
    )
    attempts = [
        Delivery(message=message, number=message.attempts, transport=message.transport, started_at=now)
        for message in wanted
    ]
    return [Claim(one.message, one, _channel(one.message)) for one in Delivery.objects.bulk_create(attempts)]


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
    _save_ends([claim.delivery for claim in claims if claim.message.pk in withdrawn])
    return [claim for claim in claims if claim.message.pk not in withdrawn]


def send(claim: Claim, moment: datetime) -> Receipt:
    """Hand one claimed message over. Runs in a thread of its own and touches no row."""
    return TRANSPORTS[claim.message.transport].send(envelope_of(claim.message, moment))


def record_outcome(claim: Claim, outcome: Outcome, *, now: datetime) -> bool:
    """Write down how one attempt ended, as `record_outcomes` does; whether the message became SENT by it."""
    return record_outcomes([(claim, outcome)], now=now) == 1


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
        claim.delivery.their_key = _plain(outcome.their_key, 200)
        _end(claim.delivery, DeliveryOutcome.HANDED_OVER, outcome.detail, now)
        if message.status != MessageStatus.SENT:
            message.status, message.not_sent_reason, message.not_sent_at = "sent", "", None
            message.sent_at, message.lease_until = now, None
            told.append({"message": message, "delivery": claim.delivery, "now": now})
    _save_ends([claim.delivery for claim, _ in ended])
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
    _end(delivery, DeliveryOutcome.REJECTED if for_good else DeliveryOutcome.FAILED, detail, now)
    if message.status != MessageStatus.WAITING or message.attempts != delivery.number:
        return False
    if isinstance(outcome, Gone) and message.contact_point:
        end_contact_point(message.contact_point, now=now)
    if for_good:
        _give_up(message, f"Rejected: {detail}", now)
    elif message.attempts >= ATTEMPTS:
        _give_up(message, f"Gave up after {message.attempts} attempts: {detail}", now)
    else:
        wish = min(timedelta(seconds=min(getattr(outcome, "retry_after", 0), 86400)), LONGEST_WISH)
        message.deliver_after, message.lease_until = now + max(BACK_OFF[message.attempts - 1], wish), None
    message.save(update_fields=["status", "not_sent_reason", "not_sent_at", "deliver_after", "lease_until"])
    return True


def _record(ended: Sequence[tuple[Claim, Future[Receipt]]], now: datetime) -> int:
    """`record_outcomes` of what has ended; when it cannot be done at once, of each by itself."""
    outcomes = [(claim, _outcome(future)) for claim, future in ended]
    parts = [outcomes] if outcomes else []
    sent = 0
    while parts:
        part = parts.pop()
        try:
            sent += record_outcomes(part, now=now)
        except Exception:  # one row that cannot be marked must not stop the others
            if len(part) > 1:
                parts += [[one] for one in part]
            else:
                logger.exception("The attempt %s could not be recorded; its lease will end.", part[0][0].delivery.pk)
    return sent


def _choose(now: datetime, limit: int, busy: Counter[str]) -> list[int]:
    """The ids of what may leave now, looking no further than the first few hundred that could."""
    full = [channel for channel, count in busy.items() if count >= AT_ONCE_PER_CHANNEL]
    rows = Message.objects.due(now).order_by(*ORDER)
    if full:
        rows = rows.alias(channel=CHANNEL).exclude(channel__in=full)
    taken, chosen = Counter(busy), list[int]()
    for message in rows.only("transport", "address")[:LOOK_AT]:
        channel = _channel(message)
        if taken[channel] < AT_ONCE_PER_CHANNEL and len(chosen) < limit:
            taken[channel] += 1
            chosen.append(message.pk)
    return chosen


def _channel(message: Message) -> str:
    """As CHANNEL has it."""
    return Transport.EMAIL if message.transport == Transport.EMAIL else message.address


def _finished(running: dict[Future[Receipt], Claim], *, looks_on: bool) -> list[Future[Receipt]]:
    """What has ended, and what takes too long to be waited for; waits for neither when there may be more to claim."""
    ended, others = wait(running, 0 if looks_on else LOOK_AGAIN_SECONDS, FIRST_COMPLETED)
    if ended and others:
        wait(others, TOGETHER_SECONDS)
    return [future for future, claim in running.items() if future.done() or claim.is_overdue]


def _outcome(future: Future[Receipt]) -> Outcome:
    if not future.done():
        return TemporaryFailure(f"No end after {SEND_LIMIT.total_seconds():.0f} s.")
    return future.exception() or future.result()


def _end(delivery: Delivery, outcome: DeliveryOutcome, detail: str, now: datetime) -> None:
    """Say how an attempt ended; the caller saves."""
    delivery.outcome, delivery.ended_at, delivery.detail = outcome, now, _plain(detail, 500)


def _save_ends(deliveries: Sequence[Delivery]) -> None:
    """Write what `_end` said of attempts that ended at the same moment: one statement for all that ended alike."""
    alike = defaultdict[tuple[str, str, str], list[Delivery]](list)
    for delivery in deliveries:
        alike[delivery.outcome, delivery.detail, delivery.their_key].append(delivery)
    for (outcome, detail, their_key), group in alike.items():
        rows = Delivery.objects.filter(pk__in=[delivery.pk for delivery in group])
        rows.update(outcome=outcome, ended_at=group[0].ended_at, detail=detail, their_key=their_key)


def _give_up(message: Message, reason: str, now: datetime) -> None:
    message.not_sent_at, message.status, message.not_sent_reason, message.lease_until = (
        now,
        MessageStatus.NOT_SENT,
        _plain(reason, 200),
        None,
    )


def _plain(text: str, size: int) -> str:
    """One line without control characters, as an answer from outside may have them."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= size else line[: size - 1] + "…"
