"""PostgreSQL NOTIFY to server-sent events.

Whoever writes calls `announce` inside the transaction: the bell rings exactly at commit. Each web process LISTENs
once, on a connection of its own, and hands what it hears to the watchers of that channel. A watcher that falls behind,
or whose process lost its connection, is told to catch up from the rows: the rows are the truth, this is only the bell.
It knows neither templates nor rights.
"""

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary, WeakValueDictionary

import psycopg
from asgiref.sync import sync_to_async
from django.db import connection, connections

PG_CHANNEL = "muster_live"
MOST_PENDING = 200  # announcements that one watcher may leave unread before it must catch up from rows
MOST_KEPT = 4000  # rendered events kept in one process
BEAT_SECONDS = 15.0  # so often the connection is tried, and every watcher told that it is heard
FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.1, 3.0
RETRY = b"retry: 1000\n\n"
# An event and no comment: the browser shows comments to nobody, and the page must notice when they stop.
BEAT = b"event: beat\ndata: 1\n\n"

# As many as the pool keeps for streams: a crowd that comes back at once waits its turn here, not for a connection.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="live")
Announcement = dict[str, Any]
Prepare = Callable[[list[Announcement]], Awaitable[None]]
P = ParamSpec("P")
T = TypeVar("T")
logger = logging.getLogger(__name__)


@dataclass
class _Gathered:
    """What leaves at the end of a block: bells, and rows by who writes them, where the block takes any."""

    takes_rows: bool
    bells: dict[str, None] = field(default_factory=dict)
    rows: dict[Callable[[list[Any]], None], list[Any]] = field(default_factory=dict)


_gathered: ContextVar[_Gathered | None] = ContextVar("gathered", default=None)


def announce(channel: str, payload: Announcement) -> None:
    """Ring everybody who watches `channel`, when the running transaction commits; the same twice rings once.

    `payload` must be small (PostgreSQL carries 8,000 bytes): numbers and names, never the thing itself.
    """
    bell, kept = json.dumps([channel, payload], sort_keys=True), _gathered.get()
    if kept is None:
        _ring([bell])
    else:
        kept.bells[bell] = None


@contextmanager
def gathered(*, rows: bool = False) -> Iterator[None]:
    """Let what is announced in this block leave in one statement at its end, each of it once; nothing when it raises.

    With `rows` also what is `put_off`, before the bells. A block within another hands on to that one. Inside a
    transaction, and around each part of it that may be undone by itself: a watcher counts the numbers that it hears.
    """
    outer = _gathered.get()
    hands_on_rows = outer is not None and outer.takes_rows
    kept = _Gathered(takes_rows=rows or hands_on_rows)
    before = _gathered.set(kept)
    try:
        yield
        if not hands_on_rows:
            for write, put_off_rows in kept.rows.items():
                write(put_off_rows)
    finally:
        _gathered.reset(before)
    if outer is not None:
        outer.bells.update(kept.bells)
        if hands_on_rows:
            for write, put_off_rows in kept.rows.items():
                outer.rows.setdefault(write, []).extend(put_off_rows)
    elif kept.bells:
        _ring(list(kept.bells))


def put_off(write: Callable[[list[T]], None], row: T) -> bool:
    """Let `write` have `row` at the end of the block, with all others that were put off for it; whether one takes it.

    For rows that nobody reads before the end of the action; outside of a block that takes rows the caller writes.
    """
    kept = _gathered.get()
    if kept is None or not kept.takes_rows:
        return False
    kept.rows.setdefault(write, []).append(row)
    return True


def _ring(bells: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, bell) FROM unnest(%s::text[]) AS bell", [PG_CHANNEL, bells])


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


@dataclass(frozen=True)
class Heard:
    """What a watcher has heard since it last asked; with `must_catch_up` some of it was lost: read the rows."""

    announcements: list[Announcement] = field(default_factory=list)
    must_catch_up: bool = False

    def __bool__(self) -> bool:
        return self.must_catch_up or bool(self.announcements)


class Watcher:
    """One open stream: what was announced and not yet read."""

    def __init__(self) -> None:
        self._pending: list[Announcement] = []
        self._must_catch_up = False
        self._bell: asyncio.Future[None] | None = None

    def hear(self, announcements: list[Announcement]) -> None:
        """Keep them until the stream asks; too many unread are dropped and become a catch-up."""
        if len(self._pending) >= MOST_PENDING:
            self.miss()
        else:
            self._pending += announcements
            self.wake()

    def miss(self) -> None:
        """Something may have been lost."""
        self._pending, self._must_catch_up = [], True
        self.wake()

    def wake(self) -> None:
        """Let it go on, also without news: that is a beat."""
        if self._bell is not None and not self._bell.done():
            self._bell.set_result(None)

    async def next(self) -> Heard:
        """Wait for news; an empty answer is a beat: there was none, and the database is heard."""
        if not self._pending and not self._must_catch_up:
            self._bell = asyncio.get_running_loop().create_future()
            await self._bell
        heard = Heard(self._pending, self._must_catch_up)
        self._pending, self._must_catch_up = [], False
        return heard


class _Channel:
    """All who watch one thing in this process. What they are told of is prepared once, then each wakes once."""

    def __init__(self, prepare: Prepare | None) -> None:
        self.watchers: set[Watcher] = set()
        self._prepare = prepare
        self._said: list[Announcement] = []
        self._pump: asyncio.Task[None] | None = None

    def say(self, announcement: Announcement) -> None:
        """Tell all of them, in the order in which it is said."""
        self._said.append(announcement)
        if self._pump is None:
            self._pump = asyncio.get_running_loop().create_task(self._tell())

    async def _tell(self) -> None:
        while self._said:
            said, self._said = self._said, []
            try:
                if self._prepare is not None:
                    await self._prepare(said)
            except Exception:  # each watcher reads the rows for itself then
                logger.exception("What %d watchers are to see could not be prepared.", len(self.watchers))
            for watcher in self.watchers:
                watcher.hear(said)
        self._pump = None


class Shelf:
    """Bytes made once in this process for all who watch: by channel and number, the oldest thrown away."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def take(
        self, channel: str, numbers: Iterable[int], make: Callable[[list[int]], Mapping[int, bytes]]
    ) -> list[tuple[int, bytes]]:
        """The bytes of `numbers`, in order; `make` is called in a thread, once for those nobody has asked for yet."""
        wanted = list(numbers)
        if all((channel, number) in self._kept for number in wanted):
            return [(number, self._kept[channel, number]) for number in wanted]
        lock = self._locks.setdefault(channel, asyncio.Lock())
        async with lock:
            missing = [number for number in wanted if (channel, number) not in self._kept]
            made = await in_thread(make, missing) if missing else {}
            self._kept.update({(channel, number): content for number, content in made.items()})
        found = [(number, self._kept[channel, number]) for number in wanted if (channel, number) in self._kept]
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return found


class Hub:
    """The one LISTEN of a process: it runs while somebody watches."""

    def __init__(self) -> None:
        self.shelf = Shelf()
        self.is_listening = False
        self._channels: dict[str, _Channel] = {}
        self._listener: asyncio.Task[None] | None = None

    @contextmanager
    def watch(self, channel: str, prepare: Prepare | None = None) -> Iterator[Watcher]:
        """A watcher of `channel` for as long as the block runs; it misses nothing that is announced meanwhile.

        Whoever is first gives what `prepare`s the announcements for all of them before they are told.
        """
        watcher = Watcher()
        if channel not in self._channels:
            self._channels[channel] = _Channel(prepare)
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
