"""Ring a worker by task name, once the transaction has committed.

The bell is a courtesy: the row is the truth and the next sweep finds it anyway, so a broker that is
down is logged and never undoes or delays what a person did.
"""

import logging
from datetime import timedelta

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

# One attempt. (Without a policy of its own, even retry=False tries to connect for six seconds.)
ONCE = {"max_retries": 0}


def ring(task_name: str) -> None:
    """Ask a worker to run the sweep `task_name` as soon as the running transaction has committed."""
    transaction.on_commit(lambda: _send(task_name), robust=True)


def sweeps() -> dict[str, timedelta]:
    """{task name: the time between two bells} of every sweep in the beat table."""
    table = current_app.conf.beat_schedule.values()
    return {entry["task"]: timedelta(seconds=entry["schedule"]) for entry in table}


def _send(task_name: str) -> None:
    try:
        current_app.send_task(task_name, expires=10, retry=True, retry_policy=ONCE)
    except (OperationalError, OSError) as error:
        logger.warning("The bell for %s did not ring (%s); the next sweep does the work.", task_name, error)
