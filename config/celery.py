"""The Celery app and the beat table: one line a sweep, with its period.

The broker only rings the bell. Every sweep reads rows whose moment has come, so an emptied or stopped broker
costs at most one period. Each entry expires after its own period: a pause leaves no pile of bells.
"""

import os
import warnings

from celery import Celery
from celery.signals import worker_ready
from django.conf import settings
from kombu import Queue

from config import bell

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

SWEEPS = {
    # task name: seconds between two bells
    "comms.deliver_due": 1.0,
    "comms.retry_failed_receivers": 5.0,
    "escalation.advance_due_pages": 1.0,
    "escalation.follow_up_swaps": 10.0,
    "escalation.mail_plan_b": 60.0,
    "escalation.notice_shifts": 10.0,
    "escalation.report_health": 10.0,
    "escalation.read_due_calendars": 10.0,
    "escalation.settle_waiting_answers": 5.0,
    "escalation.tidy_ended_pages": 600.0,
    "incidents.mail_digests": 60.0,
    "incidents.sweep_command": 5.0,
    "incidents.sweep_promises": 1.0,
}


def sweeps() -> dict[str, float]:
    """The sweeps with their periods; the heartbeat is one of them when there is a monitor to hear it."""
    heartbeat = {"comms.send_heartbeat": float(settings.HEARTBEAT_SECONDS)} if settings.HEARTBEAT_URL else {}
    return {**SWEEPS, **heartbeat}


# `make run` is meant to work as root too; messages are JSON, so nobody can send code to a worker.
warnings.filterwarnings("ignore", "You're running the worker with superuser privileges")

app = Celery("muster")


def configuration() -> dict[str, object]:
    """Celery's settings, read on first use: importing the `config` package must not load Django's settings."""
    in_folder = settings.BROKER_URL.startswith("filesystem")
    return {
        "broker_url": bell.ADDRESS if in_folder else settings.BROKER_URL,
        "broker_transport_options": bell.options(settings.BROKER_FOLDER) if in_folder else {},
        "broker_connection_retry_on_startup": True,
        # The unnamed exchange goes straight to the queue: a routing table in the broker folder could be emptied away.
        "task_queues": [Queue("muster", routing_key="muster")],
        "task_default_queue": "muster",
        "task_default_exchange": "",
        "task_default_routing_key": "muster",
        "task_ignore_result": True,
        "task_acks_late": False,
        "worker_prefetch_multiplier": 1,
        "worker_enable_remote_control": not in_folder,
        "worker_hijack_root_logger": False,
        "timezone": "UTC",
        "beat_schedule": {
            name: {"task": name, "schedule": seconds, "options": {"expires": seconds}}
            for name, seconds in sweeps().items()
        },
        "beat_scheduler": "config.beat:Scheduler",
    }


app.add_defaults(configuration)
app.autodiscover_tasks()


@worker_ready.connect
def ring_every_sweep(**_: object) -> None:
    """A worker that has begun looks at once at what is due, whenever beat rings next."""
    for name, seconds in sweeps().items():
        app.send_task(name, expires=seconds)
