"""Whatever people do, in whatever order: what always holds of an incident holds after each step."""

import os
from copy import copy
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.models import User
from core.errors import Refused
from incidents.actions.declare import declare_incident
from incidents.enums import IncidentStatus
from incidents.models import Incident, LadderVersion
from incidents.permissions import can_see
from tests.factories import NOW
from tests.incidents.actions.conftest import texts
from tests.incidents.actions.sequences.acts import ACTS, ENDS, OF_A_CLOSED_RECORD
from tests.incidents.actions.sequences.holds import unwatched, wrong

PERSON = st.integers(0, 2)
# Seconds before a step: at once, past the ten of a raise, past a cadence, past a watch.
WAIT = st.sampled_from([0, 11, 900, 1860])
# A story is told with few acts, each often: so they meet. An end of the story comes seldom.
SOME = st.lists(st.sampled_from(sorted(ACTS)), min_size=4, max_size=9, unique=True)


def story_of(names: list[str]) -> st.SearchStrategy[list[tuple[str, int, int, int]]]:
    often = [name for name in names if name not in ENDS] * 3 + names
    return st.lists(st.tuples(st.sampled_from(often), PERSON, PERSON, WAIT), min_size=4, max_size=20)


# MUSTER_SEQUENCES=2000 looks longer than a test run may.
EXAMPLES = int(os.environ.get("MUSTER_SEQUENCES", "25"))


def step(incident: Incident, name: str, by: Actor, user: User, now: datetime) -> None:
    """One act, which is done whole, or refused and has written nothing."""
    before, said = copy(incident), texts(incident)
    is_shut = before.status == IncidentStatus.CLOSED and name not in OF_A_CLOSED_RECORD
    is_outside = not can_see(by, incident) and name != "sweep"
    try:
        ACTS[name](incident, by, user, now)
    except Refused:
        assert texts(incident) == said, f"{name} was refused and wrote"
    else:
        is_new = texts(incident) != said
        assert not (is_shut and is_new), f"{name} in a closed record"
        assert not (is_outside and is_new), f"{name} by somebody outside"
        if name == "resolve":
            assert unwatched(before, now) == ""
    incident.refresh_from_db()
    assert wrong(incident) == [], f"after {name}"


@pytest.mark.timeout(max(120, EXAMPLES * 2))
@given(level=st.sampled_from(["SEV1", "SEV2"]), story=SOME.flatmap(story_of))
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_sequence_of_acts_breaks_what_always_holds(
    ladder: LadderVersion, ana: Actor, jens: User, mira: User, level: str, story: list[tuple[str, int, int, int]]
) -> None:
    people = [ana.user, jens, mira]
    with transaction.atomic():
        now = NOW
        start = ladder.levels.get(name=level)
        incident = declare_incident(by=ana, now=now, level=start, summary="Pipeline blocks spiking")
        for name, by, user, seconds in story:
            now += timedelta(seconds=seconds)
            step(incident, name, Actor(people[by]), people[user], now)
        transaction.set_rollback(True)
