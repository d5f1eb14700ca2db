"""Say something to whoever started Muster, and never wait for them: they may hold the terminal, or read no pipe."""

import os
import select
import socket
import stat
from collections.abc import Callable
from contextlib import suppress

Write = Callable[[bytes], int]


class Voice:
    """Says sentences on a file descriptor. One that cannot be written at once is dropped, and the next one that can
    says how many were."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.dropped = 0
        self._write: Write | None = None

    def __call__(self, sentence: str) -> None:
        """Say `sentence` as a line, or drop it: also when nobody is left to read."""
        missing = f"(Not written here before this line: {self.dropped}.)\n" if self.dropped else ""
        try:
            self._write = self._write or way_to_write(self.descriptor)
            self._write(f"{missing}{sentence}\n".encode()[: select.PIPE_BUF])
        except OSError:  # blocked, closed, full: the children are what matters
            self.dropped += 1
        else:
            self.dropped = 0


def way_to_write(descriptor: int) -> Write:
    """How to write to `descriptor` without waiting, and without a change that the children who share it would see."""
    kind = os.fstat(descriptor).st_mode
    if stat.S_ISSOCK(kind):
        return lambda line: _send_if_ready(descriptor, line)
    if stat.S_ISFIFO(kind) or os.isatty(descriptor):
        with suppress(OSError):  # where it cannot be opened once more it is asked each time
            own = os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            return lambda line: os.write(own, line)
    return lambda line: _write_if_ready(descriptor, line)


def _send_if_ready(descriptor: int, line: bytes) -> int:
    with socket.socket(fileno=os.dup(descriptor)) as talk:
        return talk.send(line, socket.MSG_DONTWAIT)


def _write_if_ready(descriptor: int, line: bytes) -> int:
    """Write when it would not block; a file never does. Raises BlockingIOError."""
    if not select.select([], [descriptor], [], 0)[1]:
        raise BlockingIOError
    return os.write(descriptor, line)
