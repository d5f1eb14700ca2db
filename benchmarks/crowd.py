"""A crowd that watches, as a process of its own: `python -m benchmarks.crowd PORT COUNT ROUNDS`.

The first line of its input is the request that each of them sends. It says `ready` when all have had an answer, then,
for each round, the moment at which the last of them had the event, in seconds since the epoch.
"""

import asyncio
import sys
import time

EVENT = b"event: entry"
AT_ONCE = 50


class Crowd:
    """All of them together, who only count."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.seen = 0

    async def join(self, port: int, request: bytes) -> "asyncio.Task[None]":
        """One more stream, once it has begun to answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        await reader.read(1)
        return asyncio.create_task(self._count(reader, writer))

    async def _count(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65536):
            before = self.seen // self.size
            self.seen += chunk.count(EVENT)
            if self.seen // self.size > before:  # the last of them has the event of this round
                print(time.time(), flush=True)
        writer.close()


async def watch(port: int, size: int, rounds: int, request: bytes) -> None:
    """Until every round is over."""
    crowd, watchers = Crowd(size), list["asyncio.Task[None]"]()
    for begun in range(0, size, AT_ONCE):
        count = min(AT_ONCE, size - begun)
        watchers += await asyncio.gather(*(crowd.join(port, request) for _ in range(count)))
    print("ready", flush=True)
    while crowd.seen < size * rounds:
        await asyncio.sleep(0.01)
    for watcher in watchers:
        watcher.cancel()


if __name__ == "__main__":
    port, size, rounds = map(int, sys.argv[1:4])
    asyncio.run(watch(port, size, rounds, sys.stdin.readline().encode().decode("unicode_escape").encode()))
