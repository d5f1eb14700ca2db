"""The heartbeat to an outside monitor, which raises the alarm when it stops: no engine can do that for itself."""

from datetime import datetime

from django.conf import settings

from comms.actions.engine import record_tick
from comms.models import OutsideMonitor
from comms.queries.engine import engine_state, monitor_host
from comms.transports.monitor import send_ping

SWEEP = "comms.send_heartbeat"


def send_heartbeat(*, now: datetime) -> bool:
    """Ask the monitor's address while the engine runs; whether the monitor took it.

    While the engine is stalled it sends nothing and keeps since when. A heartbeat that is not taken is kept with its
    error and is no page: the monitor itself will say that it hears nothing. Sends outside of any transaction, and
    twice is as good as once. Without a monitor it does nothing. Records its tick.
    """
    record_tick(SWEEP, now=now)
    host = monitor_host()
    if not host:
        return False
    row, _ = OutsideMonitor.objects.get_or_create(host=host)
    monitor = OutsideMonitor.objects.filter(pk=row.pk)
    if engine_state(now).is_stalled:
        monitor.update(held_since=row.held_since or now)
        return False
    error = send_ping(settings.HEARTBEAT_URL)[:200]
    if error:
        monitor.update(held_since=None, failing_since=row.failing_since or now, error=error)
    else:
        monitor.update(held_since=None, failing_since=None, error="", taken_at=now)
    return not error
