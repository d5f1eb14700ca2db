"""Beat and the worker say themselves that they live, so that it can be told which of the two is silent.

Each from a thread of its own: a database that is away keeps neither from its work, and is logged.
"""

import logging
from collections.abc import Callable
from threading import Event, Thread

from celery.signals import worker_ready, worker_shutting_down
from django.db import Error, connection
from django.utils import timezone

from comms.actions.engine import record_report
from comms.enums import EnginePart

logger = logging.getLogger(__name__)

REPORT_EVERY = 5.0  # seconds


class Reports(Thread):
    """Reports for `part` as long as `works()` says that it does what it is there for."""

    def __init__(self, part: EnginePart, works: Callable[[], bool]) -> None:
        super().__init__(name="reports", daemon=True)
        self.part = part
        self.works = works
        self.began_at = timezone.now()
        self.ended = Event()

    def run(self) -> None:
        """Until `ended` is set."""
        while not self.ended.is_set():
            if self.works():
                self.report()
            self.ended.wait(REPORT_EVERY)

    def report(self) -> None:
        """Write one report, and give the connection back."""
        try:
            record_report(self.part, began_at=self.began_at, now=timezone.now())
        except Error as error:
            logger.warning("%s could not report: %s", self.part.label, error)
        finally:
            connection.close()


@worker_ready.connect
def begin_reports(**_: object) -> None:
    """The worker takes bells from now on, until it is asked to end."""
    reports = Reports(EnginePart.WORKER, works=lambda: True)
    worker_shutting_down.connect(lambda **_: reports.ended.set(), weak=False)
    reports.start()
