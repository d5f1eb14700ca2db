"""The people and the incident of every test here."""

import pytest

from accounts.actor import Actor
from incidents.models import Incident
from postmortems.actions.postmortem import open_postmortem
from postmortems.models import Postmortem
from tests.factories.accounts import UserFactory
from tests.factories.comms import ReachableUserFactory
from tests.postmortems.story import berlin, make_story


@pytest.fixture(autouse=True)
def _in_berlin(settings) -> None:
    settings.TIME_ZONE = "Europe/Berlin"


@pytest.fixture
def jens(db) -> Actor:
    return Actor(user=ReachableUserFactory(handle="jens"))


@pytest.fixture
def mira(db) -> Actor:
    return Actor(user=UserFactory(handle="mira"))


@pytest.fixture
def story(jens: Actor) -> Incident:
    """Resolved at 15:20, commanded by Jens, a postmortem owed within 48 hours."""
    return make_story(jens)


@pytest.fixture
def draft(story: Incident, jens: Actor) -> Postmortem:
    """The draft that the resolution opens."""
    return open_postmortem(story, by=jens, now=berlin("15:20"))
