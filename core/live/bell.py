"""The bell: what is announced inside a transaction rings exactly at its commit, gathered or at once."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core.prepared import prepared_cursor

PG_CHANNEL = "muster_live"
Announcement = dict[str, Any]
T = TypeVar("T")


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
    with prepared_cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, bell) FROM unnest(%s::text[]) AS bell", [PG_CHANNEL, bells])
