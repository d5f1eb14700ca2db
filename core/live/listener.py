"""The one ear of a process: it LISTENs, and hands what it hears to the watchers of that channel."""

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import connections

from core.live.bell import PG_CHANNEL
from core.live.shelf import Shelf
from core.live.watcher import Channel, Prepare, Watcher

BEAT_SECONDS = 15.0  # so often the connection is tried, and every watcher told that it is heard
FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.1, 3.0
logger = logging.getLogger(__name__)


class Hub:
    """The one LISTEN of a process: it runs while somebody watches."""

    def __init__(self) -> None:
        self.shelf = Shelf()
        self.is_listening = False
        self._channels: dict[str, Channel] = {}
        self._listener: asyncio.Task[None] | None = None

    @contextmanager
    def watch(self, channel: str, prepare: Prepare | None = None) -> Iterator[Watcher]:
        """A watcher of `channel` for as long as the block runs; it misses nothing that is announced meanwhile.

        Whoever is first gives what `prepare`s the announcements for all of them before they are told.
        """
        watcher = Watcher()
        if channel not in self._channels:
            self._channels[channel] = Channel(prepare)
        watchers = self._channels[channel].watchers
        watchers.add(watcher)
        if self._listener is None or self._listener.done():
            self._listener = asyncio.get_running_loop().create_task(self._listen())
        try:
            yield watcher
        finally:
            watchers.discard(watcher)
            if not watchers:
                del self._channels[channel]
            if not self._channels and self._listener is not None:
                self._listener.cancel()
                self._listener = None

    def count(self) -> int:
        """How many streams are open in this process."""
        return sum(len(channel.watchers) for channel in self._channels.values())

    async def _listen(self) -> None:
        """Hear until cancelled; a lost connection comes back, and then everybody catches up from rows."""
        pause = FIRST_BACK_OFF
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**_connection_settings()) as listening:
                    await listening.execute(f"LISTEN {PG_CHANNEL}")
                    self.is_listening, pause = True, FIRST_BACK_OFF
                    self._miss_everywhere()
                    while True:
                        async for notify in listening.notifies(timeout=BEAT_SECONDS):
                            self._dispatch(notify.payload)
                        await listening.execute("SELECT 1")
                        for watcher in self._all():
                            watcher.wake()
            except (psycopg.Error, OSError) as error:
                logger.warning("Live updates lost the database (%s); trying again in %.1f s.", error, pause)
            finally:
                self.is_listening = False
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_BACK_OFF)

    def _dispatch(self, text: str) -> None:
        name, announcement = json.loads(text)
        if channel := self._channels.get(name):
            channel.say(announcement)

    def _miss_everywhere(self) -> None:
        for watcher in self._all():
            watcher.miss()

    def _all(self) -> Iterator[Watcher]:
        return (watcher for channel in self._channels.values() for watcher in channel.watchers)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop: one in a web process."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


def _connection_settings() -> dict[str, Any]:
    """Where the database is, for a connection outside the pool; a line that went dead is noticed within a minute."""
    known = connections["default"].get_connection_params()
    where = {key: value for key, value in known.items() if key not in {"context", "cursor_factory"}}
    return {**where, "autocommit": True, "keepalives_idle": 15, "keepalives_interval": 10, "keepalives_count": 3}
