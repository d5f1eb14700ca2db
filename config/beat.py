"""Beat's scheduler: Celery's own that keeps no file of what it rang, and says that it rings."""

import time
from typing import Any

from celery import beat

from comms.enums import EnginePart
from config.reports import REPORT_EVERY, Reports


class Scheduler(beat.Scheduler):
    """Reports for as long as it ticks: one that is stuck in its broker falls silent, and is seen to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ticked_at = time.monotonic()
        self.reports = Reports(EnginePart.BEAT, works=self.ticks)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Ring what is due; the seconds until the next bell."""
        self.ticked_at = time.monotonic()
        if not self.reports.is_alive():
            self.reports.start()
        wait: float = super().tick(*args, **kwargs)
        return wait

    def ticks(self) -> bool:
        """Whether it has ticked in the last seconds; the shortest period of the table is one."""
        return time.monotonic() - self.ticked_at < 2 * REPORT_EVERY
