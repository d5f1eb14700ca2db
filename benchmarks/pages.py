"""How long pages take, in the process itself: no network, no server, only what Muster does."""

import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from urllib.parse import urlencode
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actor import MUSTER
from accounts.enums import AccessLevel
from accounts.models import User
from incidents.actions.ladder import make_default_ladder
from incidents.models import Incident, Level
from tests.factories.accounts import UserFactory
from tests.factories.comms import make_engine
from tests.factories.incidents import IncidentFactory, make_entries
from tests.factories.policy import read_preset
from tests.journeys.stage import set_stage

EMPTY = "/benchmark/empty"
ROUNDS = 60
WARM_UP = 5
MANY = 100_000


def measure_pages(level: Level) -> str:
    """Median milliseconds of each page, and of a declaration, as a ratio to the empty view; queries and kilobytes."""
    client, stranger = Client(), Client()
    people = UserFactory.create_batch(4, access=AccessLevel.ADMIN)
    client.force_login(people[0])
    make_engine(timezone.now() + timedelta(hours=1))  # it lives as long as this takes: no page cries that it stands
    pages = {"an empty view": EMPTY, "an empty view, signed in": "/benchmark/signed-in", **make_rooms(level, people)}

    def read(address: str) -> bytes:
        answer = (stranger if address == EMPTY else client).get(address)
        assert answer.status_code == 200, f"{address} answered {answer.status_code}"
        return bytes(answer.content)

    rows = {name: partial(read, address) for name, address in pages.items()}
    lines = [f"{'Pages':<34}{'ratio':>8}{'ms':>9}{'queries':>9}{'kB':>7}", *measured(rows)]
    # Declarations come last: each leaves an open incident on the board.
    service = policy_in_force("phases")
    for name in ("SEV1", "SEV3"):
        declare = partial(declare_by_form, client, {"level": name, "summary": "It is odd", "service": service})
        lines += measured({"an empty view": rows["an empty view"], f"declare, {name} of phases": declare})[1:]
    make_engine(timezone.now())
    return "\n".join(lines) + "\n"


def measured(rows: dict[str, Callable[[], bytes]]) -> list[str]:
    """A line for each row, the first of which is the reference."""
    times: dict[str, list[float]] = {name: [] for name in rows}
    for turn in range(ROUNDS + WARM_UP):  # in turn, so that a busy moment of the machine meets all of them
        for name, act in rows.items():
            began = time.perf_counter()
            act()
            took = time.perf_counter() - began
            if turn >= WARM_UP:
                times[name].append(took * 1000)
    reference = statistics.median(next(iter(times.values())))
    lines = []
    for name, act in rows.items():
        median = statistics.median(times[name])
        with CaptureQueriesContext(connection) as queries:
            size = len(act())
        lines.append(f"{name:<34}{median / reference:>8.1f}{median:>9.2f}{len(queries):>9}{size / 1000:>7.1f}")
    return lines


def make_rooms(level: Level, people: list[User]) -> dict[str, str]:
    """{name: address} of the board with all those incidents in its table, and of rooms with 10 and 1,000 entries."""
    declared_at = timezone.now() - timedelta(hours=20)
    found = {f"the board, {MANY:,} in the table": "/"}
    for count in (10, 1000):
        incident = IncidentFactory(level=level, declared_at=declared_at)
        make_entries(incident, count, people=people)
        found[f"the room, {count:,} entries"] = incident.get_absolute_url()
    found["the status document, 1,000 entries"] = f"{incident.get_absolute_url()}status.md"
    make_closed(IncidentFactory(level=level, declared_at=declared_at, closed=True), MANY)
    return found


def make_closed(incident: Incident, count: int) -> None:
    """`count` incidents that are over, each like `incident`."""
    own = {"id": "nextval(pg_get_serial_sequence('incidents_incident', 'id'))"}
    own |= {"number": "number + step", "reference": "'INC-20200101-' || step"}
    columns = [field.column for field in Incident._meta.concrete_fields]
    values = ", ".join(own.get(column, f'"{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO incidents_incident ({names}) SELECT {values} "
            "FROM incidents_incident, generate_series(1000, 999 + %s) AS step WHERE id = %s",
            [count, incident.pk],
        )
        cursor.execute("ANALYZE")


def policy_in_force(preset: str) -> str:
    """The policy of a preset with everybody whom it names, for the next declaration; the slug of its service."""
    stage = set_stage(read_preset(preset), "http://127.0.0.1:1", now=timezone.now())
    make_default_ladder(stage.ladder.ladder, by=MUSTER, now=timezone.now())
    return stage.service.slug


def declare_by_form(client: Client, words: dict[str, str]) -> bytes:
    """One press of Declare."""
    typed = urlencode({**words, "submission_key": uuid4()})
    answer = client.post("/declare/", typed, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return bytes(answer.content)
