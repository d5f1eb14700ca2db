"""Who watches: what a stream has heard and not yet read, and all who watch one thing in this process."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from core.live.bell import Announcement

MOST_PENDING = 200  # announcements that one watcher may leave unread before it must catch up from rows
Prepare = Callable[[list[Announcement]], Awaitable[None]]
logger = logging.getLogger(__name__)


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


class Channel:
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
