"""The bells of the post office."""

from threading import Event, Lock

from celery import shared_task
from django.utils import timezone

from comms.actions import failed_receiver, monitor
from comms.actions.delivery import SWEEP, deliver_due

# A sweep goes on until nothing is due. A second one in the same process would find nothing and hold up a worker that
# others need, as long as a slow channel takes. A bell that rings while it ends is heard all the same.
alone, rung = Lock(), Event()


@shared_task(name=SWEEP)
def deliver_due_task() -> int:
    """Hand over what is due, unless this process is already at it: then it looks once more."""
    rung.set()
    sent = 0
    while rung.is_set() and alone.acquire(blocking=False):
        try:
            rung.clear()
            sent += deliver_due(now=timezone.now())
        finally:
            alone.release()
    return sent


@shared_task(name=monitor.SWEEP)
def send_heartbeat_task() -> bool:
    """Tell the outside monitor that the engine runs, if it does."""
    return monitor.send_heartbeat(now=timezone.now())


@shared_task(name=failed_receiver.SWEEP)
def retry_failed_receivers_task() -> int:
    """Let what should have followed follow."""
    return failed_receiver.retry_failed_receivers(now=timezone.now())
