"""The live door: who may watch, what they receive, and that a reconnect misses nothing."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from asgiref.sync import sync_to_async
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient, Client

from accounts.actor import Actor
from accounts.models import AudienceMember, User
from comms.enums import MessageKind
from comms.models import Message
from comms.signals import message_delivered
from core import live
from core.signals import announce
from incidents.actions.attachment import add_files
from incidents.models import Incident, TimelineEntry
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.checklist import PNG
from tests.factories.comms import MessageFactory
from tests.factories.incidents import IncidentFactory, TimelineEntryFactory, make_entries

pytestmark = pytest.mark.django_db(transaction=True)


class Browser:
    """What an event source sees of one stream."""

    def __init__(self, content: AsyncIterator[bytes]) -> None:
        self.content = content
        self.rest: list[str] = []

    async def next(self, name: str) -> dict[str, str]:
        """The next event called `name`; others are passed over."""
        while True:
            said = await self.event()
            if said["event"] == name:
                return said

    async def event(self) -> dict[str, str]:
        """The next event, as {event, id, data}; StopAsyncIteration when the stream has ended."""
        while True:
            while self.rest:
                fields: dict[str, str] = {"event": "", "id": "", "data": ""}
                for line in self.rest.pop(0).splitlines():
                    key, _, value = line.partition(": ")
                    fields[key] = f"{fields[key]}\n{value}" if fields.get(key) else value
                if fields["event"]:
                    return fields
            chunk = await asyncio.wait_for(anext(self.content), 10)
            self.rest = [part for part in chunk.decode().split("\n\n") if part]


async def watch(user: User | None, incident: Incident, **asked: str) -> Browser:
    client = AsyncClient()
    if user:
        await client.aforce_login(user)
    after = f"?after={asked.pop('after')}" if "after" in asked else ""
    response = await client.get(f"/incidents/{incident.reference}/stream{after}", headers=asked)
    assert (response.status_code, response["Content-Type"]) == (200, "text/event-stream")
    return Browser(aiter(response))


def play(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(story())


def test_a_number_without_end_begins_now() -> None:
    incident, ana = IncidentFactory(), UserFactory()
    make_entries(incident, 2)

    async def story() -> None:
        for asked in ({"after": "9" * 5000}, {"Last-Event-ID": "9" * 5000}):
            browser = await watch(ana, incident, **asked)
            assert (await browser.event())["event"] == "changed"

    play(story)


def write(incident: Incident, text: str) -> TimelineEntry:
    entry = TimelineEntryFactory(incident=Incident.objects.get(pk=incident.pk), text=text)
    live.announce(incident.subject_key, {"entry": entry.number})
    return entry


def test_a_new_entry_reaches_every_watcher_with_its_number_as_the_id():
    ana, jens = UserFactory(handle="ana"), UserFactory()
    incident = IncidentFactory()

    async def story() -> None:
        browsers = [await watch(user, incident) for user in (ana, jens)]
        for browser in browsers:
            await browser.next("beat")

        entry = await live.in_thread(write, incident, "hotfix **merged**")

        seen = [await browser.next("entry") for browser in browsers]
        assert [said["id"] for said in seen] == ["1", "1"]
        assert seen[0] == seen[1]
        assert "hotfix <strong>merged</strong>" in seen[0]["data"]
        assert f'<span class="who">{entry.author}</span>' in seen[0]["data"]
        assert 'id="entry-1"' in seen[0]["data"]

    play(story)


@pytest.mark.parametrize("asked", [{"Last-Event-ID": "2"}, {"after": "2"}])
def test_a_reconnect_receives_from_the_rows_what_it_missed_and_nothing_twice(asked):
    ana, incident = UserFactory(), IncidentFactory()
    make_entries(incident, 5, people=[ana])

    async def story() -> None:
        browser = await watch(ana, incident, **asked)
        assert [(await browser.next("entry"))["id"] for _ in range(3)] == ["3", "4", "5"]
        await live.in_thread(write, incident, "the sixth")
        assert (await browser.next("entry"))["id"] == "6"

    play(story)


def test_more_than_one_batch_of_missed_entries_arrives_whole_and_in_order():
    ana, incident = UserFactory(), IncidentFactory()
    make_entries(incident, 450, people=[ana])

    async def story() -> None:
        browser = await watch(ana, incident, after="0")
        assert [(await browser.next("entry"))["id"] for _ in range(450)] == [str(number) for number in range(1, 451)]

    play(story)


@pytest.mark.parametrize("asked", ["99", "-1", "abc", "²"])
def test_a_nonsense_position_begins_at_the_end(asked):
    ana, incident = UserFactory(), IncidentFactory()
    make_entries(incident, 3, people=[ana])

    async def story() -> None:
        browser = await watch(ana, incident, after=asked)
        await live.in_thread(write, incident, "the fourth")
        assert (await browser.next("entry"))["id"] == "4"

    play(story)


def test_files_that_are_put_beside_an_older_entry_come_with_the_line_that_says_so():
    incident, ana = IncidentFactory(), UserFactory()
    make_entries(incident, 3)

    async def story() -> None:
        late, there = await watch(ana, incident, after="3"), await watch(ana, incident)
        picture = SimpleUploadedFile("graph.png", PNG)
        await sync_to_async(add_files)(incident, by=Actor(ana), now=NOW, number=2, files=[picture])
        for browser in (late, there, await watch(ana, incident, after="3")):
            said, again = await browser.next("entry"), await browser.next("entry")
            assert (said["id"], again["id"]) == ("4", "")
            assert 'id="entry-2"' in again["data"]
            assert "graph.png" in again["data"]

    play(story)

    client = Client()
    client.force_login(ana)
    shown = client.get(f"/incidents/{incident.reference}/timeline/?after=3", headers={"HX-Request": "true"})
    assert re.findall('id="(entry-[0-9]+)"', shown.content.decode()) == ["entry-4", "entry-2"]


def test_names_of_changed_parts_are_passed_on():
    ana, incident = UserFactory(), IncidentFactory()

    async def story() -> None:
        browser = await watch(ana, incident)
        assert (await browser.next("changed"))["data"] == "*"
        await live.in_thread(live.announce, incident.subject_key, {"changed": ["people", "band"]})
        assert (await browser.next("changed"))["data"] == "band people"

    play(story)


def test_a_ring_that_has_left_is_seen_at_once():
    ana, incident = UserFactory(), IncidentFactory()
    ring = MessageFactory(kind=MessageKind.PAGE, subject_key=incident.subject_key, sent=True)
    notice = MessageFactory(kind=MessageKind.NOTICE, subject_key=incident.subject_key, sent=True)

    def deliver(message: Message) -> None:
        announce(message_delivered, Message, message=message, now=NOW)

    async def story() -> None:
        browser = await watch(ana, incident)
        await browser.next("beat")
        await live.in_thread(deliver, notice)
        await live.in_thread(deliver, ring)
        assert (await browser.next("changed"))["data"] == "band people"

    play(story)


def test_a_stranger_to_a_private_incident_is_told_that_there_is_none():
    ana, stranger = UserFactory(), UserFactory()
    incident = IncidentFactory(private_to=[ana], summary="Stolen laptop")

    async def story() -> None:
        client = AsyncClient()
        await client.aforce_login(stranger)
        response = await client.get(f"/incidents/{incident.reference}/stream")
        assert response.status_code == 404
        assert b"Stolen" not in response.content
        assert (await client.get("/incidents/INC-1-1/stream")).status_code == 404
        assert (await (await watch(ana, incident)).event())["event"] == "changed"

    play(story)


def test_who_loses_the_right_to_see_is_cut_off_before_the_next_entry():
    ana, bea = UserFactory(), UserFactory()
    incident = IncidentFactory(private_to=[ana, bea])

    def shut_out() -> None:
        AudienceMember.objects.filter(user=ana).delete()
        live.announce(incident.subject_key, {"audience": True})
        write(incident, "a secret")

    async def story() -> None:
        out, stays = await watch(ana, incident), await watch(bea, incident)
        for browser in (out, stays):
            await browser.next("beat")

        await live.in_thread(shut_out)

        assert (await out.event()) == {"event": "gone", "id": "", "data": "You may no longer see this incident."}
        with pytest.raises(StopAsyncIteration):
            await out.event()
        assert "a secret" in (await stays.next("entry"))["data"]

    play(story)


def test_who_is_signed_out_is_told_so_and_sees_nothing():
    incident = IncidentFactory()
    make_entries(incident, 1)

    async def story() -> None:
        browser = await watch(None, incident, after="0")
        assert (await browser.event())["event"] == "gone"
        with pytest.raises(StopAsyncIteration):
            await browser.event()

    play(story)


def test_a_reader_who_goes_away_leaves_nothing_behind():
    ana, incident = UserFactory(), IncidentFactory()

    async def story() -> None:
        browser = await watch(ana, incident)
        await browser.next("beat")
        assert live.hub().count() == 1
        waiting = asyncio.create_task(browser.next("entry"))
        await asyncio.sleep(0)

        waiting.cancel()

        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert live.hub().count() == 0

    play(story)
