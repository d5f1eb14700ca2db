"""Each sweep, beat and the worker leave their mark, so that every page can show whether the engine runs."""

from datetime import datetime, timedelta

from django.db.models import Q

from comms.enums import EnginePart
from comms.models import EngineReport, EngineTick

TICK_EVERY = timedelta(seconds=1)


def record_tick(sweep: str, *, now: datetime) -> None:
    """Note that `sweep` is doing its work at `now`; at most once a second, more often it changes nothing.

    A tick that is still to come is from before the clock was set back, and gives way: it would hide a silence. A sweep
    calls it outside of its own transactions: the row would stay locked until they end.
    """
    old = Q(ticked_at__lte=now - TICK_EVERY) | Q(ticked_at__gt=now + TICK_EVERY)
    if not EngineTick.objects.filter(old, sweep=sweep).update(ticked_at=now):
        EngineTick.objects.bulk_create([EngineTick(sweep=sweep, ticked_at=now)], ignore_conflicts=True)


def record_report(part: EnginePart, *, began_at: datetime, now: datetime) -> None:
    """Note that `part`, which runs since `began_at`, lives at `now`. Called by that part itself."""
    report = {"began_at": began_at, "reported_at": now}
    if not EngineReport.objects.filter(part=part).update(**report):
        EngineReport.objects.bulk_create([EngineReport(part=part, **report)], ignore_conflicts=True)
