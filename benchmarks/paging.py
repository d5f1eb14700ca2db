"""How soon a page reaches somebody: real processes, from the commit to the receiver, beside a bare loop."""

import http.client
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import psycopg

from tests.faults.receiver import Receiver, open_receiver
from tests.folders import own_folder
from tests.stack import HERE, Stack

ROUNDS = 60
BURST = 200
BODY = b"{}" * 300


class Declarer:
    """The bench's side of benchmarks/desk.py."""

    def __init__(self, stack: Stack, address: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.desk", address],
            cwd=HERE,
            env={**stack.environment, "DATABASE_URL": stack.database_url},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._hear()

    def do(self, line: str) -> float:
        """Have it done; the moment of the commit."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return float(self._hear())

    def _hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def close(self) -> None:
        """Go home."""
        self.process.communicate()


def measure_paging() -> str:
    """The tables of one stack: a start, single pages, a burst."""
    with own_folder() as folder, open_receiver() as receiver:
        stack = Stack(folder)
        stack.start()
        began = time.perf_counter()
        assert stack.stop() == 0
        stopped = time.perf_counter() - began
        began = time.perf_counter()
        stack.start()
        started = time.perf_counter() - began
        declarer = Declarer(stack, receiver.address)
        lines = [*measure_idle(stack, declarer, receiver), "", *measure_burst(stack, declarer, receiver), ""]
        declarer.close()
        stack.stop()
    return "\n".join([*lines, f"make run: ready again after {started:.1f} s, ended after {stopped:.1f} s"])


def measure_idle(stack: Stack, declarer: Declarer, receiver: Receiver) -> list[str]:
    """From the commit of a declaration to its first message at the receiver, one at a time; and the bare loop."""
    declared, bare = [], []
    with bare_loop(stack, receiver):
        for number in range(ROUNDS + 1):
            committed = declarer.do("declare")
            declared.append(arrival(receiver, "/declared", number) - committed)
            told = time.time()
            stack.tell("NOTIFY bare")
            bare.append(arrival(receiver, "/bare", number) - told)
    return [
        f"{'Paging, in ms':<44}{'p50':>8}{'p99':>8}{'ratio':>8}",
        _line("NOTIFY, LISTEN and a bare POST", bare[1:], bare[1:]),
        _line("commit of a declaration to its receiver", declared[1:], bare[1:]),
    ]


def measure_burst(stack: Stack, declarer: Declarer, receiver: Receiver) -> list[str]:
    """From the commit of 200 pages to the first and the last receiver; the bells they rang; bare posts of as many."""
    committed = declarer.do(f"burst {BURST}")
    arrivals = sorted(arrival(receiver, f"/{number}", 0) - committed for number in range(BURST))
    worker = stack.number_of("worker")
    os.kill(worker, signal.SIGSTOP)
    declarer.do(f"burst {BURST}")
    bells = len([name for name in os.listdir(Path(stack.folder) / "broker") if name.endswith(".msg")])
    os.kill(worker, signal.SIGCONT)
    for number in range(BURST):
        receiver.wait_until_taken(f"/{number}", 2)
    began = time.time()
    for _ in range(BURST):
        post(receiver, "/posted")
    posted = time.time() - began
    return [
        f"{f'A burst of {BURST} pages':<44}{'s':>8}{'ratio':>16}",
        f"{'as many bare POSTs, one after the other':<44}{posted:>8.2f}{1:>16.1f}",
        f"{'from its commit until the first is told':<44}{arrivals[0]:>8.2f}{arrivals[0] / posted:>16.1f}",
        f"{'until the last is told':<44}{arrivals[-1]:>8.2f}{arrivals[-1] / posted:>16.1f}",
        f"{'tasks for each page, all sweeps together':<44}{bells / BURST:>8.2f}",
    ]


def arrival(receiver: Receiver, path: str, number: int) -> float:
    """When the request after `number` others arrived at `path`, in seconds since the epoch."""
    receiver.wait_until_taken(path, number + 1)
    return receiver.taken_at[path][number]


def post(receiver: Receiver, path: str) -> None:
    """One POST as anybody would send it, on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", receiver.server.server_port)
    connection.request("POST", path, BODY, {"content-type": "application/json", "webhook-id": "bare"})
    connection.getresponse().read()
    connection.close()


@contextmanager
def bare_loop(stack: Stack, receiver: Receiver) -> Iterator[None]:
    """The least that any engine could do: one connection that listens, one POST for each bell."""
    with psycopg.connect(stack.database_url, autocommit=True) as listening:
        listening.execute("LISTEN bare")

        def listen() -> None:
            for bell in listening.notifies():
                if bell.payload == "end":
                    return
                post(receiver, "/bare")

        thread = Thread(target=listen)
        thread.start()
        yield
        stack.tell("NOTIFY bare, 'end'")
        thread.join()


def _line(name: str, seconds: list[float], reference: list[float]) -> str:
    median, slowest = statistics.median(seconds), statistics.quantiles(seconds, n=100)[98]
    ratio = median / statistics.median(reference)
    return f"{name:<44}{median * 1000:>8.1f}{slowest * 1000:>8.1f}{ratio:>8.1f}"
