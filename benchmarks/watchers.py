"""How soon the last of a thousand watchers has what somebody wrote, beside sockets that do nothing else."""

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from threading import Event, Thread
from urllib.parse import urlsplit
from uuid import uuid4

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.live import live_room
from incidents.actions.composer import post_line
from incidents.models import Level

WATCHERS = 1000
ROUNDS = 40


def measure_watchers(level: Level) -> str:
    """Milliseconds from the commit of a note to its arrival at the last watcher: median and the 95th percentile."""
    room = live_room(level)

    def write() -> float:
        committed = []
        with transaction.atomic():
            transaction.on_commit(lambda: committed.append(time.time()))
            post_line(room.incident, by=room.writer, now=timezone.now(), line="A note", submission_key=uuid4())
        return committed[0]

    at = urlsplit(room.address)
    asked = f"GET {at.path} HTTP/1.1\r\nHost: {at.netloc}\r\nCookie: sessionid={room.session}\r\n\r\n"
    raw = RawServer()
    raw.start()
    assert raw.listens.wait(20), "the raw sockets do not listen"
    plain = spread(raw.port, "GET / HTTP/1.1\r\n\r\n", raw.say)
    ours = spread(at.port or 0, asked, write)
    room.server.stop()
    connection.close()
    lines = [f"{f'The last of {WATCHERS:,} watchers, in ms':<34}{'median':>8}{'p95':>9}{'ratio':>8}"]
    for name, found in (("raw sockets", plain), ("a room's stream", ours)):
        ratio = percentile(found) / percentile(plain)
        lines.append(f"{name:<34}{statistics.median(found):>8.1f}{percentile(found):>9.1f}{ratio:>8.1f}")
    return "\n".join(lines) + "\n"


def percentile(found: list[float]) -> float:
    """The 95th."""
    return statistics.quantiles(found, n=20)[-1]


def spread(port: int, request: str, say: Callable[[], float]) -> list[float]:
    """For each round, the milliseconds until a crowd at `port` has what `say` wrote, all of them."""
    command = [sys.executable, "-m", "benchmarks.crowd", str(port), str(WATCHERS), str(ROUNDS)]
    took = []
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as crowd:
        assert crowd.stdin is not None
        assert crowd.stdout is not None
        crowd.stdin.write(request.encode("unicode_escape").decode() + "\n")
        crowd.stdin.flush()
        assert crowd.stdout.readline().strip() == "ready"
        for _ in range(ROUNDS):
            written = say()
            took.append((float(crowd.stdout.readline()) - written) * 1000)
    return took


class RawServer(Thread):
    """Answers everybody with a head, then writes one event to all whenever it is told to."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.listens = Event()
        self.port = 0
        self.writers: list[asyncio.StreamWriter] = []

    def run(self) -> None:
        """Until the process ends."""
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._greet, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.listens.set()
        await server.serve_forever()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        self.writers.append(writer)

    def say(self) -> float:
        """Write to all; the moment before."""
        began = time.time()
        self.loop.call_soon_threadsafe(self._write)
        return began

    def _write(self) -> None:
        for writer in self.writers:
            writer.write(b"event: entry\ndata: A note\n\n")
