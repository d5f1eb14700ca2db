"""How soon a watcher sees what somebody else wrote: from the press to the bytes at an open stream."""

import statistics
import time
from dataclasses import dataclass
from threading import Event, Thread
from uuid import uuid4

import httpx
from django.test import Client
from django.utils import timezone

from accounts.actor import Actor
from accounts.enums import AccessLevel
from config.asgi import application
from incidents.actions.composer import post_line
from incidents.models import Incident, Level
from tests.browser.server import MusterServer
from tests.factories.accounts import UserFactory
from tests.factories.incidents import IncidentFactory

ROUNDS = 40


class Watcher(Thread):
    """Reads one stream over the network; `seen` is set whenever an entry has arrived."""

    def __init__(self, address: str, cookie: str) -> None:
        super().__init__(daemon=True)
        self.address = address
        self.cookie = cookie
        self.open = Event()
        self.seen = Event()

    def run(self) -> None:
        """Until it has seen as many entries as there are rounds."""
        entries = 0
        with (
            httpx.Client(cookies={"sessionid": self.cookie}, timeout=30) as client,
            client.stream("GET", self.address) as answer,
        ):
            for line in answer.iter_lines():
                self.open.set()
                entries += line == "event: entry"
                if line == "event: entry":
                    self.seen.set()
                if entries == ROUNDS:
                    return


@dataclass(frozen=True)
class LiveRoom:
    """A room on a server: who writes in it, the address of its stream, and the session of who watches."""

    incident: Incident
    writer: Actor
    server: MusterServer
    address: str
    session: str


def live_room(level: Level) -> LiveRoom:
    """One that is served; the caller stops the server."""
    writer, reader = UserFactory.create_batch(2, access=AccessLevel.RESPONDER)
    incident = IncidentFactory(level=level, declared_at=timezone.now())
    client = Client()
    client.force_login(reader)
    server = MusterServer(application)
    server.start()
    address = f"{server.url}{incident.get_absolute_url()}stream"
    return LiveRoom(incident, Actor(writer), server, address, client.cookies["sessionid"].value)


def measure_live(level: Level) -> str:
    """Median and slowest milliseconds between the press and the watcher, and what the press itself took."""
    room = live_room(level)
    watcher = Watcher(room.address, room.session)
    watcher.start()
    assert watcher.open.wait(20), "the stream did not begin"
    arrivals, presses = [], []
    for number in range(ROUNDS):
        watcher.seen.clear()
        began = time.perf_counter()
        post_line(room.incident, by=room.writer, now=timezone.now(), line=f"Note {number}", submission_key=uuid4())
        presses.append((time.perf_counter() - began) * 1000)
        assert watcher.seen.wait(20), f"entry {number} never arrived"
        arrivals.append((time.perf_counter() - began) * 1000)
    watcher.join()
    room.server.stop()
    return (
        f"{'Live, in ms':<34}{'median':>8}{'slowest':>9}\n"
        f"{'to write a note':<34}{statistics.median(presses):>8.1f}{max(presses):>9.1f}\n"
        f"{'until a watcher has it':<34}{statistics.median(arrivals):>8.1f}{max(arrivals):>9.1f}\n"
    )
