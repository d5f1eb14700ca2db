"""How long pages take, in the process itself: no network, no server, only what Muster does."""

import statistics
import time
from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import AccessLevel
from accounts.models import User
from incidents.models import Level
from tests.factories.accounts import UserFactory
from tests.factories.incidents import IncidentFactory, make_entries

EMPTY = "/benchmark/empty"
ROUNDS = 60
WARM_UP = 5


def measure_pages(level: Level) -> str:
    """Median milliseconds of each page, as a ratio to the empty view, with its queries and kilobytes."""
    client, stranger = Client(), Client()
    people = UserFactory.create_batch(4, access=AccessLevel.ADMIN)
    client.force_login(people[0])
    pages = {"an empty view": EMPTY, "an empty view, signed in": "/benchmark/signed-in", **make_rooms(level, people)}
    times: dict[str, list[float]] = {name: [] for name in pages}
    for turn in range(ROUNDS + WARM_UP):  # in turn, so that a busy moment of the machine meets all of them
        for name, address in pages.items():
            began = time.perf_counter()
            answer = stranger.get(address) if address == EMPTY else client.get(address)
            took = time.perf_counter() - began
            assert answer.status_code == 200, f"{address} answered {answer.status_code}"
            if turn >= WARM_UP:
                times[name].append(took * 1000)
    reference = statistics.median(times["an empty view"])
    lines = [f"{'Pages':<34}{'ratio':>8}{'ms':>9}{'queries':>9}{'kB':>7}"]
    for name, address in pages.items():
        median = statistics.median(times[name])
        queries, size = weigh(stranger if address == EMPTY else client, address)
        lines.append(f"{name:<34}{median / reference:>8.1f}{median:>9.2f}{queries:>9}{size / 1000:>7.1f}")
    return "\n".join(lines) + "\n"


def make_rooms(level: Level, people: list[User]) -> dict[str, str]:
    """{name: address} of the board, and of incidents with 10 and with 1,000 entries."""
    declared_at = timezone.now() - timedelta(hours=20)
    found = {"the board": "/"}
    for count in (10, 1000):
        incident = IncidentFactory(level=level, declared_at=declared_at)
        make_entries(incident, count, people=people)
        found[f"the room, {count:,} entries"] = incident.get_absolute_url()
    found["the status document, 1,000 entries"] = f"{incident.get_absolute_url()}status.md"
    return found


def weigh(client: Client, address: str) -> tuple[int, int]:
    """The queries of one page, and its bytes."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
    return len(queries), len(answer.content)
