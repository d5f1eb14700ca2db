"""A pasted block: each line dated in the writer's zone, refused whole with the number of the line at fault."""

import uuid
from datetime import datetime, timedelta

import pytest

from accounts.actor import Actor
from core.errors import InvalidInput
from incidents.actions.paste import add_lines, read_lines
from incidents.models import Incident
from tests.factories.accounts import ActorFactory, UserFactory
from tests.incidents.actions.conftest import texts

BLOCK = """
14:03 first alert
- 14:05:30 — ana looks at the graphs
and finds nothing
[~14:10] rolled back

2026-04-17 23:59 a deploy
"""


@pytest.fixture
def berliner(db: None) -> Actor:
    return ActorFactory(user=UserFactory(handle="bea", time_zone="Europe/Berlin"))


def test_lines_are_read_in_the_writers_zone(berliner: Actor, now: datetime) -> None:
    day = now.replace(second=0)
    found = [
        (line.number, line.happened_at, line.is_about, line.text) for line in read_lines(BLOCK, by=berliner, now=now)
    ]

    assert found == [
        (2, day.replace(hour=12, minute=3), False, "first alert"),
        (3, day.replace(hour=12, minute=5, second=30), False, "ana looks at the graphs\nand finds nothing"),
        (5, day.replace(hour=12, minute=10), True, "rolled back"),
        (7, day.replace(day=17, hour=21, minute=59), False, "a deploy"),
    ]


def test_a_block_over_midnight_keeps_its_order(berliner: Actor, now: datetime) -> None:
    block = "14:03 it begins\n23:58 it is worse\n00:05 it is over"

    moments = [line.happened_at for line in read_lines(block, by=berliner, now=now)]

    assert moments == sorted(moments)
    assert (moments[1] - moments[0], moments[2] - moments[1]) == (
        timedelta(hours=9, minutes=55),
        timedelta(minutes=7),
    )
    assert now - moments[2] < timedelta(days=1)


def test_lines_a_little_out_of_order_stay_on_their_day(berliner: Actor, now: datetime) -> None:
    first, second = read_lines("14:05 ana looks\n14:03 first alert", by=berliner, now=now)

    assert first.happened_at - second.happened_at == timedelta(minutes=2)


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ("", "There is nothing written yet."),
        ("no time\n14:03 x", "Line 1 has no time in front; write it like “14:03 text”."),
        ("14:03 x\n14:05", "Line 2: There is nothing written yet."),
        ("14:03 x\n25:05 y", "Line 2: “25:05” is not a time; write it like “14:15” or “-10m”."),
        ("14:03 x\n2026-04-18 14:24 y", "Line 2: 2026-04-18 14:24 CEST has not come yet."),
        ("14:03 x\n\n2026-02-30 14:24 y", "Line 3: “2026-02-30 14:24” is no moment."),
        ("1970-01-01 00:00 y", "Line 1: A moment lies between 2000 and 2100."),
        ("14:03 x\n" * 201, "These are 201 entries; paste 200 at most at once."),
    ],
)
def test_a_block_that_cannot_be_read_names_its_line_and_writes_nothing(
    incident: Incident, berliner: Actor, now: datetime, block: str, says: str
) -> None:
    before = texts(incident)

    with pytest.raises(InvalidInput) as refused:
        add_lines(incident, by=berliner, now=now, lines=block)

    assert (str(refused.value), refused.value.field, texts(incident)) == (says, "lines", before)


def test_all_lines_are_written_once_however_often_they_are_sent(
    incident: Incident, berliner: Actor, now: datetime
) -> None:
    before, key = texts(incident), uuid.uuid4()
    for _ in range(2):
        add_lines(incident, by=berliner, now=now + timedelta(seconds=1), lines=BLOCK, submission_key=key)

    assert texts(incident)[len(before) :] == [
        "first alert",
        "ana looks at the graphs\nand finds nothing",
        "rolled back",
        "a deploy",
    ]
    assert incident.entries.filter(is_about=True).count() == 1


def test_a_command_in_a_pasted_block_is_only_text(incident: Incident, berliner: Actor, now: datetime) -> None:
    add_lines(incident, by=berliner, now=now, lines="14:03 /resolve")

    incident.refresh_from_db()
    assert (texts(incident)[-1], incident.status) == ("/resolve", "investigating")
