"""What the journeys of the policies share: a clock in Berlin, and the telephones and the chat of everybody."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.factories.policy import read_preset
from tests.journeys.night import Night
from tests.journeys.sink import Sink, open_sink
from tests.journeys.stage import Stage, set_stage


@pytest.fixture
def sink() -> Iterator[Sink]:
    """The chat, and everybody's telephone."""
    with open_sink() as opened:
        yield opened


@pytest.fixture
def in_berlin(settings: Any) -> None:
    """The organisation lives in Berlin."""
    settings.TIME_ZONE = "Europe/Berlin"


@pytest.fixture
def stage(request: pytest.FixtureRequest, sink: Sink) -> Stage:
    """The preset of a journey in force at the beginning of its day."""
    journey = request.module
    return set_stage(read_preset(journey.PRESET), sink.url, now=journey.BEGINS)


@pytest.fixture
def night(db: None) -> Night:
    """Two groups are on call."""
    return Night()
