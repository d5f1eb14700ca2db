"""A small ladder, the people of the story, and a declared incident."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from comms.models import Subscription
from incidents.actions.declare import declare_incident
from incidents.enums import PromiseKind
from incidents.models import Incident, LadderVersion, Level, Promise, StatusUpdate
from incidents.signals import public_update_posted
from tests.factories.accounts import ActorFactory
from tests.factories.comms import ReachableUserFactory, SubscriptionFactory
from tests.factories.incidents import DutyFactory, LevelFactory, level_of, make_ladder


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


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """Every public word that was announced."""
    words: list[str] = []

    def hear(update: StatusUpdate, **_: Any) -> None:
        words.append(update.public_text)

    public_update_posted.connect(hear)
    yield words
    public_update_posted.disconnect(hear)


def public_level(ladder: LadderVersion) -> Level:
    """A level at which the public hears of it within five minutes, and executives every 30."""
    level = LevelFactory(version=ladder, name="P0", rank=0, is_public=True)
    DutyFactory(level=level, kind=PromiseKind.STATUS_UPDATE, within="15 min", told_where=["incidents"])
    DutyFactory(level=level, kind=PromiseKind.PUBLIC_UPDATE, within="5 min", owed_by="comms", remind_before="2 min")
    DutyFactory(level=level, kind=PromiseKind.EXECUTIVE_BRIEF, within="30 min", told_where=["executives"])
    return level


@pytest.fixture
def outage(ladder: LadderVersion, ana: Actor, now: datetime) -> Incident:
    """A P0 that Ana declared now."""
    SubscriptionFactory(name="executives")
    return declare_incident(by=ana, now=now, level=public_level(ladder), summary="Everything is down")


def open_promises(incident: Incident) -> dict[str, datetime]:
    return {row.kind: row.due_at for row in Promise.objects.undone().filter(incident=incident)}
