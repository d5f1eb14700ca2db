"""How soon a page reaches somebody: real processes, from the press to the receiver."""

import statistics
import time

from tests.faults.desk import Desk
from tests.faults.receiver import open_receiver
from tests.folders import own_folder
from tests.stack import Stack

ROUNDS = 20


def measure_paging() -> str:
    """Median and slowest milliseconds between the page's commit and its arrival at a web hook, and one start."""
    with own_folder() as folder, open_receiver() as receiver:
        stack = Stack(folder)
        stack.start()
        began = time.perf_counter()
        assert stack.stop() == 0
        stopped = time.perf_counter() - began
        began = time.perf_counter()
        stack.start()
        started = time.perf_counter() - began
        desk = Desk({**stack.environment, "DATABASE_URL": stack.database_url})
        desk.page(f"{receiver.address}/warm-up")
        receiver.wait_until_taken("/warm-up")
        times = []
        for number in range(ROUNDS):
            desk.page(f"{receiver.address}/{number}")
            began = time.perf_counter()
            receiver.wait_until_taken(f"/{number}")
            times.append((time.perf_counter() - began) * 1000)
        desk.close()
        stack.stop()
    return (
        f"{'Paging, in ms':<34}{'median':>8}{'slowest':>9}\n"
        f"{'from its commit to its receiver':<34}{statistics.median(times):>8.1f}{max(times):>9.1f}\n\n"
        f"make run: ready again after {started:.1f} s, ended after {stopped:.1f} s"
    )
