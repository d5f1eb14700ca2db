"""Whatever people do, in whatever order: what always holds of an incident holds after each step.

Each story is told with a few acts that come again and again, so that they meet; the same number tells the same story.
MUSTER_STORIES=1000 tells more of them than a run of the tests may, MUSTER_STORIES_FROM begins with another number.
"""

import os
from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta
from functools import partial
from random import Random

import pytest
from django.db import transaction

from accounts.actor import Actor
from accounts.models import User
from core.errors import Refused
from incidents.actions.declare import declare_incident
from incidents.enums import IncidentStatus
from incidents.models import Incident, LadderVersion
from incidents.permissions import can_see
from tests.factories import NOW
from tests.incidents.actions.conftest import texts
from tests.incidents.actions.sequences.acts import ACTS, FAMILIES, OF_A_CLOSED_RECORD
from tests.incidents.actions.sequences.holds import unwatched, wrong

FROM = int(os.environ.get("MUSTER_STORIES_FROM", "0"))
STORIES = int(os.environ.get("MUSTER_STORIES", "20"))
LENGTH = 24
LEVELS = ("SEV1", "SEV2")
# Seconds before a step: at once, past the ten of a raise, past a cadence, past a watch.
WAITS = (0, 0, 11, 900, 1860)
# (act, index of who does it, index of whom it concerns, seconds before it)
Step = tuple[str, int, int, int]


def story_of(number: int) -> list[Step]:
    """The story of this number: acts of three families in any order, and the worker's tick."""
    chance = Random(number)
    names = ["sweep", *(name for family in chance.sample(FAMILIES, 3) for name in family)]
    order = [(chance.choice(names), chance.randrange(3), chance.randrange(3)) for _ in range(LENGTH)]
    return [(*one, chance.choice(WAITS)) for one in order]


def step(incident: Incident, name: str, by: Actor, user: User, now: datetime) -> None:
    """One act, which is done whole, or refused and has written nothing."""
    before, said = copy(incident), texts(incident)
    is_shut = before.status == IncidentStatus.CLOSED and name not in OF_A_CLOSED_RECORD
    is_outside = not can_see(by, incident) and name != "sweep"
    try:
        ACTS[name](incident, by, user, now)
    except Refused:
        assert texts(incident) == said, f"{name} was refused and wrote"
        return
    is_new = texts(incident) != said
    assert not (is_shut and is_new), f"{name} in a closed record"
    assert not (is_outside and is_new), f"{name} by somebody outside"
    if name == "resolve":
        assert unwatched(before, now) == ""
    incident.refresh_from_db()
    faults = wrong(incident)
    assert faults == [], f"after {name}: {faults}"


def shortest(story: list[Step], fault_of: Callable[[list[Step]], str]) -> tuple[list[Step], str]:
    """`story` without each step that its fault does not need, and the fault."""
    fault = fault_of(story)
    for place in reversed(range(len(story) if fault else 0)):
        shorter = story[:place] + story[place + 1 :]
        if still := fault_of(shorter):
            story, fault = shorter, still
    return story, fault


@pytest.mark.timeout(max(120, STORIES * 5))
def test_no_sequence_of_acts_breaks_what_always_holds(
    ladder: LadderVersion, ana: Actor, jens: User, mira: User
) -> None:
    people = [ana.user, jens, mira]

    def fault_of(level: str, story: list[Step]) -> str:
        with transaction.atomic():
            now, start = NOW, ladder.levels.get(name=level)
            incident = declare_incident(by=ana, now=now, level=start, summary="Pipeline blocks spiking")
            try:
                for name, by, user, seconds in story:
                    now += timedelta(seconds=seconds)
                    step(incident, name, Actor(people[by]), people[user], now)
            except AssertionError as fault:
                return str(fault).partition("\n")[0]
            finally:
                transaction.set_rollback(True)
        return ""

    numbers = range(FROM, FROM + STORIES)
    told = {one: shortest(story_of(one), partial(fault_of, LEVELS[one % 2])) for one in numbers}
    assert {one: found for one, found in told.items() if found[1]} == {}


def test_every_act_is_in_some_story() -> None:
    assert {name for family in FAMILIES for name in family} | {"sweep"} == ACTS.keys()
