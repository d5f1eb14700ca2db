"""A small ladder, Ana with her key, and a SEV2; the clock stands at NOW."""

import pytest
import time_machine as clock

from tests.api import Machine
from tests.factories import NOW
from tests.factories.accounts import UserFactory
from tests.factories.comms import ContactPointFactory
from tests.factories.incidents import IncidentFactory, level_of, make_ladder


@pytest.fixture(autouse=True)
def moment():
    with clock.travel(NOW, tick=False) as travelled:
        yield travelled


@pytest.fixture
def ladder(db):
    rung = UserFactory(handle="rung")
    ContactPointFactory(user=rung)
    return make_ladder(rung)


@pytest.fixture
def ana(db):
    return UserFactory(handle="ana", time_zone="Europe/Berlin")


@pytest.fixture
def incident(ladder):
    return IncidentFactory(level=level_of(ladder, "SEV2"), summary="Pipeline blocks spiking")


@pytest.fixture
def press(ana, incident):
    """What Ana's key answers at a door of the incident: status and JSON."""
    machine = Machine(ana)
    return lambda door, body: machine.post(f"/incidents/{incident.reference}/{door}", body)
