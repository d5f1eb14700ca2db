"""The sweep over what came in and could not be read at its door: nothing that somebody answered is lost by a fault."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from comms.actions.engine import record_tick
from escalation.actions.incoming import settle_answer
from escalation.enums import IncomingOutcome
from escalation.models import IncomingAnswer

SWEEP = "escalation.settle_waiting_answers"
# Its own door is still at it before that; after the second it answers nothing any more, because the page has gone on.
AFTER = timedelta(seconds=10)
UNTIL = timedelta(minutes=10)
BATCH = 50
FAILED = "Muster failed to read this; nothing was changed. Open the link of the message."
logger = logging.getLogger(__name__)


def settle_waiting_answers(*, now: datetime) -> int:
    """Read what waits, the oldest first, and tell its sender by a message, as its door is shut; how many were read.

    A row that fails again is logged and comes again at the next tick; after ten minutes it ends as REFUSED and says
    so. One never stops the others. Records its tick.
    """
    record_tick(SWEEP, now=now)
    waiting = IncomingAnswer.objects.filter(outcome=IncomingOutcome.WAITING, at__lte=now - AFTER).order_by("at", "pk")
    read = 0
    for row in list(waiting[:BATCH]):
        try:
            read += _settle(row, now)
        except Exception:  # the row loop of a sweep: one answer's failure never stops the others
            logger.exception("What came in as %s could not be read.", row.key)
    return read


@transaction.atomic
def _settle(row: IncomingAnswer, now: datetime) -> bool:
    rows = IncomingAnswer.objects.select_for_update(skip_locked=True, of=("self",))
    locked = rows.filter(pk=row.pk, outcome=IncomingOutcome.WAITING).first()
    if locked is None:
        return False
    if now - locked.at > UNTIL:
        locked.outcome, locked.reply = IncomingOutcome.REFUSED, FAILED
        locked.save(update_fields=["outcome", "reply"])
        return False
    settle_answer(locked, now=now, by_message=True)
    return True
