"""The engine's face: does it run, what of it is silent, and does anything wait that should have left?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from comms.enums import EnginePart
from core.moments import show_left
from core.prepared import prepared_cursor
from core.queue import sweeps

STALLED_AFTER = timedelta(seconds=30)
SET_BACK_SHOWN = timedelta(days=1)
BEAT, WORKER = EnginePart.BEAT, EnginePart.WORKER

QUESTION = """
SELECT 'ticked', sweep, ticked_at FROM comms_enginetick
UNION ALL SELECT 'reported', part, reported_at FROM comms_enginereport
UNION ALL SELECT 'began', part, began_at FROM comms_enginereport
UNION ALL SELECT 'taken', '', taken_at FROM comms_outsidemonitor WHERE host = %(host)s
UNION ALL SELECT 'failing', error, failing_since FROM comms_outsidemonitor WHERE host = %(host)s
UNION ALL SELECT 'held', '', held_since FROM comms_outsidemonitor WHERE host = %(host)s
UNION ALL (SELECT 'set back', extract(epoch FROM set_back_by)::text, set_back_at
FROM comms_enginetick WHERE set_back_at > %(a_day_ago)s ORDER BY set_back_at DESC, set_back_by DESC LIMIT 1)
UNION ALL SELECT 'undone', count(*)::text, min(failed_at) FROM comms_failedreceiver WHERE wake_at IS NOT NULL
UNION ALL SELECT 'unsent', count(*)::text, min(deliver_after)
FROM comms_message WHERE status = 'waiting' AND deliver_after <= %(now)s
"""
Moments = dict[tuple[str, str], datetime | None]
"""{(what happened, to whom): when}."""


@dataclass(frozen=True)
class Silence:
    """One part of the engine that should have shown a sign of life: `since` its last one, None when there was none.

    `part` is beat, worker or the task name of a sweep.
    """

    part: str
    since: datetime | None

    def __str__(self) -> str:
        return {BEAT.value: "beat", WORKER.value: "the worker"}.get(self.part, f"the sweep {self.part}")


@dataclass(frozen=True)
class MonitorState:
    """How the heartbeats to the outside monitor at `host` go: taken, failing with `error`, or held back."""

    host: str
    taken_at: datetime | None = None
    failing_since: datetime | None = None
    error: str = ""
    held_since: datetime | None = None


@dataclass(frozen=True)
class EngineState:
    """`last_tick_at` is the last tick of the sweep that is furthest behind, None when none ever ran.

    `unsent` counts the messages whose moment has come, `oldest_unsent_at` is the oldest such moment. `silent` names
    the processes that do not report, and while all do the sweeps that do not tick. `monitor` is None without one.
    `undone` counts what should have followed from something announced and did not yet, since `oldest_undone_at`.
    `set_back_by` is how much the clock was set back at `set_back_at`, both None unless that was within a day.
    """

    last_tick_at: datetime | None
    oldest_unsent_at: datetime | None
    unsent: int
    is_stalled: bool
    silent: tuple[Silence, ...] = ()
    monitor: MonitorState | None = None
    undone: int = 0
    oldest_undone_at: datetime | None = None
    set_back_at: datetime | None = None
    set_back_by: timedelta | None = None

    @property
    def set_back(self) -> str:
        """That the clock was set back, in one sentence; empty unless that was within a day."""
        if self.set_back_by is None:
            return ""
        return f"The clock was set back by {show_left(self.set_back_by)}; what waited moved with it."

    @property
    def advice(self) -> str:
        """What is wrong in one sentence, and what to do about it; empty while the engine runs."""
        silent = {part.part for part in self.silent}
        if {BEAT, WORKER} <= silent:
            return "Neither beat nor the worker reports: start both."
        if BEAT in silent:
            return "The worker lives, but beat does not ring it: restart beat."
        if WORKER in silent:
            return "Beat rings, but no worker hears it: restart the worker."
        if silent:
            return "Beat and the worker live, but the work is not done: read the worker's log, then restart it."
        return "Every part lives, but messages do not leave: look at the outbox." if self.is_stalled else ""

    def facts(self) -> dict[str, Any]:
        """For machines: counts, names and moments, and nothing of any incident."""
        monitor = self.monitor
        return {
            "stalled": self.is_stalled,
            "silent": [part.part for part in self.silent],
            "advice": self.advice,
            "last_tick_at": self.last_tick_at,
            "oldest_unsent_at": self.oldest_unsent_at,
            "unsent": self.unsent,
            "undone": self.undone,
            "oldest_undone_at": self.oldest_undone_at,
            "set_back_at": self.set_back_at,
            "set_back_seconds": self.set_back_by and round(self.set_back_by.total_seconds()),
            "heartbeat": monitor
            and {
                "taken_at": monitor.taken_at,
                "failing_since": monitor.failing_since,
                "held_since": monitor.held_since,
            },
        }


def engine_state(now: datetime) -> EngineState:
    """The engine at `now`, in one query.

    Stalled: a process or a sweep silent for over 30 s (a sweep that is rung less often may miss one bell), or a
    message due and unsent for so long. A worker rings every sweep as it begins, so beat has 30 s from then.
    """
    host = monitor_host()
    with prepared_cursor() as cursor:
        cursor.execute(QUESTION, {"now": now, "host": host, "a_day_ago": now - SET_BACK_SHOWN})
        rows: list[tuple[str, str, datetime | None]] = cursor.fetchall()
    moments = {(kind, name): moment for kind, name, moment in rows}
    single = {kind: (name, moment) for kind, name, moment in rows}
    set_back_by, set_back_at = single.get("set back", ("", None))
    (unsent, oldest_unsent_at), (undone, oldest_undone_at) = single["unsent"], single["undone"]
    silent = tuple(_silent_parts(moments, now)) or tuple(_silent_sweeps(moments, now))
    waits = oldest_unsent_at is not None and now - oldest_unsent_at > STALLED_AFTER
    return EngineState(
        last_tick_at=_last_tick(moments),
        oldest_unsent_at=oldest_unsent_at,
        unsent=int(unsent),
        is_stalled=bool(silent) or waits,
        silent=silent,
        monitor=_monitor(host, single) if host else None,
        undone=int(undone),
        oldest_undone_at=oldest_undone_at,
        set_back_at=set_back_at,
        set_back_by=timedelta(seconds=float(set_back_by)) if set_back_by else None,
    )


def monitor_host() -> str:
    """Scheme and host of the outside monitor, which is all of its address that may be shown; empty without one."""
    parts = urlsplit(settings.HEARTBEAT_URL)
    return f"{parts.scheme}://{parts.hostname}" if parts.hostname else ""


def _silent_parts(moments: Moments, now: datetime) -> Iterator[Silence]:
    worker_began_at = moments.get(("began", WORKER))
    for part in (BEAT, WORKER):
        since = moments.get(("reported", part))
        grace = worker_began_at if part == BEAT else None
        heard = max((moment for moment in (since, grace) if moment), default=None)
        if heard is None or now - heard > STALLED_AFTER:
            yield Silence(part.value, since)


def _silent_sweeps(moments: Moments, now: datetime) -> Iterator[Silence]:
    for sweep, period in sweeps().items():
        since = moments.get(("ticked", sweep))
        if since is None or now - since > max(STALLED_AFTER, 2 * period):
            yield Silence(sweep, since)


def _last_tick(moments: Moments) -> datetime | None:
    """The tick of the sweep that is furthest behind its bell."""
    ticks = [(moments.get(("ticked", sweep)), period) for sweep, period in sweeps().items()]
    return min(((tick + period, tick) for tick, period in ticks if tick), default=(None, None))[1]


def _monitor(host: str, single: dict[str, tuple[str, datetime | None]]) -> MonitorState:
    nothing = ("", None)
    error, failing_since = single.get("failing", nothing)
    return MonitorState(
        host=host,
        taken_at=single.get("taken", nothing)[1],
        failing_since=failing_since,
        error=error,
        held_since=single.get("held", nothing)[1],
    )
