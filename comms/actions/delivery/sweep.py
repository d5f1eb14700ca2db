"""The sweep that sends: claims, hands over side by side outside of any transaction, records, until nothing is due."""

import logging
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from django.db.models import F

from comms.actions.delivery.claim import SEND_LIMIT, Claim, claim_due, still_wanted
from comms.actions.delivery.outcome import Outcome, record_outcomes
from comms.actions.engine import record_tick
from comms.models import Message
from comms.transports.base import Receipt, TemporaryFailure
from comms.transports.envelope import envelope_of
from comms.transports.registry import TRANSPORTS

SWEEP = "comms.deliver_due"
AT_ONCE = 32
LOOK_AGAIN_SECONDS = 0.2
# What ends within so short a while is written down together.
TOGETHER_SECONDS = 0.02
logger = logging.getLogger(__name__)


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
        running |= {pool.submit(_send, claim, moment): claim for claim in still_wanted(claims, now=moment)}
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


def _send(claim: Claim, moment: datetime) -> Receipt:
    """Hand one claimed message over. Runs in a thread of its own and touches no row."""
    return TRANSPORTS[claim.message.transport].send(envelope_of(claim.message, moment))


def _finished(running: dict[Future[Receipt], Claim], *, looks_on: bool) -> list[Future[Receipt]]:
    """What has ended, and what takes too long to be waited for; waits for neither when there may be more to claim."""
    ended, others = wait(running, 0 if looks_on else LOOK_AGAIN_SECONDS, FIRST_COMPLETED)
    if ended and others:
        wait(others, TOGETHER_SECONDS)
    return [future for future, claim in running.items() if future.done() or claim.is_overdue]


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


def _outcome(future: Future[Receipt]) -> Outcome:
    if not future.done():
        return TemporaryFailure(f"No end after {SEND_LIMIT.total_seconds():.0f} s.")
    return future.exception() or future.result()
