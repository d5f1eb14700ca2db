"""The bell: it rings at commit, for its channel only, and loses nothing when the line to the database is cut."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from django.db import connection, transaction

from core import live

pytestmark = pytest.mark.django_db(transaction=True)


def play(story: Callable[[], Awaitable[None]]) -> None:
    """Run an asynchronous story to its end; what it left in the threads' connections is given back."""
    asyncio.run(story())


async def soon(watcher: live.Watcher) -> live.Heard:
    return await asyncio.wait_for(watcher.next(), 10)


async def first_words(watcher: live.Watcher) -> live.Heard:
    """The catch-up that every watcher is asked for once the process listens."""
    return await soon(watcher)


def ring(channel: str, **payload: object) -> None:
    live.announce(channel, payload)


def test_what_is_announced_is_heard_by_the_watchers_of_its_channel_and_nobody_else():
    async def story() -> None:
        hub = live.hub()
        with hub.watch("incident:A") as one, hub.watch("incident:A") as two, hub.watch("incident:B") as other:
            for watcher in (one, two, other):
                assert (await first_words(watcher)).must_catch_up

            await live.in_thread(ring, "incident:A", entry=7)

            assert (await soon(one)).announcements == [{"entry": 7}]
            assert (await soon(two)).announcements == [{"entry": 7}]
            await live.in_thread(ring, "incident:B", entry=1)
            assert (await soon(other)).announcements == [{"entry": 1}]

    play(story)


def test_an_announcement_of_a_transaction_that_is_undone_is_never_heard():
    def undone() -> None:
        with transaction.atomic():
            ring("incident:A", entry=1)
            transaction.set_rollback(True)
        ring("incident:A", entry=2)

    async def story() -> None:
        with live.hub().watch("incident:A") as watcher:
            await first_words(watcher)
            await live.in_thread(undone)
            assert (await soon(watcher)).announcements == [{"entry": 2}]

    play(story)


def test_what_is_gathered_leaves_in_one_statement_each_once_and_without_what_was_undone(django_assert_num_queries):
    @live.gathered()
    def undone() -> None:
        ring("incident:A", entry=2)
        raise ValueError("undone")

    def gather() -> None:
        with django_assert_num_queries(1), live.gathered():
            ring("incident:A", entry=1)
            with pytest.raises(ValueError, match="undone"):
                undone()
            with live.gathered():
                ring("incident:A", entry=3)
                ring("incident:A", entry=1)

    async def story() -> None:
        with live.hub().watch("incident:A") as watcher:
            await first_words(watcher)
            await live.in_thread(gather)
            heard = (await soon(watcher)).announcements
            while len(heard) < 2:
                heard += (await soon(watcher)).announcements
            assert heard == [{"entry": 1}, {"entry": 3}]

    play(story)


def test_the_same_announced_twice_in_one_transaction_rings_once():
    def twice() -> None:
        with transaction.atomic():
            ring("incident:A", changed=["owed"])
            ring("incident:A", changed=["owed"])
            ring("incident:A", entry=1)

    async def story() -> None:
        with live.hub().watch("incident:A") as watcher:
            await first_words(watcher)
            await live.in_thread(twice)
            heard = (await soon(watcher)).announcements
            while len(heard) < 2:
                heard += (await soon(watcher)).announcements
            assert heard == [{"changed": ["owed"]}, {"entry": 1}]

    play(story)


def test_a_cut_line_to_the_database_comes_back_and_every_watcher_catches_up():
    def cut() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE 'LISTEN %%' AND pid <> pg_backend_pid()"
            )
            assert cursor.fetchall() == [(True,)]

    async def story() -> None:
        hub = live.hub()
        with hub.watch("incident:A") as watcher:
            await first_words(watcher)
            await live.in_thread(cut)
            assert (await soon(watcher)).must_catch_up
            assert hub.is_listening
            await live.in_thread(ring, "incident:A", entry=3)
            assert (await soon(watcher)).announcements == [{"entry": 3}]

    play(story)


def test_a_watcher_that_falls_behind_is_told_to_catch_up_and_keeps_no_pile():
    async def story() -> None:
        watcher = live.Watcher()
        for number in range(live.MOST_PENDING + 5):
            watcher.hear([{"entry": number}])

        heard = await watcher.next()

        assert heard.must_catch_up
        assert heard.announcements == [
            {"entry": number} for number in range(live.MOST_PENDING + 1, live.MOST_PENDING + 5)
        ]

    play(story)


def test_when_the_last_watcher_has_gone_nothing_is_left_listening():
    def listeners() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %%'"
                " AND pid <> pg_backend_pid()"
            )
            return int(cursor.fetchone()[0])

    async def story() -> None:
        hub = live.hub()
        with hub.watch("incident:A") as watcher:
            await first_words(watcher)
            assert (hub.count(), await live.in_thread(listeners)) == (1, 1)
        assert hub.count() == 0
        await asyncio.wait_for(until_none(listeners), 10)

    async def until_none(count: Callable[[], int]) -> None:
        while await live.in_thread(count):
            await asyncio.sleep(0.02)

    play(story)


def test_bytes_are_made_once_for_all_who_watch():
    made: list[list[int]] = []

    def make(numbers: list[int]) -> dict[int, bytes]:
        made.append(numbers)
        return {number: b"%d" % number for number in numbers}

    async def story() -> None:
        shelf = live.Shelf()
        answers = await asyncio.gather(*(shelf.take("incident:A", range(1, 4), make) for _ in range(50)))
        assert answers == [[(1, b"1"), (2, b"2"), (3, b"3")]] * 50
        assert made == [[1, 2, 3]]
        assert await shelf.take("incident:B", [1], make) == [(1, b"1")]
        assert made == [[1, 2, 3], [1]]

    play(story)


def test_what_is_announced_is_prepared_once_before_any_watcher_hears_it():
    prepared: list[live.Announcement] = []

    async def prepare(said: list[live.Announcement]) -> None:
        await asyncio.sleep(0)
        prepared.extend(said)

    async def story() -> None:
        hub = live.hub()
        with hub.watch("incident:A", prepare) as one, hub.watch("incident:A", prepare) as two:
            await asyncio.gather(first_words(one), first_words(two))
            await live.in_thread(ring, "incident:A", entry=1)
            assert (await soon(one)).announcements == [{"entry": 1}] == prepared
            assert (await soon(two)).announcements == [{"entry": 1}]
        assert prepared == [{"entry": 1}]

    play(story)


def test_what_cannot_be_prepared_is_heard_all_the_same(caplog):
    async def fail(said: list[live.Announcement]) -> None:
        raise ConnectionError(str(said))

    async def story() -> None:
        with live.hub().watch("incident:A", fail) as watcher:
            await first_words(watcher)
            for number in (1, 2):
                await live.in_thread(ring, "incident:A", entry=number)
                assert (await soon(watcher)).announcements == [{"entry": number}]

    play(story)
    assert "could not be prepared" in caplog.text


def test_a_watcher_without_news_is_woken_as_long_as_the_database_is_heard(monkeypatch):
    monkeypatch.setattr("core.live.listener.BEAT_SECONDS", 0.01)

    async def story() -> None:
        with live.hub().watch("incident:A") as watcher:
            await first_words(watcher)
            assert [bool(await soon(watcher)) for _ in range(3)] == [False] * 3

    play(story)


def test_an_event_with_line_breaks_is_one_event():
    assert live.event("entry", "<li>\na</li>", number=3) == b"event: entry\nid: 3\ndata: <li>\ndata: a</li>\n\n"
    assert (
        live.event("entry", "a\r\nid: 9\rb\u2028c")
        == "event: entry\ndata: a\ndata: id: 9\ndata: b\u2028c\n\n".encode()
    )
    assert live.event("changed", "") == b"event: changed\ndata: \n\n"
