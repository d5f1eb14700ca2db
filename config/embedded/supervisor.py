"""Keep a handful of children running: a killed one comes back, Ctrl-C stops all of them in order.

Honcho, which starts processes from a list, ends all of them as soon as one has ended; at three in the morning the
worker has to come back instead.
"""

import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

SHORT_LIFE = 5.0  # seconds: a child that ends younger than this waits before it is started again
LONGEST_WAIT = 10.0
TIME_TO_END = 10.0
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Child:
    """One process to keep running. `start` starts it anew; `end_signal` asks it to end; `rank` orders the ending."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    end_signal: signal.Signals = signal.SIGTERM
    rank: int = 0
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    short_lives: int = 0
    start_at: float | None = field(default=0.0)

    def begin(self) -> None:
        """Start the process now."""
        self.take(self.start())

    def take(self, process: subprocess.Popen[bytes]) -> None:
        """Keep running what was started already."""
        self.process, self.started_at, self.start_at = process, time.monotonic(), None

    def running(self) -> bool:
        """Whether the process lives."""
        return self.process is not None and self.process.poll() is None

    def end(self, number: signal.Signals) -> None:
        """Send `number` when the process lives."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def next_start(self, now: float) -> float:
        """When to start again after an ending found at `now`: at once, or a little later each time it dies young."""
        self.short_lives = self.short_lives + 1 if now - self.started_at < SHORT_LIFE else 0
        return now + (min(LONGEST_WAIT, 0.25 * 2**self.short_lives) if self.short_lives > 1 else 0)


class Supervisor:
    """Runs children until a signal asks for the end; the second signal no longer waits for them."""

    def __init__(self, children: list[Child], say: Callable[[str], None]) -> None:
        """`say` takes one sentence for whoever watches, and never waits for them."""
        self.children = children
        self.say = say
        self.asked_to_end = 0
        self.bell, self.rope = socket.socketpair()

    def __enter__(self) -> "Supervisor":
        """Listen for signals; from here on a Ctrl-C is a wish and no exception."""
        for end in (self.bell, self.rope):
            end.setblocking(False)
        signal.set_wakeup_fd(self.rope.fileno())
        for number in ENDINGS:
            signal.signal(number, self._note_wish)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        return self

    def __exit__(self, *failure: object) -> None:
        """End every child, in order, whatever happened."""
        for rank in sorted({child.rank for child in self.children}):
            self._end_all([child for child in self.children if child.rank == rank])

    def _note_wish(self, number: int, frame: FrameType | None) -> None:
        self.asked_to_end += 1

    def wait(self, seconds: float) -> None:
        """Until something happened to a child, a signal came, or `seconds` have passed."""
        if select.select([self.bell], [], [], max(0.0, seconds))[0]:
            self.bell.recv(4096)

    def tend(self) -> float:
        """Start what is due, note what has ended; seconds until the next thing is due."""
        now = time.monotonic()
        for child in self.children:
            if child.start_at is None and not child.running():
                child.start_at = child.next_start(now)
                self.say(f"{child.name} ended ({ending_of(child)}), starting it again.")
            if child.start_at is not None and child.start_at <= now:
                child.begin()
        return min([child.start_at - now for child in self.children if child.start_at is not None], default=60.0)

    def run(self) -> None:
        """Tend the children until the end is asked for."""
        while not self.asked_to_end:
            self.wait(self.tend())

    def _end_all(self, children: list[Child]) -> None:
        for child in children:
            child.end(child.end_signal)
        deadline = time.monotonic() + TIME_TO_END
        while any(child.running() for child in children) and time.monotonic() < deadline and self.asked_to_end < 2:
            self.wait(0.2)
        for child in children:
            child.end(signal.SIGKILL)
        for child in children:
            if child.process is not None:
                child.process.wait()


def ending_of(child: Child) -> str:
    """How the process of `child` ended, in words: `signal 9` or `exit 1`."""
    code = child.process.returncode if child.process else None
    return f"signal {-code}" if code is not None and code < 0 else f"exit {code}"


def wait_for(supervisor: Supervisor, is_so: Callable[[], bool], seconds: float, *, every: float = 0.1) -> bool:
    """Tend the children until `is_so()`, asked `every` so many seconds; False when the end was asked for or `seconds`
    have passed first."""
    deadline = time.monotonic() + seconds
    while not supervisor.asked_to_end and time.monotonic() < deadline:
        supervisor.tend()
        if is_so():
            return True
        supervisor.wait(every)
    return False
