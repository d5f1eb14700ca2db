"""Each sweep, beat and the worker leave their mark, so that every page can show whether the engine runs.

A mark that is still to come tells that the clock was set back meanwhile: see docs/adr/0012-clock-set-back.md.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from comms.enums import EnginePart
from comms.models import EngineReport, EngineTick
from core.prepared import prepared_cursor

TICK_EVERY = timedelta(seconds=1)
# By less than this two machines may differ, and nobody waits longer than that.
SET_BACK = timedelta(seconds=5)
# Seen again so soon it is no clock that was set back, but two workers whose clocks differ.
SEEN_AGAIN = timedelta(minutes=10)
TICK = """
WITH before AS (SELECT ticked_at FROM comms_enginetick WHERE sweep = %(sweep)s),
written AS (
    INSERT INTO comms_enginetick AS tick (sweep, ticked_at) VALUES (%(sweep)s, %(now)s)
    ON CONFLICT (sweep) DO UPDATE SET ticked_at = EXCLUDED.ticked_at WHERE tick.ticked_at <= %(old)s
)
SELECT ticked_at FROM before
"""
logger = logging.getLogger(__name__)


def record_tick(sweep: str, *, now: datetime, move: Callable[[timedelta], object] | None = None) -> None:
    """Note that `sweep` is doing its work at `now`; at most once a second, more often it changes nothing.

    A tick that is still to come is from before the clock was set back, and gives way: it would hide a silence. By how
    much is written down, and `move` is called with it, in that transaction: the sweep moves what it waits for, so
    that nothing is late by the jump. One statement otherwise. A sweep calls it outside of its own transactions: the
    row would stay locked until they end.
    """
    with prepared_cursor() as cursor:
        cursor.execute(TICK, {"sweep": sweep, "now": now, "old": now - TICK_EVERY})
        before = cursor.fetchone()
    if before and before[0] > now + SET_BACK:
        _note_set_back(sweep, now=now, move=move)


@transaction.atomic
def _note_set_back(sweep: str, *, now: datetime, move: Callable[[timedelta], object] | None) -> None:
    """Once for each jump, however many workers see it."""
    tick = EngineTick.objects.select_for_update().get(sweep=sweep)
    jump = tick.ticked_at - now
    if jump <= SET_BACK:
        return
    again = tick.set_back_at is not None and timedelta(0) <= now - tick.set_back_at < SEEN_AGAIN
    tick.ticked_at, tick.set_back_at, tick.set_back_by = now, now, jump
    tick.save(update_fields=["ticked_at", "set_back_at", "set_back_by"])
    logger.error("The clock was set back by %s, as %s saw at %s.", jump, sweep, now)
    if move and not again:
        move(jump)


def record_report(part: EnginePart, *, began_at: datetime, now: datetime) -> None:
    """Note that `part`, which runs since `began_at`, lives at `now`. Called by that part itself."""
    report = {"began_at": began_at, "reported_at": now}
    if not EngineReport.objects.filter(part=part).update(**report):
        EngineReport.objects.bulk_create([EngineReport(part=part, **report)], ignore_conflicts=True)
