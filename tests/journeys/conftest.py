"""What the journeys of the policies share: a clock in Berlin, and the telephones and the chat of everybody."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.journeys.sink import Sink, open_sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    """The chat, and everybody's telephone."""
    with open_sink() as opened:
        yield opened


@pytest.fixture
def in_berlin(settings: Any) -> None:
    """The organisation lives in Berlin."""
    settings.TIME_ZONE = "Europe/Berlin"
