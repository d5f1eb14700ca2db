"""What was made once in this process for all who watch."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from weakref import WeakValueDictionary

from core.live.stream import in_thread

MOST_KEPT = 4000  # rendered events kept in one process


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
