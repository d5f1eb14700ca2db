"""One open stream: its lines as server-sent events, and where what it needs of the database is fetched."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import connections

RETRY = b"retry: 1000\n\n"
# An event and no comment: the browser shows comments to nobody, and the page must notice when they stop.
BEAT = b"event: beat\ndata: 1\n\n"

# As many as the pool keeps for streams: a crowd that comes back at once waits its turn here, not for a connection.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="live")
P = ParamSpec("P")
T = TypeVar("T")


def event(name: str, text: str, *, number: int | None = None) -> bytes:
    """One server-sent event; with a `number` a reconnect continues after it."""
    lines = [f"event: {name}"] + ([f"id: {number}"] if number is not None else [])
    lines += [f"data: {line}" for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return ("\n".join(lines) + "\n\n").encode()


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work` in one of two shared threads; its database connection goes back to the pool at once."""

    def run() -> T:
        try:
            return work(*args, **kwargs)
        finally:
            connections.close_all()

    return await sync_to_async(run, thread_sensitive=False, executor=_threads)()


async def give_back_connection() -> None:
    """Return to the pool what the middleware of this request has used: a stream would hold it until its end."""
    await sync_to_async(connections.close_all, thread_sensitive=True)()
