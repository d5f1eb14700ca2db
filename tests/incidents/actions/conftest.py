"""A small ladder, the people of the story, and a declared incident."""

from datetime import datetime

import pytest

from accounts.actor import Actor
from accounts.models import User
from comms.models import Subscription
from incidents.actions.declare import declare_incident
from incidents.models import Incident, LadderVersion
from tests.factories.accounts import ActorFactory
from tests.factories.comms import ReachableUserFactory, SubscriptionFactory
from tests.factories.incidents import level_of, make_ladder


@pytest.fixture
def jens(db: None) -> User:
    """On call; in Berlin."""
    return ReachableUserFactory(handle="jens", time_zone="Europe/Berlin")


@pytest.fixture
def mira(db: None) -> User:
    """The next in the chain."""
    return ReachableUserFactory(handle="mira")


@pytest.fixture
def channel(db: None) -> Subscription:
    """#incidents."""
    return SubscriptionFactory(name="incidents")


@pytest.fixture
def ladder(jens: User, mira: User, channel: Subscription) -> LadderVersion:
    """SEV1 to SEV3; Jens is rung, then Mira."""
    return make_ladder(jens, mira)


@pytest.fixture
def ana(db: None) -> Actor:
    """Who declares: a responder by web."""
    return ActorFactory(user=ReachableUserFactory(handle="ana"))


@pytest.fixture
def incident(ladder: LadderVersion, ana: Actor, now: datetime) -> Incident:
    """A SEV2 that Ana declared now."""
    return declare_incident(by=ana, now=now, level=level_of(ladder, "SEV2"), summary="Pipeline blocks spiking")


def texts(incident: Incident) -> list[str]:
    """What the timeline says, oldest first."""
    return list(incident.entries.order_by("number").values_list("text", flat=True))
