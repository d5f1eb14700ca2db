"""The engine's face: does it run, and does anything wait that should have left?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

STALLED_AFTER = timedelta(seconds=30)


@dataclass(frozen=True)
class EngineState:
    """`last_tick_at` is the last tick of the sweep that is quiet longest, None when none ever ran.

    `unsent` counts the messages whose moment has come, `oldest_unsent_at` is the oldest such moment.
    """

    last_tick_at: datetime | None
    oldest_unsent_at: datetime | None
    unsent: int
    is_stalled: bool


def engine_state(now: datetime) -> EngineState:
    """The engine at `now`, in one query. Stalled: a sweep silent, or a message due and unsent, for over 30 s."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT min(ticked_at) FROM comms_enginetick), min(deliver_after), count(*)
            FROM comms_message WHERE status = 'waiting' AND deliver_after <= %s
            """,
            [now],
        )
        last_tick_at, oldest_unsent_at, unsent = cursor.fetchone()
    silent = last_tick_at is None or now - last_tick_at > STALLED_AFTER
    waits = oldest_unsent_at is not None and now - oldest_unsent_at > STALLED_AFTER
    return EngineState(last_tick_at, oldest_unsent_at, unsent, is_stalled=silent or waits)
